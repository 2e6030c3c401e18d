/**
 * How many runs of the hot tier have which status, and how many events were committed. The runs are counted once, when
 * somebody asks; from then on memory keeps up with what is committed, so that asking again reads no row.
 */
import type { HistoryEvent, HistoryEventType } from '../shared/core/events.ts'
import type { RunState } from '../shared/core/state.ts'
import type { RunStatus } from '../shared/protocol.ts'
import type { Blocked } from './store/runs.ts'
import { hotClosed, openRuns, statusesOf } from './store/stats.ts'
import { statusAfter } from './project.ts'
import type { Sql } from './store/sql.ts'

interface Counted {
  readonly statuses: Map<RunStatus, number>
  /** Open runs that are not simply running. */
  readonly paused: Set<string>
  readonly blocked: Set<string>
}

export class Census {
  readonly #sql: Sql
  /** Epoch ms: when the shard woke. */
  readonly since: number
  #counted: Counted | null = null
  /** Since the shard woke. */
  readonly events = new Map<HistoryEventType, number>()

  constructor(sql: Sql, since: number) {
    this.#sql = sql
    this.since = since
  }

  get runs(): { statuses: ReadonlyMap<RunStatus, number>; blocked: number } {
    this.#counted ??= counted(this.#sql)
    const { statuses, blocked } = this.#counted
    return { statuses, blocked: blocked.size }
  }

  /** A turn of a run has been committed. */
  took({ runId, closed }: RunState, begins: boolean, events: readonly HistoryEvent[]): void {
    for (const { type } of events) this.events.set(type, (this.events.get(type) ?? 0) + 1)
    if (!this.#counted) return
    const { statuses, paused, blocked } = this.#counted
    const before = begins ? null : paused.has(runId) ? 'paused' : 'running'
    const after = closed ?? statusAfter(events) ?? before ?? 'running'
    if (before === after) return
    if (before) add(statuses, before, -1)
    add(statuses, after, 1)
    if (after === 'paused') paused.add(runId)
    else paused.delete(runId)
    if (closed) blocked.delete(runId)
  }

  tookBlocked(changes: ReadonlyMap<string, Blocked | null>): void {
    for (const [runId, blocked] of changes) {
      if (blocked) this.#counted?.blocked.add(runId)
      else this.#counted?.blocked.delete(runId)
    }
  }

  /** Closed runs are about to leave the hot tier. */
  leaving(runIds: readonly string[]): void {
    if (!this.#counted) return
    for (const [status, count] of statusesOf(this.#sql, runIds)) add(this.#counted.statuses, status, -count)
  }

  /** Whoever asks next counts anew. */
  forget(): void {
    this.#counted = null
  }
}

function counted(sql: Sql): Counted {
  const statuses = hotClosed(sql)
  const [paused, blocked] = [new Set<string>(), new Set<string>()]
  for (const run of openRuns(sql)) {
    add(statuses, run.status, 1)
    if (run.status === 'paused') paused.add(run.runId)
    if (run.blocked) blocked.add(run.runId)
  }
  return { statuses, paused, blocked }
}

function add(statuses: Map<RunStatus, number>, status: RunStatus, count: number): void {
  const now = (statuses.get(status) ?? 0) + count
  if (now === 0) statuses.delete(status)
  else statuses.set(status, now)
}
