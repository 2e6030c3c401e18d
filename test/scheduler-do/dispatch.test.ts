import { expect, test, vi } from 'vitest'
import { due } from '../../shared/core/attempt.ts'
import type { ActivityTask } from '../../shared/core/attempt.ts'
import type { ActivityTaskMessage } from '../../shared/protocol.ts'
import { Gate } from '../../scheduler-do/gate.ts'
import { dispatch } from '../../scheduler-do/dispatch.ts'
import { MINUTE, SECOND, task } from '../core/tasks.ts'
import { noon } from '../core/runs.ts'

/** A Queue as the platform gives it, which takes batches or refuses them. */
function queue(refuses: boolean) {
  const batches: ActivityTaskMessage[][] = []
  const taken = {
    async sendBatch(messages: Iterable<{ body: ActivityTaskMessage }>) {
      if (refuses) throw new Error('Too Many Requests')
      batches.push(Array.from(messages, ({ body }) => body))
    },
  }
  return {
    batches,
    queues: new Map([['default', { queue: taken as unknown as Queue<ActivityTaskMessage> }]]),
  } // what dispatch uses of it
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
  await vi.waitFor(() => expect(batches.flat()).toHaveLength(250))
  expect(batches.map((batch) => batch.length)).toEqual([100, 100, 50])
  expect(batches.flat().map(({ input }) => input)).toEqual([undefined, ...Array<string>(249).fill('small')])
})

test('what the queue refuses is handed back', async () => {
  const failed: ActivityTask[] = []
  const { queues } = queue(true)
  dispatch(
    { queues, address, room, failed: (back) => failed.push(...back) },
    tasks.map((one) => ({ task: one, input: 'x' })),
  )
  await vi.waitFor(() => expect(failed).toEqual(tasks))
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
