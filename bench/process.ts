/** Process groups, seen from outside. */
import type { ChildProcess } from 'node:child_process'
import { readFileSync, readdirSync, rmSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'

const STOPS_WITHIN_MS = 5_000
const PAGE_BYTES = 4096

/** Ends the group and removes what it kept on disk. */
export async function stopGroup(child: ChildProcess, directory: string): Promise<void> {
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
export function killGroup(child: ChildProcess): boolean {
  if (child.pid === undefined) return false
  try {
    return process.kill(-child.pid, 'SIGKILL')
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ESRCH') return false
    throw error
  }
}

/** The workerd processes of the group. Linux only; elsewhere there is no /proc, and no figure. */
export function workerdOf(child: ChildProcess): string[] {
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

export function rssMiB(pids: readonly string[]): number {
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

const TICK_MS = 10

/** What the processes have computed so far. */
export function cpuMs(pids: readonly string[]): number {
  return pids.reduce((total, pid) => {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.split(' ') ?? []
    return total + (Number(fields[11]) + Number(fields[12])) * TICK_MS
  }, 0)
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
