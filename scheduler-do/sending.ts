/**
 * Which attempts are handed to their Queues, and when again. A message unclaimed for a minute, or for four times what
 * messages wait in this shard's queues, counts as lost; at most a thousand a minute and task queue are sent again, so
 * that a queue that is merely slow is not buried under copies.
 */
import { due, RESEND_MS, sent } from '../shared/core/attempt.ts'
import type { ActivityTask } from '../shared/core/attempt.ts'
import type { Payload } from '../shared/payload.ts'
import type { Changes } from './changes.ts'
import { dispatch } from './dispatch.ts'
import type { Dispatched } from './dispatch.ts'
import { Eager } from './eager.ts'
import { Gate } from './gate.ts'
import { callKey, dueKey } from './keys.ts'
import { byTurn, Pace } from './pace.ts'
import { tell } from './inbox.ts'
import type { Shard } from './shard.ts'
import { Offers } from './pull.ts'
import type { Time } from '../shared/time.ts'
import { taskInput } from './store/tasks.ts'
import type { Turn } from './turn.ts'
import { writeDown } from './unwritten.ts'

const RETRY_MS = 1_000
const MINUTE_MS = 60_000
const RESENDS_PER_MINUTE = 1_000
/** Longer than anything waits in line without being looked at: its timeouts are looked at all the same. */
const IN_LINE_MS = 86_400_000
/** Two whole batches, or ten of small messages. */
const MAX_BYTES_UNDER_WAY = 440_000
const DELAYS_BEFORE_LOST = 4
/** The share of the newest wait in the running mean. */
const NEWEST = 0.05

/** What goes with one turn. */
interface Going {
  readonly now: number
  /** Handed over by calls. */
  readonly eager: Dispatched[]
  readonly queued: Dispatched[]
}

export class Sending {
  /** Of pull task queues. */
  readonly offers: Offers
  readonly eager: Eager
  readonly #shard: Shard
  #queueDelayMs = 0
  #minute = 0
  readonly #resent = new Map<string, number>()
  readonly #rooms = new Map<string, Gate>()
  readonly #paces = new Map<string, Pace>()
  /** Those whose turn it is, until they are sent. */
  readonly #released = new Set<string>()

  constructor(shard: Shard, time: Time) {
    this.#shard = shard
    this.offers = new Offers(time)
    this.eager = new Eager(shard)
  }

  /** A message was claimed: how long it had waited is what the next may wait. */
  claimed(task: ActivityTask, now: number): void {
    if (task.sentAt === null || task.sends !== 1) return
    this.#queueDelayMs += (now - task.sentAt - this.#queueDelayMs) * NEWEST
  }

