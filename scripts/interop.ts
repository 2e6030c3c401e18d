/**
 * `npm run interop`: independent Iceberg engines over what the archiver wrote. Orders run on local workerd and are
 * archived; each engine reads both tables and compares every row with what a client was told while the run was hot.
 * PyIceberg appends, we append and compact; Spark rewrites, we append and compact; all read each time. At the end the
 * client reads every run once more, out of the cold tier. Then one line of JSON; exit 1 on any difference.
 *
 *   npm run interop -- --no-spark     leaves out the reader that takes the longest
 *   npm run interop -- --orders N     orders of the first round; 20 when absent
 *
 * Needs python3 with venv, and for Spark java and mvn; what they download is kept in .wrangler/interop. Readers that
 * cannot be installed are left out, with the reason.
 */
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { clientVerdict } from './interop/client.ts'
import { startEngine, type Engine, type Round } from './interop/engine.ts'
import { fetchJars } from './interop/jars.ts'
import { openJob, TABLES, type Job } from './interop/job.ts'
import { installPython } from './interop/python.ts'
import { copyTables, read, READERS, skip, SPARK, WRITER, type Reader, type Run } from './interop/readers.ts'
import { hasFailed, lineOf, summaryOf, totalsOf, type Verdict } from './interop/report.ts'
import type { RecordedRun } from './interop/api.ts'

const root = resolve(import.meta.dirname, '..')
const state = join(root, '.wrangler/interop')
const { values: options } = parseArgs({
  options: {
    spark: { type: 'boolean', default: true },
    orders: { type: 'string', default: '20' },
  },
  allowNegative: true,
})

const startedAt = performance.now()
const python = installPython(root, state)
const spark = options.spark
  ? (fetchJars(join(state, 'jars')) ?? python.missing('spark'))
  : 'left out by --no-spark'
const missing = { tables: python.missing('tables'), duckdb: python.missing('duckdb'), spark }
say('Python readers installed')
const verdicts: Verdict[] = []
const recorded: RecordedRun[] = []
let rounds = 1
/** One paid, one cancelled, one that lacks a product. */
const SMALL = { first: 2, orders: 3 }
const MOST_SMALL_ROUNDS = 10
const job = openJob(state)
const run: Run = {
  root,
  python: python.interpreter,
  job: job.file,
  jars: join(state, 'jars'),
}
const engine = await startEngine(root)
try {
  await interop(engine, job)
} finally {
  await engine.stop()
}
console.log(summaryOf(verdicts))
console.log(JSON.stringify(totalsOf(verdicts)))
if (hasFailed(verdicts)) process.exitCode = 1

async function interop(deployment: Engine, files: Job): Promise<void> {
  await round(deployment, { round: 1, first: 0, orders: Number(options.orders) })
  files.write(deployment, recorded)
  await readAll('as we archived them')
  await judge(WRITER)
  await untilCompacted(deployment)
  files.write(deployment, recorded)
  await readAll('after our compaction')
  await judge(SPARK)
  if (missing.spark === null) {
    await untilCompacted(deployment)
    files.write(deployment, recorded)
    await readAll('after our compaction on top of that')
  }
  await deployment.expire()
  await judged(async () => clientVerdict(recorded, await deployment.recorded()))
  const failures = deployment.failures()
  if (failures.length > 0) throw new Error(`the archiver logged failures:\n${failures.join('\n')}`)
}

async function round(deployment: Engine, orders: Round): Promise<void> {
  const runs = await deployment.work(orders)
  recorded.push(...runs)
  await deployment.archive()
  say(`round ${orders.round}: ${runs.length} runs closed and archived`)
}

/** Small rounds, an append each: a few of them make a compaction. */
async function untilCompacted(deployment: Engine): Promise<void> {
  const before = deployment.compactions()
  const isMore = (table: string) => (deployment.compactions().get(table) ?? 0) > (before.get(table) ?? 0)
  for (let small = 0; !TABLES.every(isMore); small++) {
    if (small === MOST_SMALL_ROUNDS) throw new Error(`${small} small appends and no compaction`)
    await round(deployment, { round: ++rounds, ...SMALL })
  }
  say('both tables compacted')
}

async function readAll(when: string): Promise<void> {
  if (missing.tables === null) await copyTables(run)
  say(`tables read ${when}`)
  for (const reader of READERS) await judge(reader)
}

async function judge(reader: Reader): Promise<void> {
  const reason = missing[reader.group]
  await judged(async () => (reason === null ? await read(run, reader) : skip(reader, reason)))
}

async function judged(find: () => Promise<Verdict>): Promise<void> {
  const from = performance.now()
  const verdict = await find()
  verdicts.push(verdict)
  console.log(lineOf(verdict, performance.now() - from))
}

function say(line: string): void {
  console.log(`interop · ${line} · ${((performance.now() - startedAt) / 1000).toFixed(1)} s`)
}
