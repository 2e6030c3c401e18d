/** What the source itself must not have: statements made of texts that come from outside, and expressions that hang. */
import { check } from 'recheck'
import { walk } from 'oxc-walker'
import { describe, expect, test } from 'vitest'
import { allSources, lineOf } from '../architecture/sources.ts'
import type { Source } from '../architecture/sources.ts'

const shipped = allSources().filter(({ path }) =>
  /^(shared|scheduler-do|activity-worker|archiver|testing)\//.test(path),
)

interface Expression {
  readonly source: string
  readonly flags: string
  readonly place: string
}

function expressionsIn({ path, text, program }: Source): Expression[] {
  const found: Expression[] = []
  walk(program, {
    enter(node) {
      if (node.type !== 'Literal' || !('regex' in node)) return
      const { pattern, flags } = node.regex
      found.push({ source: pattern, flags, place: `${path}:${lineOf(text, node.start)}` })
    },
  })
  return found
}

describe('a regular expression', () => {
  const expressions = shipped.flatMap(expressionsIn)

  test('is there to be looked at', () => expect(expressions.length).toBeGreaterThan(20))

  test.each(expressions)('takes no more than linear time: $place', async ({ source, flags }) => {
    const verdict = await check(source, flags, { timeout: 20_000 })
    expect([source, verdict.status, 'complexity' in verdict && verdict.complexity?.type]).toEqual([
      source,
      'safe',
      expect.stringMatching(/^(safe|linear)$/),
    ])
  })

  test('that hangs would be found', async () => {
    expect(await check('^(a+)+$', '', { timeout: 20_000 })).toMatchObject({ status: 'vulnerable' })
  })

  test('is never made of text', () => {
    const made = shipped
      .filter(({ text }) => /new RegExp\(|[^.\w]RegExp\(/.test(text))
      .map(({ path }) => path)
    expect(made).toEqual(['shared/duration.ts']) // of the names of its units
  })
})

const SQL = /\b(SELECT|INSERT|UPDATE|DELETE FROM|CREATE|DROP|VALUES|WHERE|FROM)\b/

/** What is put into the text of statements: by a constant's name, or as it is written. */
function interpolations({ path, text, program }: Source): string[] {
  const found: string[] = []
  walk(program, {
    enter(node) {
      if (node.type !== 'TemplateLiteral' || !node.quasis.some(({ value }) => SQL.test(value.raw))) return
      for (const { start, end } of node.expressions) {
        const expression = text.slice(start, end)
        if (!/^[A-Z][A-Z_]*$/.test(expression)) found.push(`${path}: ${expression}`)
      }
    },
  })
  return found
}

test('a statement is made of constants: these, looked at one by one, are all that is put into one otherwise', () => {
  const store = shipped.filter(({ path }) => path.startsWith('scheduler-do/'))
  expect([...new Set(store.flatMap(interpolations))].toSorted()).toEqual([
    // Declared names, which are checked, and those of indexes that were made of them.
    'scheduler-do/store/attributes.ts: PREFIX.length',
    'scheduler-do/store/attributes.ts: name',
    'scheduler-do/store/attributes.ts: value',
    // A Bulk is a constant, and its rows are numbered question marks.
    'scheduler-do/store/bulk.ts: after',
    'scheduler-do/store/bulk.ts: before',
    'scheduler-do/store/bulk.ts: rows',
    // Tables, columns and conditions that the code names.
    'scheduler-do/store/health.ts: column',
    'scheduler-do/store/health.ts: open',
    'scheduler-do/store/health.ts: set',
    'scheduler-do/store/health.ts: table',
    'scheduler-do/store/parked.ts: number',
    'scheduler-do/store/segments.ts: where',
  ])
})
