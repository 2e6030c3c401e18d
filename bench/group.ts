/** One group of Workers as a process group of its own: started in a fresh state directory, gone without trace after `stop()`. */
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Measured, Round } from './figures.ts'
import type { HostOptions } from './host.ts'

export interface Group {
  run(round: Round, until: AbortSignal): Promise<Measured & { peakRssMiB: number | null }>
  stop(): Promise<void>
}

const STARTS_WITHIN_MS = 30_000
const STOPS_WITHIN_MS = 5_000
const RSS_EVERY_MS = 100
const PAGE_BYTES = 4096

export async function startGroup(options: HostOptions): Promise<Group> {
  const directory = mkdtempSync(join(tmpdir(), 'perdure-bench-'))
  const child = spawn(process.execPath, [join(import.meta.dirname, 'host.ts'), JSON.stringify(options)], {
    detached: true,
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    // The trace store makes everything 2 to 6 times slower; TMPDIR is where the server keeps the objects' databases.
    env: {
      ...process.env,
      X_LOCAL_OBSERVABILITY: 'false',
      WRANGLER_SEND_METRICS: 'false',
      TMPDIR: directory,
    },
  })
  const stop = () => stopped(child, directory)
  try {
    const url = await listening(child)
    const pids = workerdOf(child)
    return { run: (round, until) => run(pids, () => post(url, round, until)), stop }
  } catch (error) {
    await stop()
    throw error
  }
}

async function post(url: string, round: Round, until: AbortSignal): Promise<Measured> {
  const response = await fetch(url, { method: 'POST', body: JSON.stringify(round), signal: until })
  if (!response.ok) throw new Error(await response.text())
  return JSON.parse(await response.text())
}

async function run(pids: readonly string[], work: () => Promise<Measured>) {
  let peakRssMiB = rssMiB(pids)
  const sampler = setInterval(() => (peakRssMiB = Math.max(peakRssMiB, rssMiB(pids))), RSS_EVERY_MS)
  try {
    const measured = await work()
    return { ...measured, peakRssMiB: pids.length === 0 ? null : peakRssMiB }
  } finally {
    clearInterval(sampler)
  }
}

function listening(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    const late = setTimeout(() => reject(new Error('the Workers did not start')), STARTS_WITHIN_MS)
    child.once('message', (url) => {
      clearTimeout(late)
      if (typeof url === 'string') resolve(url)
    })
    child.once('exit', (code) => reject(new Error(`the Workers' host ended with code ${code}`)))
  })
}

async function stopped(child: ChildProcess, directory: string): Promise<void> {
  if (child.exitCode === null && child.signalCode === null) {
    const exited = new Promise((resolve) => child.once('exit', resolve))
    child.kill('SIGTERM')
    const late = setTimeout(() => child.kill('SIGKILL'), STOPS_WITHIN_MS)
    await exited
    clearTimeout(late)
  }
  // Until nobody of the group is left to write into it; what only waits to be reaped does not.
  for (let tries = 0; tries < 20 && killGroup(child); tries += 1) await sleep(50)
  rmSync(directory, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 })
}

/** Ends what the host left behind, after a clean stop nothing; false when the group is empty. */
function killGroup(child: ChildProcess): boolean {
  if (child.pid === undefined) return false
  try {
    return process.kill(-child.pid, 'SIGKILL')
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ESRCH') return false
    throw error
  }
}

/** The workerd processes of the group. Linux only; elsewhere there is no /proc, and no figure. */
function workerdOf(child: ChildProcess): string[] {
  try {
    return readdirSync('/proc').filter((entry) => {
      if (!/^\d+$/.test(entry)) return false
      const [name, group] = nameAndGroup(entry)
      return name === 'workerd' && group === String(child.pid)
    })
  } catch {
    return []
  }
}

function nameAndGroup(pid: string): [name: string, group: string] {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    const end = stat.lastIndexOf(')')
    return [stat.slice(stat.indexOf('(') + 1, end), stat.slice(end + 2).split(' ')[2] ?? '']
  } catch {
    return ['', '']
  }
}

function rssMiB(pids: readonly string[]): number {
  let pages = 0
  for (const pid of pids) {
    try {
      pages += Number(readFileSync(`/proc/${pid}/statm`, 'utf8').split(' ')[1])
    } catch {
      // It ended; the round that was using it will say so.
    }
  }
  return (pages * PAGE_BYTES) / 2 ** 20
}
