/**
 * `npm run conformance`: runs the tests of docs/conformance.md and prints, row by row, pass, fail or missing; one line of
 * JSON last. A row that fails is an error, a row without a test is not.
 *
 *   npm run conformance -- --results FILE     reads a report that `vitest run --reporter=json` has written; runs nothing
 *   npm run conformance -- --mutants          plants breaches in a copy, one by one: each must fail its row and no row beside it
 */
import { globSync, readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { mutants } from './conformance/mutants.ts'
import { Nursery } from './conformance/plant.ts'
import type { Noticed } from './conformance/plant.ts'
import { reportIn, reportOf } from './conformance/report.ts'
import { countsOf, rowsBeside, rowsIn, rowsOf, strayTitles, verdicts } from './conformance/rows.ts'
import type { Row, Verdict } from './conformance/rows.ts'

const ROOT = resolve(import.meta.dirname, '..')
const { values: options } = parseArgs({
  options: { results: { type: 'string' }, mutants: { type: 'boolean', default: false } },
})
const rows = rowsOf(read('docs/conformance.md'))
if (options.mutants) plantAll()
else runAll()

function runAll(): void {
  const { results } = options
  const report = results === undefined ? reportOf(ROOT, filesWith(rows)) : reportIn(resolve(results))
  const all = verdicts(rows, report, read)
  const counts = countsOf(all)
  for (const verdict of all) print(verdict)
  for (const title of strayTitles(rows, report)) console.warn(`no row has this number and name: ${title}`)
  console.log(JSON.stringify(counts))
  if (counts.failed > 0) process.exitCode = 1
}

function plantAll(): void {
  const nursery = new Nursery(ROOT)
  try {
    const all = mutants.map((mutant) => {
      const noticed = nursery.plant(mutant, rows, filesWith(rowsBeside(rows, mutant.row)))
      printNoticed(noticed)
      return noticed
    })
    const exact = all.filter(({ exactly }) => exactly).length
    console.log(JSON.stringify({ mutants: all.length, exact }))
    if (exact < all.length) process.exitCode = 1
  } finally {
    nursery.clear()
  }
}

function read(path: string): string {
  return readFileSync(resolve(ROOT, path), 'utf8')
}

function filesWith(wanted: readonly Row[]): string[] {
  const files = globSync('test/**/*.test.ts', { cwd: ROOT }).toSorted()
  return files.filter((file) => rowsIn(read(file), wanted).length > 0)
}

function print({ row, outcome, failures }: Verdict): void {
  console.log(`${String(row.number).padStart(3)}  ${outcome.padEnd(7)}  ${row.name}`)
  for (const failure of failures) console.log(`              ${failure.replace(ROOT, '.')}`)
}

function printNoticed({ mutant, rows: noticing, exactly }: Noticed): void {
  const by = noticing.map(({ number, name }) => `${number} ${name}`).join(', ') || 'no row'
  console.log(
    `${String(mutant.row).padStart(3)}  ${exactly ? 'exact' : 'WRONG'}  ${mutant.breach}: noticed by ${by}`,
  )
}
