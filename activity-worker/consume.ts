/**
 * One batch of a task queue, from delivery to acknowledgement.
 *
 * C1 A message is acknowledged when nothing more can come of it: settled, refused, or not a message of ours. One of several
 *    tasks is when this is so of each of them.
 * C2 A message whose claim or settlement did not get through is delivered again later: of several tasks, those that are
 *    settled are refused then.
 * C3 No task decides about another: what is wrong with one is logged, and the others go on.
 * C4 All of it ends before the platform ends the invocation: what gets no slot early on is delivered again.
 */
import { WorkerShutdownError, WorkflowError } from '../shared/errors.ts'
import type { ActivityTaskMessage, ClaimReply, ShardAddress } from '../shared/protocol.ts'
import { PROTOCOL_VERSION } from '../shared/protocol.ts'
import { carryOut, keyOf } from './carry-out.ts'
import type { Consumer, Ended } from './carry-out.ts'
import { log } from './log.ts'
import { readMessage } from './message.ts'
import type { QueueBatch, QueueMessage } from './message.ts'
import { reportUndeliverable, shardLine } from './scheduler.ts'
import type { SchedulerLine, SchedulerRpc, ShardLine } from './scheduler.ts'
import { InvocationSlots } from './slots.ts'

export async function consume(batch: QueueBatch, scheduler: SchedulerRpc, consumer: Consumer): Promise<void> {
  const { time, chance } = consumer
  const startedAt = time.now()
  const deliveries = readable(batch.messages)
  if (batch.queue.endsWith('-dlq')) return await giveBack(deliveries, { scheduler, time, chance })
  const tally = {
    claimed: 0,
    completed: 0,
    failed: 0,
    cancelled: 0,
    given_back: 0,
    handed_over: 0,
    dropped: 0,
    retried: 0,
  }
  const lineTo = linesOf({ scheduler, time, chance })
  const slots = new InvocationSlots(consumer.slots, time, startedAt + MAX_WAIT_MS)
  const onClaim = (): unknown => (tally.claimed += 1)
  // What waits for a slot is not claimed yet, so that its time does not run. That of the invocation does.
  const served = withoutTwins(deliveries).map(async (delivery) => {
    const begin = (): Promise<End> => {
      const limitMs = startedAt + consumer.limitMs - time.now()
      return serve(delivery, lineTo(delivery.task.to), { consumer: { ...consumer, limitMs }, onClaim })
    }
    tally[await slots.hold(begin, () => deliverLater(delivery, 0, NO_SLOT))] += 1
  })
  await Promise.all(served)
  const { taskQueue, buildId } = consumer
  consumer.tally('batch', {
    taskQueue,
    buildId,
    messages: batch.messages.length,
    ...tally,
    ms: time.now() - startedAt,
  })
}

/** For a slot: whatever gets one has ten minutes at least. */
const MAX_WAIT_MS = 4 * 60_000
const NO_SLOT = new WorkflowError('overloaded', 'no slot became free in time')
const FOREIGN_VERSION_SECONDS = 30
/** A claim whose holder gave up may be taken over after 15 s of silence. */
const TAKEOVER_SECONDS = 20
const CLAIM_AGAIN_SECONDS = 5
const CLAIM_AGAIN_CAP_SECONDS = 300

interface Delivery {
  readonly message: QueueMessage
  readonly task: ActivityTaskMessage
  /** Once: nothing more can come of the task, or it is to come again after a pause. */
  readonly answer: (delaySeconds?: number) => void
}

/** The tasks among the messages; the others are answered here. */
function readable(messages: readonly QueueMessage[]): Delivery[] {
  return messages.flatMap((message) => {
    const reading = readMessage(message.body)
    if (reading.kind === 'tasks') {
      const answer = answerTo(message, reading.tasks.length)
      return reading.tasks.map((task) => ({ message, task, answer }))
    }
    const messageId = message.id
    if (reading.kind === 'malformed') {
      log('message_dropped', { code: 'invalid_argument', path: reading.path, messageId })
      message.ack()
    } else {
      log('message_deferred', { code: 'protocol_mismatch', v: reading.v, ours: PROTOCOL_VERSION, messageId })
      message.retry({ delaySeconds: FOREIGN_VERSION_SECONDS })
    }
    return []
  })
}

