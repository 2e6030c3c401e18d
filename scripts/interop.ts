/**
 * `npm run interop`: independent Iceberg engines over what the archiver wrote. Orders run on local workerd and are
 * archived; each engine reads both tables and compares every row with what the engine told a client; PyIceberg appends
 * and Spark rewrites through the REST catalog; more is archived on top; all read again. One line of JSON last; exit 1
 * on any difference.
 *
 *   npm run interop -- --no-spark     leaves out the reader that takes the longest
 *   npm run interop -- --orders N     orders of a round; 20 when absent
 *
 * Needs python3 with venv, and for Spark java and mvn; what they download is kept in .wrangler/interop.
 */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { startEngine, type Engine } from './interop/engine.ts'
import { expectedRows } from './interop/expected.ts'
import { fetchJars } from './interop/jars.ts'
import { installGroup, preparePython } from './interop/python.ts'
import {
  copyTables,
  read,
  READERS,
  skip,
  WRITERS,
  type Reader,
  type Run,
  type Verdict,
} from './interop/readers.ts'
import { hasFailed, lineOf, totalsOf } from './interop/report.ts'

const root = resolve(import.meta.dirname, '..')
const state = join(root, '.wrangler/interop')
const jobs = join(state, 'jobs')
const TABLES = ['workflow_executions', 'workflow_history'] as const
const { values: options } = parseArgs({
  options: {
    spark: { type: 'boolean', default: true },
    orders: { type: 'string', default: '20' },
  },
  allowNegative: true,
})

const startedAt = performance.now()
rmSync(jobs, { recursive: true, force: true }) // rows appended to the tables of an earlier run
mkdirSync(jobs, { recursive: true })
const run: Run = {
  root,
  python: preparePython(root, state),
  job: join(jobs, 'job.json'),
  jars: join(state, 'jars'),
}
const missing = { duckdb: installGroup(root, run.python, 'duckdb'), spark: sparkMissing() }
say('Python readers installed')
const verdicts: Verdict[] = []
const engine = await startEngine(root)
try {
  await round(engine, 1)
  say('PyIceberg appends and Spark rewrites, through the REST catalog')
  for (const writer of WRITERS) await judge(writer)
  await readAll('what they left')
  await round(engine, 2)
} finally {
  await engine.stop()
}
const totals = totalsOf(verdicts)
console.log(JSON.stringify(totals))
if (hasFailed(verdicts)) process.exitCode = 1

function sparkMissing(): string | null {
  if (!options.spark) return 'left out by --no-spark'
  return fetchJars(run.jars) ?? installGroup(root, run.python, 'spark')
}

async function round(deployment: Engine, number: number): Promise<void> {
  const runs = await deployment.work(number, Number(options.orders))
  await deployment.archive()
  say(`round ${number}: ${runs} runs closed and archived`)
  await writeJob(deployment)
  await readAll(`round ${number}`)
}

/** Rows that the engine knows nothing of are in a file of their own, which whoever appends them writes. */
async function writeJob(deployment: Engine): Promise<void> {
  const rows = expectedRows(await deployment.recorded())
  const tables = TABLES.map((name) => ({
    name,
    namespace: 'durable',
    location: deployment.locationOf(name),
    expected: join(jobs, `${name}.jsonl`),
    appended: join(jobs, `${name}-appended.jsonl`),
  }))
  for (const { name, expected } of tables) {
    writeFileSync(expected, rows[name].map((row) => `${JSON.stringify(row)}\n`).join(''))
  }
  writeFileSync(
    run.job,
    JSON.stringify({ catalog: deployment.catalog, copy: join(state, 'copy'), tables }, null, 2),
  )
}

async function readAll(what: string): Promise<void> {
  await copyTables(run)
  say(`${what}: tables copied from the bucket`)
  for (const reader of READERS) await judge(reader)
}

async function judge(reader: Reader): Promise<void> {
  const from = performance.now()
  const reason = reader.group === undefined ? null : missing[reader.group]
  const verdict = reason === null ? await read(run, reader) : skip(reader, reason)
  verdicts.push(verdict)
  console.log(lineOf(verdict, performance.now() - from))
}

function say(line: string): void {
  console.log(`interop · ${line} · ${((performance.now() - startedAt) / 1000).toFixed(1)} s`)
}
