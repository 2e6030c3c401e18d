/**
 * The rows of docs/conformance.md, and what a test report says of them. A title belongs to a row when it begins with the
 * row's number and name; where they do not agree it belongs to none, and is reported.
 */

export interface Row {
  readonly number: number
  readonly name: string
}

type Outcome = 'pass' | 'fail' | 'missing'

export interface Verdict {
  readonly row: Row
  readonly outcome: Outcome
  /** What failed: titles of tests, or a file that did not come to run its tests. */
  readonly failures: readonly string[]
}

export interface Counts {
  readonly rows: number
  readonly passed: number
  readonly failed: number
  readonly missing: number
}

/** What is read of the report of vitest's JSON reporter. */
export interface Report {
  readonly testResults: readonly FileResult[]
}

interface FileResult {
  readonly name: string
  readonly status: 'passed' | 'failed'
  readonly assertionResults: readonly TestResult[]
}

interface TestResult {
  readonly ancestorTitles: readonly string[]
  readonly title: string
  readonly fullName: string
  /** `passed`, `failed`, or one of several words for a test that did not run. */
  readonly status: string
}

/** The rows of the table, which are numbered from 1 without a gap. */
export function rowsOf(markdown: string): Row[] {
  const rows = [...markdown.matchAll(/^\| *(\d+) *\| *([^|]+?) *\|/gm)].map(([, number, name = '']) => ({
    number: Number(number),
    name,
  }))
  const astray = rows.find(({ number }, index) => number !== index + 1)
  if (astray) throw new Error(`row ${astray.number} (${astray.name}) is out of order in the table`)
  if (rows.length === 0) throw new Error('the table has no rows')
  return rows
}

/** The row, and those of its group. */
export function rowsBeside(rows: readonly Row[], number: number): readonly Row[] {
  const own = rows.find((row) => row.number === number)
  const [group = '', member] = own?.name.split('/') ?? []
  if (member === undefined) return own ? [own] : []
  return rows.filter(({ name }) => name.startsWith(`${group}/`))
}

/** The rows that the text of a test file has a title of. */
export function rowsIn(text: string, rows: readonly Row[]): Row[] {
  const titles = [...text.matchAll(/['"`](\d+ [^'"`\n]+)/g)].map(([, title = '']) => title)
  return rows.filter((row) => titles.some((title) => isTitleOf(row, title)))
}

/** What the report says of each row; `textOf` reads a test file of which the report has no word about its tests. */
export function verdicts(
  rows: readonly Row[],
  report: Report,
  textOf: (file: string) => string,
): readonly Verdict[] {
  const unrun = report.testResults
    .filter(isBroken)
    .map(({ name }) => ({ name, rows: rowsIn(textOf(name), rows) }))
  const tests = testsOf(report)
  return rows.map((row) => {
    const own = tests.filter((test) => titlesOf(test).some((title) => isTitleOf(row, title)))
    const failures = [
      ...own.filter(({ status }) => status === 'failed').map((test) => shown(row, test)),
      ...unrun.filter((file) => file.rows.includes(row)).map(({ name }) => `${name} did not run to its end`),
    ]
    const passes = own.some(({ status }) => status === 'passed')
    return { row, outcome: failures.length > 0 ? 'fail' : passes ? 'pass' : 'missing', failures }
  })
}

/** Titles that look like a row's, and are no row's: a number or a name that is mistaken. */
export function strayTitles(rows: readonly Row[], report: Report): string[] {
  const titles = new Set(testsOf(report).flatMap(titlesOf))
  return [...titles].filter(
    (title) => /^\d+ \w+\/\w/.test(title) && !rows.some((row) => isTitleOf(row, title)),
  )
}

export function countsOf(all: readonly Verdict[]): Counts {
  const count = (outcome: Outcome) => all.filter((verdict) => verdict.outcome === outcome).length
  return { rows: all.length, passed: count('pass'), failed: count('fail'), missing: count('missing') }
}

/** The test's title where it names the row, and those around it too where only they do. */
function shown(row: Row, { title, fullName }: TestResult): string {
  return isTitleOf(row, title) ? title : fullName
}

/** A file that failed and no test of it: it did not load, or a hook threw. */
function isBroken({ status, assertionResults }: FileResult): boolean {
  return status === 'failed' && !assertionResults.some((test) => test.status === 'failed')
}

function testsOf(report: Report): TestResult[] {
  return report.testResults.flatMap(({ assertionResults }) => assertionResults)
}

function titlesOf({ ancestorTitles, title }: TestResult): string[] {
  return [...ancestorTitles, title]
}

function isTitleOf({ number, name }: Row, title: string): boolean {
  return namesOf(name).some((each) => {
    const start = `${number} ${each}`
    return title.startsWith(start) && /^($|[:,\s])/.test(title.slice(start.length))
  })
}

/** `g/{a,b}` is also `g/a` and `g/b`; `g/a, b` is also `g/a` and `g/b`; `a (note)` is also `a`. */
function namesOf(name: string): string[] {
  const plain = name.replace(/ \(.*\)$/, '')
  const [, before = '', inside] = /^(.*)\{(.*)\}$/.exec(plain) ?? []
  if (inside !== undefined) return [plain, ...inside.split(',').map((each) => before + each)]
  const [first = '', ...others] = plain.split(', ')
  const group = first.slice(0, first.indexOf('/') + 1)
  return [plain, first, ...others.map((other) => group + other)]
}
