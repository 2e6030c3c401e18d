/**
 * What no row tells in the end. Seen at each write: which runs stood when they ended, and how long due timers waited. Heard
 * in the log: what a watchdog had to mend, and defects.
 */
import type { Finding } from '../../shared/health.ts'
import type { FaultKind } from './faults.ts'
import type { DiskView } from './view.ts'

/** A timer that has fired, or that nobody waits for any more. */
export interface PassedTimer {
  readonly runId: string
  readonly seq: number
  /** Epoch ms of when it was due and its run took it: one that was paused or blocked takes it later. */
  readonly dueAt: number
  readonly goneAt: number
  /** What had gone wrong that may have held it up. */
  readonly faults: readonly FaultKind[]
}

export interface Watched {
  /** Runs that were paused, blocked, or waiting for payloads when they ended. */
  readonly stood: ReadonlySet<string>
  readonly timers: readonly PassedTimer[]
  /** When all was deployed anew, in the end; Infinity before that. */
  readonly calmAt: number
  /** By the watchdogs of the shards. */
  readonly found: readonly Finding[]
  /** Lines of the log. */
  readonly defects: readonly string[]
}

interface Due {
  readonly runId: string
  readonly seq: number
  dueAt: number
}

/** How long a shard that is lost may leave its timers: what it armed before, late, and by a clock that was set since. */
export const LOSS_MS = 30_000 + 3_000 + 10_000

export class Watch implements Watched {
  readonly stood = new Set<string>()
  readonly timers: PassedTimer[] = []
  readonly found: Finding[] = []
  readonly defects: string[] = []
  readonly #struck: { readonly kind: FaultKind; readonly at: number }[] = []
  readonly #due = new Map<string, Map<string, Due>>()
  readonly #standing = new Set<string>()
  calmAt = Infinity

  /** Nothing goes wrong from now on, and every clock is right. */
  calm(now: number): void {
    this.calmAt = now
  }

  struck(kind: FaultKind, at: number): void {
    this.#struck.push({ kind, at })
  }

  /** A line of JSON, as the engine writes them. */
  logged(line: string): void {
    if (line.includes('"watchdog_found"')) this.found.push(JSON.parse(line) as Finding) // as the watchdog tells it
    if (line.includes('"defect"')) this.defects.push(line)
  }

  written(name: string, sql: DiskView['sql'], now: number): void {
    this.#takeTimers(name, sql.exec(TIMERS).toArray() as unknown as TimerRow[], now) // as it selects them
    for (const row of sql.exec(RUNS).toArray() as unknown as RunRow[]) this.#takeRun(row) // as it selects them
  }

  #takeTimers(name: string, rows: readonly TimerRow[], now: number): void {
    const before = this.#due.get(name) ?? new Map<string, Due>()
    const after = new Map<string, Due>()
    for (const due of before.values()) if (this.#standing.has(due.runId)) due.dueAt = Math.max(due.dueAt, now)
    for (const { run_id: runId, seq, fire_at: fireAt } of rows) {
      const key = `${runId}/${seq}`
      after.set(key, before.get(key) ?? { runId, seq, dueAt: Math.max(fireAt, now) })
    }
    for (const [key, due] of before) if (!after.has(key)) this.#passed(due, now)
    this.#due.set(name, after)
  }

  #takeRun({ run_id: runId, stands, completed_at: endedAt }: RunRow): void {
    if (endedAt !== null) {
      if (this.#standing.delete(runId)) this.stood.add(runId)
    } else if (stands === 1) this.#standing.add(runId)
    else this.#standing.delete(runId)
  }

  /** A clock that was set stays so. */
  #passed(due: Due, now: number): void {
    const since = due.dueAt - LOSS_MS
    const faults =
      due.dueAt < this.calmAt
        ? this.#struck.filter(({ kind, at }) => kind === 'clock jumps' || at >= since)
        : []
    this.timers.push({ ...due, goneAt: now, faults: faults.map(({ kind }) => kind) })
  }
}

interface TimerRow {
  readonly run_id: string
  readonly seq: number
  readonly fire_at: number
}
interface RunRow {
  readonly run_id: string
  readonly completed_at: number | null
  readonly stands: number
}

const TIMERS = 'SELECT run_id, seq, fire_at FROM workflow_timers'
const RUNS = `SELECT run_id, completed_at, status = 'paused' OR blocked IS NOT NULL
  OR run_id IN (SELECT run_id FROM parked_inputs) AS stands FROM workflows`
