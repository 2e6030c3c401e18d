/** The processes of one system with all their descendants, seen from outside. Linux only. */
import { type ChildProcess, spawn } from 'node:child_process'
import { closeSync, openSync, readFileSync, readdirSync } from 'node:fs'
import { setTimeout as pause } from 'node:timers/promises'

export interface Program {
  command: string
  args: readonly string[]
  /** Where standard error goes. */
  log: string
  env?: Record<string, string>
  /** Whose process it is; absent, the caller's. */
  user?: { uid: number; gid: number } | null
  /** Whether file descriptor 3 is a pipe that the parent reads. */
  control?: boolean
}

const GONE_WITHIN_MS = 10_000
/** Of the kernel's accounts. */
const TICK_MS = 10

export class Tree {
  readonly #roots = new Set<ChildProcess>()
  #isClosed = false

  get isClosed(): boolean {
    return this.#isClosed
  }

  spawn({ command, args, log, env = {}, user, control = false }: Program): ChildProcess {
    if (this.#isClosed) throw new Error('the system has been stopped')
    const errors = openSync(log, 'a')
    const child = spawn(command, args, {
      detached: true, // an interruption of the terminal is the runner's to hear
      stdio: ['ignore', 'ignore', errors, ...(control ? (['pipe'] as const) : [])],
      env: { ...process.env, ...env },
      ...user,
    })
    closeSync(errors)
    child.once('error', () => this.#roots.delete(child))
    child.once('exit', () => this.#roots.delete(child))
    this.#roots.add(child)
    return child
  }

  /** All at once, as a machine ends that loses its power; resolves when none is left. */
  async kill(): Promise<void> {
    const pids = this.pids()
    this.signal('SIGKILL')
    for (const until = Date.now() + GONE_WITHIN_MS; pids.some(isAlive); await pause(5))
      if (Date.now() > until) throw new Error(`processes ${pids.filter(isAlive).join(', ')} do not end`)
  }

  /** Nothing is started any more, and nothing is left. */
  async close(): Promise<void> {
    this.#isClosed = true
    await this.kill()
  }

  signal(signal: NodeJS.Signals): void {
    for (const pid of this.pids()) {
      try {
        process.kill(pid, signal)
      } catch {
        // It ended by itself, or with its parent.
      }
    }
  }

  pids(): number[] {
    const children = childrenOfAll()
    const below = (pid: number): number[] => [pid, ...(children.get(pid) ?? []).flatMap(below)]
    return [...this.#roots].flatMap(({ pid }) => (pid === undefined ? [] : below(pid)))
  }

  /** What they have computed so far. */
  cpuMs(): number {
    return this.pids().reduce((sum, pid) => sum + (stat(pid)?.cpuMs ?? 0), 0)
  }

  /** What they hold; memory that some of them share counts once. */
  pssMiB(): number {
    return this.pids().reduce((sum, pid) => sum + pssKiB(pid), 0) / 1024
  }
}

function childrenOfAll(): Map<number, number[]> {
  const children = new Map<number, number[]>()
  for (const entry of readdirSync('/proc')) {
    const parent = /^\d+$/.test(entry) ? stat(Number(entry))?.parent : undefined
    if (parent !== undefined) children.set(parent, [...(children.get(parent) ?? []), Number(entry)])
  }
  return children
}

/** Undefined when there is no such process. */
function stat(pid: number): { state: string; parent: number; cpuMs: number } | undefined {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.split(' ') ?? []
    const [state = '', parent] = fields
    return { state, parent: Number(parent), cpuMs: (Number(fields[11]) + Number(fields[12])) * TICK_MS }
  } catch {
    return undefined
  }
}

/** What only waits to be reaped holds nothing any more. */
function isAlive(pid: number): boolean {
  return (stat(pid)?.state ?? 'Z') !== 'Z'
}

function pssKiB(pid: number): number {
  try {
    return Number(/^Pss:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'))?.[1] ?? 0)
  } catch {
    return 0 // it ended
  }
}
