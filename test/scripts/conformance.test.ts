import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { mutants } from '../../scripts/conformance/mutants.ts'
import { planted } from '../../scripts/conformance/plant.ts'
import {
  countsOf,
  rowsBeside,
  rowsIn,
  rowsOf,
  strayTitles,
  verdicts,
} from '../../scripts/conformance/rows.ts'
import type { Report } from '../../scripts/conformance/rows.ts'

const table = `
Intro, with a | in it.

| #   | Behaviour            | Required        |
| --- | -------------------- | --------------- |
| 1   | sample/first         | It is the first. |
| 2   | sample/second, third | Two in one.     |
| 3 | sample/try_{one,two} | Two in one, too. |
| 4 | clock (spec) | A name with a note. |
| 5 | sample/first one out | Begins like another. |
`
const rows = rowsOf(table)

type Status = 'passed' | 'failed' | 'skipped'

function file(name: string, tests: readonly (readonly [Status, ...string[]])[], status?: 'failed') {
  const assertionResults = tests.map(([outcome, ...titles]) => ({
    ancestorTitles: titles.slice(0, -1),
    title: titles.at(-1) ?? '',
    fullName: titles.join(' '),
    status: outcome,
  }))
  const failed = status ?? (tests.some(([outcome]) => outcome === 'failed') ? 'failed' : 'passed')
  return { name, status: failed, assertionResults } as const
}

function outcomesOf(report: Report, text = ''): Record<number, string> {
  const all = verdicts(rows, report, () => text)
  return Object.fromEntries(all.map(({ row, outcome }) => [row.number, outcome]))
}

const report = (...tests: (readonly [Status, ...string[]])[]): Report => ({
  testResults: [file('a.test.ts', tests)],
})

describe('the table', () => {
  test('gives its rows, padded or not, and nothing else', () => {
    expect(rows.map(({ number, name }) => `${number} ${name}`)).toEqual([
      '1 sample/first',
      '2 sample/second, third',
      '3 sample/try_{one,two}',
      '4 clock (spec)',
      '5 sample/first one out',
    ])
  })

  test('with a gap, a repetition or no row is refused', () => {
    expect(() => rowsOf(table.replace('| 3 |', '| 6 |'))).toThrow('row 6')
    expect(() => rowsOf(table.replace('| 3 |', '| 2 |'))).toThrow('row 2')
    expect(() => rowsOf('# Conformance')).toThrow('no rows')
  })
})

describe('a title', () => {
  test.each([
    ['1 sample/first: it works', [1]],
    ['1 sample/first', [1]],
    ['2 sample/second, third: both', [2]],
    ['2 sample/second: one', [2]],
    ['2 sample/third: the other', [2]],
    ['3 sample/try_{one,two}: both', [3]],
    ['3 sample/try_two: one', [3]],
    ['4 clock: ticks', [4]],
    ['1 sample/firstborn: another word', []],
    ['2 sample/first: the number of another', []],
    ['12 sample/second: more digits', []],
    ['4 clocks', []],
    ['as 1 sample/first: not at the beginning', []],
  ])('"%s"', (title, numbers) => {
    const passing = Object.entries(outcomesOf(report(['passed', title])))
    expect(passing.filter(([, outcome]) => outcome === 'pass').map(([number]) => Number(number))).toEqual(
      numbers,
    )
    expect(rowsIn(`test("${title}", () => {})`, rows).map(({ number }) => number)).toEqual(numbers)
  })

  test('may be that of a describe around the test', () => {
    expect(outcomesOf(report(['passed', '4 clock: ticks', 'inner', 'a test']))).toMatchObject({ 4: 'pass' })
  })

  test('that looks like a row and is none is reported once', () => {
    const stray = report(['passed', '1 sample/second: x', 'a'], ['passed', '1 sample/second: x', 'b'])
    expect(strayTitles(rows, stray)).toEqual(['1 sample/second: x'])
    expect(strayTitles(rows, report(['passed', '1 sample/first: x'], ['passed', '10 parsecs']))).toEqual([])
  })
})

describe('a row', () => {
  test('fails when one of its tests does, whatever the others say, and names it', () => {
    const mixed = report(
      ['passed', '4 clock: ticks'],
      ['failed', '4 clock', '4 clock: tocks'],
      ['failed', '4 clock', 'chimes'],
    )
    expect(outcomesOf(mixed)).toMatchObject({ 4: 'fail' })
    expect(verdicts(rows, mixed, () => '')[3]?.failures).toEqual(['4 clock: tocks', '4 clock chimes'])
  })

  test('is missing without a test that ran', () => {
    expect(outcomesOf(report(['skipped', '4 clock: ticks'], ['passed', 'other']))).toMatchObject({
      1: 'missing',
      4: 'missing',
    })
  })

  test('fails when the file that has its test broke before or after its tests', () => {
    const broken = { testResults: [file('b.test.ts', [], 'failed')] }
    expect(outcomesOf(broken, "test('4 clock: ticks', () => {})")).toMatchObject({ 1: 'missing', 4: 'fail' })
    const hook = { testResults: [file('b.test.ts', [['skipped', '4 clock: ticks']], 'failed')] }
    expect(outcomesOf(hook, "test('4 clock: ticks', () => {})")).toMatchObject({ 4: 'fail' })
  })

  test('is counted under its outcome', () => {
    const all = verdicts(rows, report(['passed', '4 clock: x'], ['failed', '1 sample/first: x']), () => '')
    expect(countsOf(all)).toEqual({ rows: 5, passed: 1, failed: 1, missing: 3 })
  })
})

describe('breaches to plant', () => {
  test('each is one place of the source, and each is of another row', () => {
    for (const mutant of mutants) {
      const source = readFileSync(mutant.file, 'utf8')
      expect(planted(source, mutant)).not.toBe(source)
    }
    expect(new Set(mutants.map(({ row }) => row)).size).toBe(mutants.length)
    expect(mutants.length).toBeGreaterThanOrEqual(12)
  })

  test('a text that has gone or stands twice is an error, not a breach that nobody notices', () => {
    const mutant = { row: 1, breach: 'none', file: 'a.ts', text: 'gone', planted: '' }
    expect(() => planted('const a = 1', mutant)).toThrow('a.ts has 0 times')
    expect(() => planted('gone gone', mutant)).toThrow('a.ts has 2 times')
  })

  test('the rows beside a row are those of its group', () => {
    expect(rowsBeside(rows, 2).map(({ number }) => number)).toEqual([1, 2, 3, 5])
    expect(rowsBeside(rows, 4).map(({ number }) => number)).toEqual([4])
  })
})
