import type { Expression, MemberExpression, Node } from 'oxc-parser'
import { isReferenceIdentifier, ScopeTracker, walk } from 'oxc-walker'
import { lineOf, type Finding, type Source } from './sources.ts'

const clocks = new Set([
  'setTimeout',
  'setInterval',
  'setImmediate',
  'performance',
  'Date.now',
  'AbortSignal.timeout',
])
const draws = new Set(['Math.random', 'crypto.randomUUID', 'crypto.getRandomValues'])
const impure = new Set([...clocks, 'crypto', 'fetch', 'Math.random'])
const globalObjects = new Set(['globalThis', 'self'])

/** Uses of the clock, of randomness, of timers or of the network that reach past what the caller passed in. */
export function impureGlobals(source: Source): Finding[] {
  return usesOf(source, impure).map(({ use, ...place }) => ({
    ...place,
    rule: `no ${use} below core/ and replay/`,
  }))
}

/** Uses of the clock and of timers that reach past what the caller passed in. */
export function ownClocks(source: Source): Finding[] {
  return usesOf(source, clocks).map(({ use, ...place }) => ({ ...place, rule: `no ${use}, but a Time` }))
}

/** Draws and ids that reach past what the caller passed in. */
export function ownDraws(source: Source): Finding[] {
  const imported = source.program.body.flatMap((statement) => {
    if (statement.type !== 'ImportDeclaration') return []
    const names = statement.specifiers.map(({ local }) => local.name)
    return names.includes('newId')
      ? [{ path: source.path, line: lineOf(source.text, statement.start), use: 'newId' }]
      : []
  })
  return [...imported, ...usesOf(source, draws)].map(({ use, ...place }) => ({
    ...place,
    rule: `no ${use}, but a Chance`,
  }))
}

type Use = Omit<Finding, 'rule'> & { readonly use: string }

function usesOf({ path, text, program }: Source, forbidden: ReadonlySet<string>): Use[] {
  const scopeTracker = new ScopeTracker({ preserveExitedScopes: true })
  walk(program, { scopeTracker }) // a first pass, for names declared below their use
  scopeTracker.freeze()
  const uses: Use[] = []
  const isFree = (name: string) => !scopeTracker.isDeclared(name)
  walk(program, {
    scopeTracker,
    enter(node, parent) {
      const use = impureUse(node, parent, { isFree, forbidden })
      if (use !== undefined) uses.push({ path, line: lineOf(text, node.start), use })
    },
  })
  return uses
}

type IsFree = (name: string) => boolean

function impureUse(
  node: Node,
  parent: Node | null,
  { isFree, forbidden }: { isFree: IsFree; forbidden: ReadonlySet<string> },
): string | undefined {
  if (node.type === 'NewExpression' || node.type === 'CallExpression') {
    const readsClock = node.arguments.length === 0 || node.type === 'CallExpression'
    return readsClock && globalName(node.callee, isFree) === 'Date' ? 'Date without arguments' : undefined
  }
  if (node.type === 'Identifier') {
    if (!isReferenceIdentifier(node, parent) || parent?.type === 'TSTypeQuery') return undefined
  } else if (node.type !== 'MemberExpression') return undefined
  const name = globalName(node, isFree)
  return name !== undefined && forbidden.has(name) ? name : undefined
}

/** `Date.now` for `Date.now`, `Date['now']` and `globalThis.Date.now`; nothing for a member of what was passed in. */
function globalName(node: Expression | Node, isFree: IsFree): string | undefined {
  if (node.type === 'TSAsExpression' || node.type === 'TSNonNullExpression')
    return globalName(node.expression, isFree)
  if (node.type === 'Identifier') return isFree(node.name) ? node.name : undefined
  if (node.type !== 'MemberExpression') return undefined
  const object = globalName(node.object, isFree)
  const property = propertyName(node)
  if (object === undefined || property === undefined) return undefined
  return globalObjects.has(object) ? property : `${object}.${property}`
}

function propertyName(node: MemberExpression): string | undefined {
  if (!node.computed) return node.property.type === 'Identifier' ? node.property.name : undefined
  return node.property.type === 'Literal' && typeof node.property.value === 'string'
    ? node.property.value
    : undefined
}