  /** Memory takes the tasks over that a turn has committed, each once, as what is due becomes by being sent. */
  sendDue(changes: Changes): void {
    const { clock, memory, config, address } = this.#shard
    const now = clock.now()
    const going: Going = { now, eager: [], queued: [] }
    for (const [key, { task, input, created }] of changes.tasks) {
      if (!task) this.#ended(key)
      else if (due(task, { now, draw: 0 }).kind !== 'send') memory.setTask(task)
      else this.#send(going, { task, input: created ? input : this.#input(task) })
    }
    for (const [taskQueue, pace] of this.#paces) if (pace.busy) this.release(taskQueue)
    this.eager.hand(going.eager.toSorted(inTurn), now)
    if (going.queued.length === 0) return
    const ordered = going.queued.toSorted(inTurn)
    const room = (taskQueue: string): Gate => this.#roomOf(taskQueue)
    dispatch({ queues: config.taskQueues, address, room, failed: (tasks) => this.#failed(tasks) }, ordered)
  }

  #send({ now, eager, queued }: Going, { task, input }: Dispatched): void {
    const { memory, config, payloads } = this.#shard
    if (payloads.pending(input)) this.#waitFor(task, input)
    else if (this.#waitsInLine(task)) memory.setTask({ ...task, sentAt: now, sends: 0, resendMs: IN_LINE_MS })
    else if (!this.#admits(task, now)) memory.setTask({ ...task, sentAt: now, resendMs: MINUTE_MS, sends: 1 })
    else if (this.eager.takes(task, { now, beside: eager.length })) eager.push({ task, input })
    else if (task.unwritten) {
      memory.setTask(task)
      writeDown(this.#shard, [task])
    } else {
      if (config.taskQueues.get(task.taskQueue)?.queue === null) this.offers.add(task)
      else queued.push({ task, input })
      memory.setTask(sent(task, now, Math.max(RESEND_MS, this.#queueDelayMs * DELAYS_BEFORE_LOST)))
    }
  }

  #ended(key: string): void {
    this.#shard.memory.dropTask(key)
    this.eager.ended(key)
    this.offers.withdraw(key)
    this.#released.delete(key)
    for (const pace of this.#paces.values()) pace.leave(key)
  }

  #roomOf(taskQueue: string): Gate {
    const known = this.#rooms.get(taskQueue) ?? new Gate(MAX_BYTES_UNDER_WAY)
    this.#rooms.set(taskQueue, known)
    return known
  }

  /** Lets go of what waits for the rate of its task queue, as far as that has room. */
  release(taskQueue: string): void {
    const pace = this.#paces.get(taskQueue)
    if (!pace) return
    const { memory, clock } = this.#shard
    const now = clock.now()
    const waits = ({ key, attempt }: ActivityTask): boolean => {
      const task = memory.tasks.get(key)
      return task?.attempt === attempt && task.claim === null && task.sends === 0
    }
    for (let task = pace.next(now, waits); task; task = pace.next(now, waits)) {
      const released = task
      this.#released.add(released.key)
      this.#shard.submit(tell((turn) => sendNow(turn, released)))
    }
    if (pace.busy) memory.deadlines.set(dueKey({ kind: 'task_queue', taskQueue }), pace.nextAt)
  }

  /** With a rate every task waits in line, so that of those that come together the first goes first; a silent claim is no new start. */
  #waitsInLine(task: ActivityTask): boolean {
    const pace = this.#paceOf(task.taskQueue)
    if (!pace || task.claim || this.#released.delete(task.key)) return false
    pace.wait(task)
    return true
  }

  #paceOf(taskQueue: string): Pace | undefined {
    const { config, address } = this.#shard
    const known = this.#paces.get(taskQueue)
    const rate = config.taskQueues.get(taskQueue)?.ratePerSecond
    if (known || rate === undefined) return known
    const pace = new Pace(rate, address.shards)
    this.#paces.set(taskQueue, pace)
    return pace
  }

  #admits(task: ActivityTask, now: number): boolean {
    if (task.sends === 0) return true
    const minute = Math.floor(now / MINUTE_MS)
    if (minute !== this.#minute) this.#resent.clear()
    this.#minute = minute
    const count = (this.#resent.get(task.taskQueue) ?? 0) + 1
    this.#resent.set(task.taskQueue, count)
    return count <= RESENDS_PER_MINUTE
  }

  /** Nobody may claim it before its input can be read: it is sent once the object is there. */
  #waitFor(task: ActivityTask, input: Payload): void {
    const { memory, clock, payloads } = this.#shard
    memory.setTask({ ...task, sentAt: clock.now(), sends: 0, resendMs: RETRY_MS })
    void payloads.stored(input, RETRY_MS).then((readable) => {
      if (!readable) return // it is due again by now
      this.#shard.submit(tell((turn) => sendNow(turn, task)))
    })
  }

  #input(task: ActivityTask): Payload {
    return task.hasInput ? taskInput(this.#shard.sql, task.runId, task.seq) : undefined
  }

  /** What the queue did not take is due again soon, unless it was claimed or ended meanwhile. */
  #failed(tasks: readonly ActivityTask[]): void {
    const { memory, clock, alarm } = this.#shard
    for (const { runId, seq, attempt } of tasks) {
      const task = memory.tasks.get(callKey(runId, seq))
      if (!task || task.attempt !== attempt || task.claim) continue
      memory.setTask({ ...task, sentAt: clock.now(), sends: 0, resendMs: RETRY_MS })
    }
    alarm.arm()
  }
}

function inTurn(one: Dispatched, other: Dispatched): number {
  return byTurn(one.task, other.task)
}

function sendNow(turn: Turn, { runId, seq, attempt }: ActivityTask): void {
  const task = turn.task(runId, seq)
  if (!task || task.attempt !== attempt || task.claim || task.sends > 0) return
  turn.changes.setTask({ ...task, sentAt: null }, { persist: false })
}
