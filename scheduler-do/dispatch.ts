/**
 * Hands activity attempts to their Queues. A message is only a token: the row is the outbox, and a message that is
 * lost is found by its deadline and sent again.
 */
import type { ActivityTask } from '../shared/core/attempt.ts'
import { payloadBytes } from '../shared/payload.ts'
import type { Payload } from '../shared/payload.ts'
import { PROTOCOL_VERSION } from '../shared/protocol.ts'
import type { ActivityTaskMessage, ShardAddress } from '../shared/protocol.ts'
import type { TaskQueue } from './config.ts'
import type { Gate } from './gate.ts'
import { errorFacts, log } from './log.ts'

const MAX_MESSAGES = 100
/** The platform takes 256 kB a batch; the rest is room for what it adds to each message. */
const MAX_BATCH_BYTES = 220_000
const MAX_INLINE_INPUT_BYTES = 4_096
const TOKEN_BYTES = 400

export interface Dispatched {
  readonly task: ActivityTask
  readonly input: Payload
}

export interface Dispatcher {
  readonly queues: ReadonlyMap<string, TaskQueue>
  readonly address: ShardAddress
  /** Bounds what is on its way to the Queue of a task queue, so that none takes the connections of another. */
  room(taskQueue: string): Gate
  /** The queue did not take these: they are due again soon. */
  failed(tasks: readonly ActivityTask[]): void
}

export function dispatch(dispatcher: Dispatcher, due: readonly Dispatched[]): void {
  const byQueue = new Map<string, Dispatched[]>()
  for (const item of due) {
    const list = byQueue.get(item.task.taskQueue)
    if (list) list.push(item)
    else byQueue.set(item.task.taskQueue, [item])
  }
  for (const [taskQueue, items] of byQueue) {
    for (const batch of batches(dispatcher.address, items)) void send(dispatcher, taskQueue, batch)
  }
}

interface Batch {
  tasks: ActivityTask[]
  messages: { body: ActivityTaskMessage }[]
  bytes: number
}

function batches(address: ShardAddress, items: readonly Dispatched[]): Batch[] {
  const made: Batch[] = []
  let current: Batch = { tasks: [], messages: [], bytes: 0 }
  for (const { task, input } of items) {
    const inputBytes = payloadBytes(input)
    const inline = inputBytes <= MAX_INLINE_INPUT_BYTES
    const size = TOKEN_BYTES + (inline ? inputBytes : 0)
    if (current.messages.length === MAX_MESSAGES || current.bytes + size > MAX_BATCH_BYTES) {
      made.push(current)
      current = { tasks: [], messages: [], bytes: 0 }
    }
    current.tasks.push(task)
    current.messages.push({ body: message(address, task, inline ? input : undefined) })
    current.bytes += size
  }
  if (current.messages.length > 0) made.push(current)
  return made
}

function message(to: ShardAddress, task: ActivityTask, input: Payload): ActivityTaskMessage {
  const { workflowId, runId, seq, attempt, activityType, hasInput } = task
  const inline = input === undefined ? {} : { input }
  return { v: PROTOCOL_VERSION, to, workflowId, runId, seq, attempt, activityType, hasInput, ...inline }
}

async function send(dispatcher: Dispatcher, taskQueue: string, batch: Batch): Promise<void> {
  try {
    await dispatcher.room(taskQueue).hold(batch.bytes, async () => {
      await dispatcher.queues.get(taskQueue)?.queue?.sendBatch(batch.messages)
    })
  } catch (error) {
    log('dispatch_failed', { taskQueue, messages: batch.messages.length, ...errorFacts(error) })
    dispatcher.failed(batch.tasks)
  }
}
