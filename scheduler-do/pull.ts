/**
 * Pull task queues: tasks wait in their shards until somebody takes them. In memory only: at a wake every unclaimed task
 * is offered anew.
 */
import type { ActivityTask } from '../shared/core/attempt.ts'
import { PROTOCOL_VERSION } from '../shared/protocol.ts'
import type { Reply } from '../shared/protocol.ts'
import type { PulledTask, PullReply, PullRequest } from '../shared/pull.ts'
import type { Time } from '../shared/time.ts'
import { claimOne } from './activities.ts'
import { overloaded } from './admission.ts'
import { Heap } from './heap.ts'
import { ask } from './inbox.ts'
import { byTurn } from './pace.ts'
import type { Shard } from './shard.ts'
import type { Turn } from './turn.ts'

/** Of one task queue in one shard. */
const MAX_POLLERS = 1_000
const CROWDED = overloaded(`${MAX_POLLERS} pollers wait for this task queue`, 5_000)
/** Longer than any poll takes. */
const ENDED_MS = 60_000

interface Waiting {
  readonly tell: (offered: boolean) => void
}

export class Offers {
  readonly #time: Time
  /** By task queue. */
  readonly #tasks = new Map<string, Heap<ActivityTask>>()
  readonly #pollers = new Map<string, Map<string, Waiting>>()
  readonly #ended = new Set<string>()

  constructor(time: Time) {
    this.#time = time
  }

  add(task: ActivityTask): void {
    entryOf(this.#tasks, task.taskQueue, newLine).set(task)
    for (const { tell } of this.#pollers.get(task.taskQueue)?.values() ?? []) tell(true)
  }

  /** Up to `limit` of them, the highest priority first. Some may have ended meanwhile. */
  take(taskQueue: string, limit: number): ActivityTask[] {
    const offered = this.#tasks.get(taskQueue)
    const taken: ActivityTask[] = []
    while (taken.length < limit) {
      const first = offered?.shift()
      if (!first) break
      taken.push(first)
    }
    return taken
  }

  /** It has ended, and nobody need take it. */
  withdraw(key: string): void {
    for (const offered of this.#tasks.values()) offered.delete(key)
  }

  /**
   * True once there is a task to be taken; false after `ms`, or when the poller no longer waits for this answer. Null
   * where too many wait already.
   */
  wait(taskQueue: string, poller: string, ms: number): Promise<boolean> | null {
    this.leave(taskQueue, poller)
    if ((this.#tasks.get(taskQueue)?.size ?? 0) > 0) return Promise.resolve(true)
    const pollers = entryOf(this.#pollers, taskQueue, () => new Map<string, Waiting>())
    if (pollers.size >= MAX_POLLERS) return null
    return new Promise((resolve) => {
      const tell = (offered: boolean): void => {
        cancel()
        pollers.delete(poller)
        resolve(offered)
      }
      const cancel = this.#time.after(ms, () => tell(false))
      pollers.set(poller, { tell })
    })
  }

  /** A poll that was broken off may still be under way: it is granted nothing from now on. */
  end(claimId: string): void {
    this.#ended.add(claimId)
    this.#time.after(ENDED_MS, () => this.#ended.delete(claimId))
  }

  hasEnded(claimId: string): boolean {
    return this.#ended.has(claimId)
  }

  /** Nobody hears any more what the poller was waiting for. */
  leave(taskQueue: string, poller: string): void {
    this.#pollers.get(taskQueue)?.get(poller)?.tell(false)
  }

  /** The shard is given up: whoever waits asks again. */
  clear(): void {
    this.#tasks.clear()
    for (const pollers of this.#pollers.values()) for (const { tell } of pollers.values()) tell(false)
  }
}

export async function pull(shard: Shard, request: PullRequest): Promise<Reply<PullReply>> {
  const { offers } = shard.sending
  const { taskQueue, poller, limit, waitMs, again = false, claimId } = request
  if (offers.hasEnded(claimId)) return { ok: true, value: { tasks: [], offered: false } }
  if (waitMs !== undefined) {
    const offered = await offers.wait(taskQueue, poller, waitMs)
    return offered === null ? CROWDED : { ok: true, value: { tasks: [], offered } }
  }
  if (again) offers.leave(taskQueue, poller)
  const ends = again && limit === 0
  if (ends) offers.end(claimId)
  const held = again ? heldBy(shard, taskQueue, claimId) : []
  const taken = offers.take(taskQueue, Math.max(0, limit - held.length))
  const { job, reply } = ask<PullReply>((turn, answer) => {
    const isLate = !ends && offers.hasEnded(claimId)
    if (isLate) for (const task of taken) offers.add(task)
    const found = isLate ? [] : [...held, ...taken]
    const tasks = found.flatMap((task) => granted(shard, turn, { task, claimId }))
    answer({ ok: true, value: { tasks, offered: false } })
  })
  shard.submit(job)
  return await reply
}

function heldBy(shard: Shard, taskQueue: string, claimId: string): ActivityTask[] {
  const tasks = [...shard.memory.tasks.values()]
  return tasks.filter((task) => task.taskQueue === taskQueue && task.claim?.id === claimId)
}

function granted(
  shard: Shard,
  turn: Turn,
  { task, claimId }: { task: ActivityTask; claimId: string },
): PulledTask[] {
  const { workflowId, runId, seq, attempt, activityType, hasInput } = task
  const grant = claimOne(shard, turn, { runId, seq, attempt, claimId, deliveries: 1, needInput: true })
  if (!grant.ok) return []
  const key = { workflowId, runId, seq, attempt: grant.attempt }
  return [{ task: { v: PROTOCOL_VERSION, to: shard.address, ...key, activityType, hasInput }, grant }]
}

function newLine(): Heap<ActivityTask> {
  return new Heap(byTurn)
}

function entryOf<T>(map: Map<string, T>, key: string, create: () => T): T {
  const known = map.get(key) ?? create()
  map.set(key, known)
  return known
}
