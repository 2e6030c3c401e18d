/** What a shard holds in memory. Everything here can be had again from rows; nothing here is ever ahead of them. */
import { nextDeadline } from '../shared/core/attempt.ts'
import type { ActivityTask } from '../shared/core/attempt.ts'
import type { KeyLine } from '../shared/core/key-line.ts'
import { LiveCache, MemoryBudget } from '../shared/replay/cache.ts'
import type { Changes } from './changes.ts'
import { Deadlines } from './deadlines.ts'
import { dueKey } from './keys.ts'
import { liveBytes } from './live.ts'
import type { LiveRun } from './live.ts'
import type { Positions } from './project.ts'

/** Shared by every shard of the isolate: all objects of a process may live in one. */
const budget = new MemoryBudget(48 * 1024 * 1024)

/** What an open activity and a due time weigh, as measured. */
const TASK_BYTES = 650
const DEADLINE_BYTES = 340
const MAX_OPEN_BYTES = 40 * 1024 * 1024

export class Memory {
  readonly runs = new LiveCache<LiveRun>(budget)
  readonly tasks = new Map<string, ActivityTask>()
  readonly deadlines = new Deadlines()
  /** How many tasks have a claim that no row knows of. */
  #unwrittenClaims = 0
  /** Tasks that no row knows of. */
  readonly unwritten = new Set<string>()
  /** By `lineKey`; an empty line is left out. */
  readonly keyLines = new Map<string, KeyLine>()
  readonly positions: Positions = { sequence: 1, sent: new Map() }
  /** The last number applied, per source shard. */
  readonly applied = new Map<number, number>()

  /** Whether no more runs should begin here, since those that are open take all the memory there is for them. */
  get full(): boolean {
    const open = this.tasks.size * TASK_BYTES + this.deadlines.size * DEADLINE_BYTES
    return open > MAX_OPEN_BYTES || this.runs.overfull
  }

  /** Whether no row knows of something here. */
  get holdsUnwritten(): boolean {
    return this.#unwrittenClaims + this.unwritten.size > 0
  }

  setTask(task: ActivityTask): void {
    const { key, taskQueue } = task
    const before = this.tasks.get(key)
    this.tasks.set(key, task)
    this.#count(before, task)
    this.deadlines.set(key, nextDeadline(task), taskQueue)
  }

  dropTask(key: string): void {
    const task = this.tasks.get(key)
    this.tasks.delete(key)
    this.#count(task, undefined)
    this.deadlines.delete(key, task?.taskQueue)
  }

  /** Takes over what a turn has committed, runs and tasks apart: of those `sendDue` knows what they become. */
  take(changes: Changes): void {
    for (const { runId, seq, fireAt } of changes.timers.values()) {
      this.deadlines.set(dueKey({ kind: 'timer', runId, seq }), fireAt ?? Infinity)
    }
    for (const [scheduleId, row] of changes.schedules) {
      this.deadlines.set(dueKey({ kind: 'schedule', scheduleId }), row?.state.dueAt ?? Infinity)
    }
    for (const [name, { line }] of changes.keyLines) {
      if (line.empty) this.keyLines.delete(name)
      else this.keyLines.set(name, line)
    }
    for (const [shard, number] of changes.applied) this.applied.set(shard, number)
  }

  /** Keeps a run, as heavy as it has become; one with steps in flight is pinned. */
  keep(live: LiveRun, pinned: boolean): void {
    const { runId } = live.state
    if (this.runs.peek(runId) !== live) this.runs.set(runId, live, 0)
    this.runs.update(runId, { bytes: liveBytes(live), pinned })
  }

  clear(): void {
    this.runs.clear()
    this.tasks.clear()
    this.deadlines.clear()
    this.#unwrittenClaims = 0
    this.unwritten.clear()
    this.keyLines.clear()
    this.applied.clear()
    this.positions.sent.clear()
  }

  #count(before: ActivityTask | undefined, after: ActivityTask | undefined): void {
    this.#unwrittenClaims += Number(claimUnwritten(after)) - Number(claimUnwritten(before))
    const key = (after ?? before)?.key
    if (key === undefined || Boolean(before?.unwritten) === Boolean(after?.unwritten)) return
    if (after?.unwritten) this.unwritten.add(key)
    else this.unwritten.delete(key)
  }
}

function claimUnwritten(task: ActivityTask | undefined): boolean {
  return task?.claim?.persisted === false
}