/** A message of several tasks is answered when each has: it comes again where one asks for that, after the longest of the pauses. */
function answerTo(message: QueueMessage, tasks: number): Delivery['answer'] {
  let open = tasks
  let pauseSeconds = -1
  return (delaySeconds = -1) => {
    pauseSeconds = Math.max(pauseSeconds, delaySeconds)
    open -= 1
    if (open > 0) return
    if (pauseSeconds < 0) message.ack()
    else message.retry({ delaySeconds: pauseSeconds })
  }
}

/** The attempts of a dead-letter queue go back to the scheduler, which sends them again when it sees fit. */
async function giveBack(deliveries: readonly Delivery[], line: SchedulerLine): Promise<void> {
  const shards = Map.groupBy(deliveries, ({ task }) => shardKey(task.to))
  const reports = [...shards.values()].map(async (ofShard) => {
    const to = ofShard[0]?.task.to
    if (to === undefined) return
    try {
      await reportUndeliverable(
        line,
        to,
        ofShard.map(({ task }) => keyOf(task, task.attempt)),
      )
      for (const { answer } of ofShard) answer()
    } catch (error) {
      for (const delivery of ofShard) deliverLater(delivery, claimAgainSeconds(delivery), error)
    }
  })
  await Promise.all(reports)
  log('dead_letters', { messages: deliveries.length })
}

/** Queues deliver twice, and a shard grants the same holder the same attempt again: one of the two may run. */
function withoutTwins(deliveries: readonly Delivery[]): Delivery[] {
  const single = new Map<string, Delivery>()
  for (const delivery of deliveries) {
    const { to, runId, seq, attempt: number } = delivery.task
    const key = `${shardKey(to)} ${runId} ${seq} ${number}`
    if (single.has(key)) delivery.answer()
    else single.set(key, delivery)
  }
  return [...single.values()]
}

function linesOf(scheduler: SchedulerLine): (to: ShardAddress) => ShardLine {
  const claimId = scheduler.chance.uuid()
  const lines = new Map<string, ShardLine>()
  return (to) => {
    const key = shardKey(to)
    const line = lines.get(key) ?? shardLine(scheduler, to, claimId)
    lines.set(key, line)
    return line
  }
}

type End = Ended | 'retried'

async function serve(
  delivery: Delivery,
  line: ShardLine,
  { consumer, onClaim }: { consumer: Consumer; onClaim: () => unknown },
): Promise<End> {
  const { message, task, answer } = delivery
  if (consumer.isStopping()) return deliverLater(delivery, 0, new WorkerShutdownError())
  let reply: ClaimReply
  try {
    const needInput = task.hasInput && task.input === undefined
    reply = await line.claim({ ...keyOf(task, task.attempt), deliveries: message.attempts, needInput })
  } catch (error) {
    return deliverLater(delivery, claimAgainSeconds(delivery), error)
  }
  let end: End = 'dropped'
  try {
    if (reply.ok) {
      onClaim()
      end = await carryOut({ task, grant: reply }, line, consumer)
    }
  } catch (error) {
    return deliverLater(delivery, TAKEOVER_SECONDS, error)
  }
  answer()
  return end
}

function deliverLater({ message, answer }: Delivery, delaySeconds: number, error: unknown): 'retried' {
  const code = error instanceof WorkflowError ? error.code : 'internal'
  log('message_retried', {
    code,
    error: String(error),
    messageId: message.id,
    deliveries: message.attempts,
    delaySeconds,
  })
  answer(delaySeconds)
  return 'retried'
}

function claimAgainSeconds({ message }: Delivery): number {
  return Math.min(CLAIM_AGAIN_CAP_SECONDS, CLAIM_AGAIN_SECONDS * 2 ** Math.max(0, message.attempts - 1))
}

function shardKey({ namespace, shard, shards }: ShardAddress): string {
  return `${namespace}/${shard}/${shards}`
}
