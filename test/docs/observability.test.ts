/** docs/guide/observability.md has every line that the Workers log, with its fields, and every metric. */
import { globSync, readFileSync } from 'node:fs'
import { parseSync } from 'oxc-parser'
import type { CallExpression, Expression } from 'oxc-parser'
import { walk } from 'oxc-walker'
import { describe, expect, test } from 'vitest'
import { prometheusText } from '../../scheduler-do/prometheus.ts'
import { namespaceStats } from '../../shared/stats.ts'
import { figures } from '../environment/figures.ts'

const guide = readFileSync('docs/guide/observability.md', 'utf8')

interface Line {
  readonly worker: string
  readonly event: string
  readonly fields: readonly string[]
}

const WORKERS = ['scheduler-do', 'activity-worker', 'archiver']

/** What `log` and what is passed on to it is called with. */
function loggedIn(file: string): Line[] {
  const lines: Line[] = []
  const [worker = ''] = file.split('/')
  walk(parseSync(file, readFileSync(file, 'utf8')).program, {
    enter(node) {
      if (node.type !== 'CallExpression' || !isLog(node)) return
      const at = node.arguments.findIndex((one) => one.type === 'Literal' && typeof one.value === 'string')
      const event = node.arguments[at]
      if (event?.type !== 'Literal') return
      const facts = node.arguments[at + 1]
      lines.push({ worker, event: String(event.value), fields: facts ? fieldsOf(facts as Expression) : [] })
    },
  })
  return lines
}

function isLog({ callee }: CallExpression): boolean {
  if (callee.type === 'Identifier') return callee.name === 'log'
  return (
    callee.type === 'MemberExpression' &&
    callee.property.type === 'Identifier' &&
    callee.property.name === 'tally'
  )
}

/** Those that are named where it is logged. */
function fieldsOf(facts: Expression): string[] {
  if (facts.type === 'CallExpression') return errorFields(facts)
  if (facts.type !== 'ObjectExpression') return []
  return facts.properties.flatMap((property) => {
    if (property.type === 'SpreadElement') return errorFields(property.argument)
    return property.key.type === 'Identifier' ? [property.key.name] : []
  })
}

function errorFields(expression: Expression): string[] {
  if (expression.type !== 'CallExpression' || expression.callee.type !== 'Identifier') return []
  return expression.callee.name === 'errorFacts' ? ['error', 'code'] : []
}

const lines = WORKERS.flatMap((room) => globSync(`${room}/**/*.ts`)).flatMap((file) =>
  loggedIn(file.replaceAll('\\', '/')),
)

/** Rows of a section's tables, by the name in their first column. */
function rowsOf(section: string): Map<string, string> {
  const [text = ''] = guide.split(`\n## ${section}\n`)[1]?.split('\n## ') ?? []
  return new Map(
    [...text.matchAll(/^\| `([a-z_]+)` +\|(.*)$/gm)].map(([, name = '', rest = '']) => [name, rest]),
  )
}

const rows = rowsOf('Log lines')

describe('the reference of log lines', () => {
  test('has every line', () => {
    expect(lines.length).toBeGreaterThan(40)
    expect(lines.map(({ event }) => event).filter((event) => !rows.has(event))).toEqual([])
  })

  test.each(lines)('has the fields of $event in $worker', ({ event, fields }) => {
    expect(fields.filter((field) => !rows.get(event)?.includes(`\`${field}\``))).toEqual([])
  })

  test('has no line that nobody logs', () => {
    const known = new Set(lines.map(({ event }) => event))
    expect([...rows.keys()].filter((name) => !known.has(name))).toEqual([])
  })
})

test('the reference of metrics has every metric, and no other', () => {
  expect([...rowsOf('Prometheus').keys()].toSorted()).toEqual(metricNames().toSorted())
})

function metricNames(): string[] {
  const lease = { fence: 1, heldUntil: null, beganAt: 1, endedAt: 2 }
  const text = prometheusText(namespaceStats('default', [figures(0)], lease), 3)
  return [...text.matchAll(/^# TYPE (\S+)/gm)].map(([, name = '']) => name)
}
