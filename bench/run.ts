/**
 * `npm run bench`: each workload on perdure and on Cloudflare Workflows, in one run, round by round in turns. How it
 * measures and what its figures do not say: README.md.
 */
import { writeFileSync } from 'node:fs'
import { archiveTable, type ArchiveResult } from './archive/report.ts'
import { archiveWorkload } from './archive/workload.ts'
import { type Bench, measureCell } from './cell.ts'
import { regressions, regressionText } from './compare.ts'
import { type Document, readDocument, resultsOf } from './document.ts'
import { thisMachine } from './machine.ts'
import { readOptions } from './options.ts'
import { type Outside, hasFailed } from './outside/document.ts'
import { measureAll } from './outside/outside.ts'
import { table as outsideTable } from './outside/report.ts'
import { type Result, ratiosOf } from './report.ts'
import { canTrace } from './syncs.ts'
import { Systems } from './systems.ts'
import { table } from './table.ts'
import { judge, verdictTable } from './verdict.ts'

const options = readOptions()
/** Read first: a run takes minutes. */
const earlier = options.compare === undefined ? null : readDocument(options.compare)
const [date, machine] = [new Date().toISOString(), thisMachine()]
const interruption = new AbortController()
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => interruption.abort())
const systems = new Systems(options, interruption.signal)
try {
  process.exitCode = await bench({ systems, until: interruption.signal, say })
} finally {
  await systems.stop()
}

async function bench(context: Bench): Promise<number> {
  const { cpu, cores, node, workerd, loadAverage } = machine
  say(`${cores} x ${cpu}, node ${node}, workerd ${workerd}, load average ${loadAverage}`)
  const { results, failed } = await measureCells(context)
  await systems.stop()
  const archived = options.archive ? await measureArchive() : []
  const outside = options.peers ? await measureOutside() : null
  if (interruption.signal.aborted) return 130
  const worse = report({ ...documentOf(results, archived ?? []), outside })
  const isWhole = failed === 0 && archived !== null && (outside === null || !hasFailed(outside))
  return isWhole && worse === 0 && results.length + archived.length > 0 ? 0 : 1
}

async function measureCells(context: Bench): Promise<{ results: Result[]; failed: number }> {
  const results: Result[] = []
  let failed = 0
  for (const cell of options.cells) {
    if (interruption.signal.aborted) break
    if (cell.processes === 'traced' && !canTrace()) {
      say(`${cell.workloads.join(', ')}: left out, strace may not be used here`)
      continue
    }
    const measured = await measureCell(context, cell)
    results.push(...measured.results)
    failed += measured.failed
  }
  return { results, failed }
}

function documentOf(
  results: readonly Result[],
  archived: readonly ArchiveResult[],
): Omit<Document, 'outside'> {
  const { quick, shards } = options
  const all = [...results, ...archived]
  return { date, quick, shards, machine, results: all, ratios: ratiosOf(results), targets: judge(results) }
}

/** How many figures are worse than those of the earlier run. */
function report(document: Document): number {
  const line = JSON.stringify(document)
  if (options.json !== undefined) writeFileSync(options.json, `${line}\n`)
  const results = resultsOf(document)
  const archived = document.results.filter((one) => one.workload === 'archive')
  if (results.length > 0) console.log(table(results, document.ratios))
  if (document.targets.length > 0) console.log(`\n${verdictTable(document.targets)}`)
  if (archived.length > 0) console.log(archiveTable(archived))
  if (document.outside !== null) console.log(outsideTable(document.outside.rows))
  const worse = earlier === null ? [] : regressions(resultsOf(earlier), results)
  if (earlier !== null) sayHowAlike(earlier)
  for (const one of worse) console.log(regressionText(one))
  if (earlier !== null) console.log(`${worse.length} figures are worse than in ${options.compare}`)
  console.log(line)
  return worse.length
}

function sayHowAlike(other: Document): void {
  if (other.quick !== options.quick) say('compared with a run of other length: its ranges are others too')
  if (other.shards !== options.shards) say(`compared with a run on ${other.shards} shards`)
  const differs = (['cpu', 'cores', 'node', 'workerd'] as const).filter(
    (fact) => other.machine[fact] !== machine[fact],
  )
  if (differs.length > 0) say(`compared with a run on another ${differs.join(', ')}`)
}

/** Null when it failed: it then says no figure. */
async function measureArchive(): Promise<ArchiveResult[] | null> {
  if (interruption.signal.aborted) return null
  try {
    return await archiveWorkload({ quick: options.quick, until: interruption.signal, say })
  } catch (error) {
    if (!interruption.signal.aborted) say(`FAILED archive: ${String(error)}`)
    return null
  }
}

/** Null when it was interrupted. */
async function measureOutside(): Promise<Outside | null> {
  if (interruption.signal.aborted) return null
  try {
    const { quick } = options
    return await measureAll({ quick, workerd: machine.workerd, until: interruption.signal, say })
  } catch (error) {
    if (interruption.signal.aborted) return null
    throw error
  }
}

function say(text: string): void {
  process.stderr.write(`${text}\n`)
}
