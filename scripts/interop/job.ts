/** The job of the readers: a folder of this run's own, gone with it, with the rows that the tables must hold. */
import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { RecordedRun } from './api.ts'
import type { Engine } from './engine.ts'
import { expectedRows } from './expected.ts'

export interface Job {
  /** test/interop/job.py reads it. */
  readonly file: string
  write(engine: Engine, runs: readonly RecordedRun[]): void
}

export const TABLES = ['workflow_executions', 'workflow_history'] as const

export function openJob(state: string): Job {
  const jobs = join(state, 'jobs')
  mkdirSync(jobs, { recursive: true })
  removeLeftOvers(jobs)
  const directory = join(jobs, String(process.pid))
  mkdirSync(directory)
  process.once('exit', () => rmSync(directory, { recursive: true }))
  return {
    file: join(directory, 'job.json'),
    write: (engine, runs) => writeJob(directory, engine, runs),
  }
}

/** Of runs that were killed. */
function removeLeftOvers(jobs: string): void {
  for (const pid of readdirSync(jobs)) {
    if (!isAlive(Number(pid))) rmSync(join(jobs, pid), { recursive: true, force: true })
  }
}

function isAlive(pid: number): boolean {
  try {
    return pid !== process.pid && process.kill(pid, 0)
  } catch {
    return false // there is no such process
  }
}

/** Rows that the engine knows nothing of are in a file of their own, which whoever appends them writes. */
function writeJob(directory: string, engine: Engine, runs: readonly RecordedRun[]): void {
  const rows = expectedRows(runs)
  const tables = TABLES.map((name) => ({
    name,
    namespace: 'durable',
    location: engine.locationOf(name),
    expected: join(directory, `${name}.jsonl`),
    appended: join(directory, `${name}-appended.jsonl`),
  }))
  for (const { name, expected } of tables) {
    writeFileSync(expected, rows[name].map((row) => `${JSON.stringify(row)}\n`).join(''))
  }
  const compactions = Object.fromEntries(engine.compactions())
  const job = { catalog: engine.catalog, copy: join(directory, 'copy'), tables, compactions }
  writeFileSync(join(directory, 'job.json'), JSON.stringify(job, null, 2))
}
