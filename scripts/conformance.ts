/**
 * `npm run conformance`: runs the tests of docs/conformance.md and prints, row by row, pass, fail or missing; one line of
 * JSON last. A row that fails is an error, a row without a test is not.
 *
 *   npm run conformance -- --results FILE     reads a report that `vitest run --reporter=json` has written; runs nothing
 */
import { spawnSync } from 'node:child_process'
import { globSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { countsOf, rowsIn, rowsOf, strayTitles, verdicts } from './conformance/rows.ts'
import type { Report, Row, Verdict } from './conformance/rows.ts'

const ROOT = resolve(import.meta.dirname, '..')
const { values: options } = parseArgs({ options: { results: { type: 'string' } } })

const rows = rowsOf(read('docs/conformance.md'))
const report = options.results === undefined ? run(filesWith(rows)) : reportIn(resolve(options.results))
const all = verdicts(rows, report, read)
const counts = countsOf(all)

for (const verdict of all) print(verdict)
for (const title of strayTitles(rows, report)) console.warn(`no row has this number and name: ${title}`)
console.log(JSON.stringify(counts))
if (counts.failed > 0) process.exitCode = 1

function read(path: string): string {
  return readFileSync(resolve(ROOT, path), 'utf8')
}

function filesWith(wanted: readonly Row[]): string[] {
  const files = globSync('test/**/*.test.ts', { cwd: ROOT }).toSorted()
  return files.filter((file) => rowsIn(read(file), wanted).length > 0)
}

/** vitest is the one on npm's PATH. Its own account goes to stderr: stdout is the table. A failed test is not an error here. */
function run(files: readonly string[]): Report {
  const directory = mkdtempSync(join(tmpdir(), 'perdure-conformance-'))
  const output = join(directory, 'report.json')
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${output}`]
  try {
    const { error } = spawnSync('vitest', ['run', ...files, ...reporters], {
      cwd: ROOT,
      stdio: ['ignore', process.stderr.fd, process.stderr.fd],
    })
    if (error) throw error
    return reportIn(output)
  } finally {
    rmSync(directory, { recursive: true })
  }
}

function reportIn(file: string): Report {
  const value: unknown = JSON.parse(readFileSync(file, 'utf8'))
  if (!isReport(value)) throw new Error(`${file} is not a report of vitest's JSON reporter`)
  return value
}

function isReport(value: unknown): value is Report {
  return (
    typeof value === 'object' &&
    value !== null &&
    'testResults' in value &&
    Array.isArray(value.testResults) &&
    value.testResults.every((file) => Array.isArray(file?.assertionResults))
  )
}

function print({ row, outcome, failures }: Verdict): void {
  console.log(`${String(row.number).padStart(3)}  ${outcome.padEnd(7)}  ${row.name}`)
  for (const failure of failures) console.log(`              ${failure.replace(ROOT, '.')}`)
}
