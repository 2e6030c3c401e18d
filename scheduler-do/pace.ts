/**
 * The rate of a task queue in one shard: what is due beyond it waits here, the highest priority first. In memory only: at
 * a wake everything that is due comes anew.
 */
import type { ActivityTask } from '../shared/core/attempt.ts'
import { Heap } from './heap.ts'

/** Who goes first of those that wait: the higher priority, then who has been due for longer. */
export function byTurn(one: ActivityTask, other: ActivityTask): number {
  const priority = (other.priority ?? 0) - (one.priority ?? 0)
  if (priority !== 0) return priority
  if (one.dueAt !== other.dueAt) return one.dueAt - other.dueAt
  if (one.runId !== other.runId) return one.runId < other.runId ? -1 : 1
  return one.seq - other.seq
}

/** What was not used of the rate is kept for so long. */
const BURST_MS = 1_000

export class Pace {
  readonly #intervalMs: number
  #nextAt = 0
  readonly #waiting = new Heap<ActivityTask>(byTurn)

  /** The shards of a namespace share the rate. */
  constructor(ratePerSecond: number, shards: number) {
    this.#intervalMs = (1_000 * shards) / ratePerSecond
  }

  get busy(): boolean {
    return this.#waiting.size > 0
  }

  /** When the next one may go. */
  get nextAt(): number {
    return this.#nextAt
  }

  /** Whether one may go now. It counts as gone. */
  admits(now: number): boolean {
    if (now < this.#nextAt) return false
    this.#nextAt = Math.max(this.#nextAt, now - BURST_MS) + this.#intervalMs
    return true
  }

  wait(task: ActivityTask): void {
    this.#waiting.set(task)
  }

  /** It has ended, and waits no more. */
  leave(key: string): void {
    this.#waiting.delete(key)
  }

  /** Takes out whose turn it is now, of those that still wait; null where there is no room, or nobody. */
  next(now: number, waits: (task: ActivityTask) => boolean): ActivityTask | null {
    while (now >= this.#nextAt) {
      const first = this.#waiting.shift()
      if (!first) break
      if (waits(first) && this.admits(now)) return first
    }
    return null
  }
}
