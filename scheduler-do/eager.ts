/**
 * The eager lane: attempts that the shard hands to an activity Worker itself, right after the commit that made them due.
 *
 * G1 Claims are granted with the call, in memory only. No turn waits for the call; it is open for as long as the work lasts.
 * G2 What the Worker has no room for goes by the Queue, and so does everything for a while after a call has failed.
 * G3 A claim whose call failed goes by the Queue too, as a new attempt, once nobody has renewed it for 15 s.
 * G4 What may run once only goes by the Queue: its claim is written before it is granted.
 */
import { callFailed, claim } from '../shared/core/attempt.ts'
import type { ActivityTask } from '../shared/core/attempt.ts'
import { mostBytes, payloadBytes } from '../shared/payload.ts'
import type { PerformRequest } from '../shared/perform.ts'
import { PROTOCOL_VERSION } from '../shared/protocol.ts'
import { referenceOf } from '../shared/reference.ts'
import { refusalError } from '../shared/refusal.ts'
import { grantedReply, settle } from './activities.ts'
import { messageOf } from './dispatch.ts'
import type { Dispatched } from './dispatch.ts'
import { callKey } from './keys.ts'
import type { LiveRun } from './live.ts'
import { errorFacts, log } from './log.ts'
import type { Shard } from './shard.ts'
import { signedGrant } from './task-tokens.ts'
import type { NewActivity } from './turn-world.ts'

/** Attempts of a task queue that are handed over and have not ended; what is more goes by the Queue. */
const MOST_OPEN = 1_000
const MOST_IN_CALL = 100
const MAX_CALL_BYTES = 1024 * 1024
/** After a call that failed. */
const REST_MS = 30_000
/** Of a run whose activities get no row at once: a wake reads its history before it answers anything. */
const MOST_READ_BYTES = 1024 * 1024
/** Of an input that memory keeps until there is a row, counted as text of the longest characters. */
const MOST_KEPT_BYTES = 24 * 1024
const LASTING_MS = 60_000

export class Eager {
  readonly #shard: Shard
  readonly #open = new Map<string, number>()
  /** By task queue, until when its Queue is used. */
  readonly #restsUntil = new Map<string, number>()
  /** By activity type, until when its activities get their row at once. */
  readonly #lastingUntil = new Map<string, number>()
  /** Tasks whose attempt was given back. */
  readonly #givenBack = new Set<string>()

  constructor(shard: Shard) {
    this.#shard = shard
  }

  /** Whether a new activity gets no row yet: it is small, nothing is in its way here, and those of its type are short. */
  keepsUnwritten(live: LiveRun, { task, input, beside }: NewActivity, now: number): boolean {
    const { ratePerSecond } = this.#shard.config.taskQueues.get(task.taskQueue) ?? {}
    if (ratePerSecond !== undefined || task.awaitsKey || live.historyLength > MOST_READ_BYTES) return false
    if ((this.#lastingUntil.get(task.activityType) ?? 0) > now || !this.takes(task, { now, beside }))
      return false
    return input === undefined || (referenceOf(input) === null && mostBytes(input) <= MOST_KEPT_BYTES)
  }

  /** An activity of the type was still at work when its row was written. */
  lasts({ activityType }: ActivityTask, now: number): void {
    this.#lastingUntil.set(activityType, now + LASTING_MS)
  }

  /** Whether the attempt is for this lane, now, beside so many others of the same turn. */
  takes(task: ActivityTask, { now, beside }: { now: number; beside: number }): boolean {
    const { key, taskQueue, claim: held, sends, retry } = task
    if (!this.#shard.config.taskQueues.get(taskQueue)?.eager) return false
    if (this.#givenBack.delete(key) || held || sends > 0 || retry.maxAttempts === 1) return false
    const open = (this.#open.get(taskQueue) ?? 0) + beside
    return open < MOST_OPEN && (this.#restsUntil.get(taskQueue) ?? 0) <= now
  }

  /** Grants the claims and makes the calls. */
  hand(found: readonly Dispatched[], now: number): void {
    for (const [taskQueue, items] of Map.groupBy(found, ({ task }) => task.taskQueue))
      for (const batch of batches(items)) void this.#call(taskQueue, this.#request(batch, now))
  }

  /** Its next message goes by the Queue. */
  givenBack({ key, taskQueue }: ActivityTask): void {
    if (this.#shard.config.taskQueues.get(taskQueue)?.eager) this.#givenBack.add(key)
  }

  ended(key: string): void {
    this.#givenBack.delete(key)
  }

  #request(batch: readonly Dispatched[], now: number): PerformRequest {
    const { memory, address, config } = this.#shard
    const claimId = config.runtime.chance.uuid()
    const tasks: PerformRequest['tasks'] = []
    for (const { task, input } of batch) {
      const grant = claim(task, { claimId, attempt: task.attempt, deliveries: 0 }, now)
      memory.setTask(grant.kind === 'granted' ? grant.task : task)
      if (grant.kind === 'refused') continue
      tasks.push({ task: messageOf(address, task, input), grant: grantedReply(grant.task, now) })
    }
    return { v: PROTOCOL_VERSION, to: address, claimId, tasks }
  }

  async #call(taskQueue: string, request: PerformRequest): Promise<void> {
    const { config, clock } = this.#shard
    const { length } = request.tasks
    this.#count(taskQueue, length)
    try {
      const answer = await config.taskQueues.get(taskQueue)?.eager?.perform(this.#signed(request))
      const settled = answer?.settled ?? []
      const { to, claimId } = request
      const reply = await settle(this.#shard, { v: PROTOCOL_VERSION, to, claimId, tasks: settled })
      if (!reply.ok) throw refusalError(reply)
    } catch (error) {
      log('eager_call_failed', { taskQueue, tasks: length, ...errorFacts(error) })
      this.#restsUntil.set(taskQueue, clock.now() + REST_MS)
      this.#failed(request)
    } finally {
      this.#count(taskQueue, -length)
    }
  }

  #signed(request: PerformRequest): PerformRequest {
    const { taskTokens } = this.#shard.config
    if (!taskTokens.configured) return request
    const { to, claimId } = request
    const tasks = request.tasks.map(({ task, grant }) => {
      const { runId, seq } = task
      return { task, grant: signedGrant(taskTokens, grant, { to, runId, seq, claimId }) }
    })
    return { ...request, tasks }
  }

  /** What of it has not ended: nobody may be at it any more. */
  #failed({ claimId, tasks }: PerformRequest): void {
    const { memory, alarm } = this.#shard
    for (const { task } of tasks) {
      const known = memory.tasks.get(callKey(task.runId, task.seq))
      if (known?.claim?.id === claimId) memory.setTask(callFailed(known))
    }
    alarm.arm()
  }

  #count(taskQueue: string, more: number): void {
    this.#open.set(taskQueue, (this.#open.get(taskQueue) ?? 0) + more)
  }
}

function batches(items: readonly Dispatched[]): Dispatched[][] {
  const made: Dispatched[][] = []
  let current: Dispatched[] = []
  let bytes = 0
  for (const item of items) {
    const size = payloadBytes(item.input)
    if (current.length === MOST_IN_CALL || (current.length > 0 && bytes + size > MAX_CALL_BYTES)) {
      made.push(current)
      current = []
      bytes = 0
    }
    current.push(item)
    bytes += size
  }
  if (current.length > 0) made.push(current)
  return made
}
