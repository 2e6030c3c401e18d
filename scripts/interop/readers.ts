/** The engines outside: a process each, which checks what it reads and says so in one line of JSON. */
import { spawn } from 'node:child_process'
import { join } from 'node:path'
import type { Group } from './python.ts'
import type { Verdict } from './report.ts'

export interface Reader {
  readonly name: string
  /** In test/interop/. */
  readonly script: string
  /** What it needs. */
  readonly group: Exclude<Group, 'contract'>
}

export const READERS: readonly Reader[] = [
  { name: 'pyiceberg-rest', script: 'read_rest.py', group: 'tables' },
  { name: 'pyiceberg-directory', script: 'read_directory.py', group: 'tables' },
  { name: 'fastavro', script: 'read_avro.py', group: 'tables' },
  { name: 'duckdb', script: 'read_duckdb.py', group: 'duckdb' },
]

/** It reads, appends, and forgets a snapshot. */
export const WRITER: Reader = { name: 'pyiceberg-append', script: 'append_rest.py', group: 'tables' }

/** It reads, and writes every data file anew. */
export const SPARK: Reader = { name: 'spark', script: 'read_spark.py', group: 'spark' }

export interface Run {
  readonly root: string
  /** The interpreter. */
  readonly python: string
  /** The job file: where the tables are, and which rows they must hold. */
  readonly job: string
  /** Where Spark finds its jars. */
  readonly jars: string
}

const PATIENCE_MS = 300_000

export async function read(run: Run, reader: Reader): Promise<Verdict> {
  const { status, stdout } = await python(run, reader.script)
  const line = stdout.trim().split('\n').at(-1) ?? ''
  const verdict = parsed(line)
  if (verdict !== null && verdict.ok === (status === 0)) return verdict
  return { reader: reader.name, checks: 0, rows: 0, ok: false, failed: [`ended with ${status}: ${line}`] }
}

/** Copies the tables' directories from the bucket, for readers of files. */
export async function copyTables(run: Run): Promise<void> {
  const { status } = await python(run, 'copy_tables.py')
  if (status !== 0) throw new Error('the tables could not be copied from the bucket')
}

export function skip(reader: Reader, reason: string): Verdict {
  return { reader: reader.name, checks: 0, rows: 0, ok: false, failed: [], skipped: reason }
}

/** Its stderr, where details of a failure stand, is ours. */
function python(run: Run, script: string): Promise<{ status: number | null; stdout: string }> {
  const path = join(run.root, 'test/interop', script)
  const child = spawn(run.python, [path, run.job, run.jars], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, PYTHONDONTWRITEBYTECODE: '1' },
    timeout: PATIENCE_MS,
  })
  const end = (): void => void child.kill()
  process.once('exit', end) // which a signal makes, too: wrangler's harness ends the process
  let stdout = ''
  child.stdout.on('data', (chunk) => (stdout += String(chunk)))
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (status) => {
      process.off('exit', end)
      resolve({ status, stdout })
    })
  })
}

function parsed(line: string): Verdict | null {
  try {
    const value: unknown = JSON.parse(line)
    return isVerdict(value) ? value : null
  } catch (error) {
    if (error instanceof SyntaxError) return null // it ended before its last line
    throw error
  }
}

function isVerdict(value: unknown): value is Verdict {
  return (
    typeof value === 'object' &&
    value !== null &&
    'reader' in value &&
    'checks' in value &&
    'rows' in value &&
    'ok' in value &&
    'failed' in value &&
    Array.isArray(value.failed)
  )
}
