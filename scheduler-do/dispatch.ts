/**
 * Hands activity attempts to their Queues. A message is only a token: the row is the outbox, and a message that is
 * lost is found by its deadline and sent again.
 */
import type { ActivityTask } from '../shared/core/attempt.ts'
import { payloadBytes } from '../shared/payload.ts'
import type { Payload } from '../shared/payload.ts'
import { PROTOCOL_VERSION } from '../shared/protocol.ts'
import type { ActivityTaskMessage, ShardAddress } from '../shared/protocol.ts'
import type { TaskMessage } from '../shared/task-message.ts'
import type { TaskQueue } from './config.ts'
import type { Gate } from './gate.ts'
import { errorFacts, log } from './log.ts'

const MAX_MESSAGES = 100
/** The platform takes 256 kB a batch; the rest is room for what it adds to each message. */
const MAX_BATCH_BYTES = 220_000
/** Above 64 kB a message costs twice. */
const MAX_MESSAGE_BYTES = 60_000
const MAX_INLINE_INPUT_BYTES = 4_096
/** Of a task's JSON without its input and its texts, and what the platform adds to a message. */
const TOKEN_BYTES = 350

export interface Dispatched {
  readonly task: ActivityTask
  readonly input: Payload
}

export interface Dispatcher {
  readonly queues: ReadonlyMap<string, Pick<TaskQueue, 'queue' | 'tasksPerMessage'>>
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
    const { tasksPerMessage = 1 } = dispatcher.queues.get(taskQueue) ?? {}
    for (const batch of batches(dispatcher.address, grouped(items, tasksPerMessage)))
      void send(dispatcher, taskQueue, batch)
  }
}

/** What goes in one message. */
interface Group {
  readonly items: Dispatched[]
  bytes: number
}

/** What is sent again goes alone: whoever was to take it may not know of messages with several tasks. */
function grouped(items: readonly Dispatched[], tasksPerMessage: number): Group[] {
  const groups: Group[] = []
  let open: Group | null = null
  for (const { task, input } of items) {
    const { workflowId, activityType } = task
    const inputBytes = payloadBytes(input)
    const inline = inputBytes <= MAX_INLINE_INPUT_BYTES
    const item = { task, input: inline ? input : undefined }
    const textBytes = payloadBytes(workflowId) + payloadBytes(activityType)
    const bytes = TOKEN_BYTES + textBytes + (inline ? inputBytes : 0)
    const first = task.sends === 0
    const room = open && open.items.length < tasksPerMessage && open.bytes + bytes <= MAX_MESSAGE_BYTES
    if (open && room && first) {
      open.items.push(item)
      open.bytes += bytes
      continue
    }
    const group = { items: [item], bytes }
    groups.push(group)
    if (first) open = group
  }
  return groups
}

interface Batch {
  tasks: ActivityTask[]
  messages: { body: TaskMessage }[]
  bytes: number
}

function batches(address: ShardAddress, groups: readonly Group[]): Batch[] {
  const made: Batch[] = []
  const headBytes = payloadBytes(address.namespace)
  let current: Batch = { tasks: [], messages: [], bytes: 0 }
  for (const { items, bytes: ownBytes } of groups) {
    const bytes = headBytes + ownBytes
    if (current.messages.length === MAX_MESSAGES || current.bytes + bytes > MAX_BATCH_BYTES) {
      made.push(current)
      current = { tasks: [], messages: [], bytes: 0 }
    }
    current.tasks.push(...items.map(({ task }) => task))
    current.messages.push({ body: bodyOf(address, items) })
    current.bytes += bytes
  }
  if (current.messages.length > 0) made.push(current)
  return made
}

function bodyOf(address: ShardAddress, items: readonly Dispatched[]): TaskMessage {
  const [first, ...others] = items.map(({ task, input }) => messageOf(address, task, input))
  if (!first) throw new Error('a message without a task')
  if (others.length === 0) return first
  return { ...first, more: others.map(({ v: _v, to: _to, ...task }) => task) }
}

export function messageOf(to: ShardAddress, task: ActivityTask, input: Payload): ActivityTaskMessage {
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
