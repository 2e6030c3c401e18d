import { expect, test } from 'vitest'
import { due } from '../../shared/core/attempt.ts'
import type { ActivityTask } from '../../shared/core/attempt.ts'
import type { TaskMessage } from '../../shared/task-message.ts'
import { Gate } from '../../scheduler-do/gate.ts'
import { dispatch } from '../../scheduler-do/dispatch.ts'
import { MINUTE, SECOND, task } from '../core/tasks.ts'
import { noon } from '../core/runs.ts'

/** A Queue as the platform gives it, which takes batches or refuses them. */
function queue(refuses: boolean, tasksPerMessage?: number) {
  const batches: TaskMessage[][] = []
  const taken = {
    async sendBatch(messages: Iterable<{ body: TaskMessage }>) {
      if (refuses) throw new Error('Too Many Requests')
      batches.push(Array.from(messages, ({ body }) => body))
    },
  }
  return {
    batches,
    queues: new Map([
      [
        'default',
        {
          queue: taken as unknown as Queue<TaskMessage>, // what dispatch uses of it
          ...(tasksPerMessage !== undefined && { tasksPerMessage }),
        },
      ],
    ]),
  }
}
const address = { namespace: 'default', shard: 0, shards: 1 }
const room = (): Gate => new Gate(1_000_000)
const tasks = Array.from({ length: 250 }, (_, n) =>
  task({ seq: n + 1, key: `01RUN/${n + 1}`, hasInput: true }),
)

test('at most 100 messages go in a batch, with the input inline only where it is small', async () => {
  const { batches, queues } = queue(false)
  const items = tasks.map((one, n) => ({ task: one, input: n === 0 ? 'x'.repeat(5_000) : 'small' }))
  dispatch({ queues, address, room, failed: () => {} }, items)
  await expect.poll(() => batches.flat()).toHaveLength(250)
  expect(batches.map((batch) => batch.length)).toEqual([100, 100, 50])
  expect(batches.flat().map(({ input }) => input)).toEqual([undefined, ...Array<string>(249).fill('small')])
})

const seqsOf = (messages: readonly TaskMessage[]) =>
  messages.map(({ seq, more = [] }) => [seq, ...more.map((one) => one.seq)])

test('as many tasks share a message as may, in order, and none that is sent again', async () => {
  const { batches, queues } = queue(false, 3)
  const again = new Set([2, 3])
  const items = tasks.slice(0, 8).map((one) => ({
    task: { ...one, sends: again.has(one.seq) ? 1 : 0 },
    input: 'small',
  }))
  dispatch({ queues, address, room, failed: () => {} }, items)
  await expect.poll(() => batches).toHaveLength(1)
  expect(seqsOf(batches.flat())).toEqual([[1, 4, 5], [2], [3], [6, 7, 8]])
  const [first] = batches.flat()
  expect(first!.more![0]).toEqual({ ...messageBody(4), input: 'small' })
})

test('a message of several is no larger than one that costs once', async () => {
  const { batches, queues } = queue(false, 100)
  const items = tasks.slice(0, 100).map((one) => ({ task: { ...one, sends: 0 }, input: 'x'.repeat(4_000) }))
  dispatch({ queues, address, room, failed: () => {} }, items)
  await expect.poll(() => seqsOf(batches.flat()).flat()).toHaveLength(100)
  expect(batches.flat()).toHaveLength(8)
  for (const message of batches.flat()) expect(JSON.stringify(message).length).toBeLessThan(64_000)
})

const bytes = (value: unknown): number => new TextEncoder().encode(JSON.stringify(value)).length

test('ids of any length that may be are within what a Queue takes', async () => {
  const long = { workflowId: '号'.repeat(333), activityType: '型'.repeat(200) }
  for (const tasksPerMessage of [1, 100]) {
    const { batches, queues } = queue(false, tasksPerMessage)
    const items = tasks
      .slice(0, 200)
      .map((one) => ({ task: { ...one, ...long, sends: 0 }, input: 'x'.repeat(4_000) }))
    dispatch({ queues, address: { ...address, namespace: '名'.repeat(200) }, room, failed: () => {} }, items)
    await expect.poll(() => seqsOf(batches.flat()).flat()).toHaveLength(200)
    expect(Math.max(...batches.map(bytes))).toBeLessThan(250_000)
    expect(Math.max(...batches.flat().map(bytes))).toBeLessThan(64_000)
  }
})

function messageBody(seq: number) {
  const { workflowId, runId, attempt, activityType } = tasks[0]!
  return { workflowId, runId, seq, attempt, activityType, hasInput: true }
}

test('what the queue refuses is handed back', async () => {
  const failed: ActivityTask[] = []
  const { queues } = queue(true)
  dispatch(
    { queues, address, room, failed: (back) => failed.push(...back) },
    tasks.map((one) => ({ task: one, input: 'x' })),
  )
  await expect.poll(() => failed).toEqual(tasks)
})

test('a refused message is due again a second later, and puts off no schedule-to-start timeout', () => {
  const refused = task({
    sentAt: noon + 30 * SECOND,
    sends: 0,
    resendMs: SECOND,
    timeouts: { startToCloseMs: MINUTE, scheduleToStartMs: MINUTE },
  })
  const at = (ms: number) => due(refused, { now: noon + ms, draw: 0 }).kind
  expect([at(30 * SECOND), at(31 * SECOND), at(MINUTE)]).toEqual(['wait', 'send', 'end'])
})
