/** However much of one task queue is due, the others and the timers are served beside it. */
import { expect, test } from 'vitest'
import { Deadlines } from '../../scheduler-do/deadlines.ts'
import { dispatch } from '../../scheduler-do/dispatch.ts'
import { submitDue } from '../../scheduler-do/due.ts'
import { Gate } from '../../scheduler-do/gate.ts'
import { idle } from '../../scheduler-do/tick.ts'
import type { ActivityTask } from '../../shared/core/attempt.ts'
import { workflow } from '../../shared/index.ts'
import { task } from '../core/tasks.ts'
import { testShard, to } from './shard.ts'

const none = workflow('none', async () => {})

function tasks(taskQueue: string, count: number, changes: Partial<ActivityTask> = {}): ActivityTask[] {
  const runId = `01${taskQueue}`
  return Array.from({ length: count }, (_, n) =>
    task({ key: `${runId}/${n + 1}`, runId, seq: n + 1, taskQueue, ...changes }),
  )
}

test('each task queue and the timers have their share of what is due, in the order of their time', () => {
  const deadlines = new Deadlines()
  for (let n = 0; n < 100_000; n += 1) deadlines.set(`many/${n}`, n / 1_000, 'many')
  for (let n = 0; n < 50; n += 1) deadlines.set(`few/${n}`, 200 + n, 'few')
  for (let n = 0; n < 1_000; n += 1) deadlines.set(`t/${n}`, 300 + n, undefined)
  deadlines.set('later', 5_000, 'few')
  const first = deadlines.takeDue(2_000, 1_000)
  const of = (line: string) => first.filter((key) => key.startsWith(`${line}/`))
  expect([of('few').length, of('t').length, of('many').length]).toEqual([50, 501, 449])
  expect(first).toEqual([...of('many'), ...of('few'), ...of('t')])
  expect([deadlines.earliest, deadlines.size]).toEqual([0.449, 100_051])
  expect(deadlines.takeDue(2_000, 200_000)).toHaveLength(100_050)
  expect(deadlines.takeDue(5_000, 9)).toEqual(['later'])
})

test('a hundred thousand due tasks of one task queue do not hold up another’s', async () => {
  const { shard, sent } = await testShard([none], ['many', 'few'])
  const due = { dueAt: 1, sentAt: null, sends: 0 }
  for (const one of [...tasks('many', 100_000, due), ...tasks('few', 20, due)]) shard.memory.setTask(one)
  expect(submitDue(shard)).toBe(true)
  await idle(shard)
  await expect.poll(() => sent.find(([queue]) => queue === 'few')?.[1]).toHaveLength(20)
  expect(sent.flatMap(([queue, batch]) => (queue === 'many' ? batch : [])).length).toBeLessThan(2_000)
})

test('what one task queue sends again is not taken from what another may', async () => {
  const { shard, sent } = await testShard([none], ['many', 'few'])
  const lost = { dueAt: 1, sentAt: 1, sends: 1 }
  for (const one of [...tasks('many', 5_000, lost), ...tasks('few', 900, lost)]) shard.memory.setTask(one)
  while (submitDue(shard)) await idle(shard)
  await idle(shard)
  const count = (name: string) => sent.flatMap(([queue, batch]) => (queue === name ? batch : [])).length
  await expect.poll(() => [count('many'), count('few')]).toEqual([1_000, 900])
})

test('a Queue that does not answer holds up neither another one nor more than some batches', async () => {
  const asked: string[] = []
  const queueOf = (name: string, answer: Promise<void>) => ({
    queue: { sendBatch: () => (asked.push(name), answer) } as never, // what dispatch calls of it
  })
  const queues = new Map([
    ['stuck', queueOf('stuck', new Promise(() => {}))],
    ['open', queueOf('open', Promise.resolve())],
  ])
  const rooms = new Map([...queues.keys()].map((name) => [name, new Gate(440_000)]))
  const room = (name: string): Gate => rooms.get(name)!
  const all = [...tasks('stuck', 5_000), ...tasks('open', 5_000)].map((one) => ({
    task: one,
    input: undefined,
  }))
  dispatch({ queues, address: to, room, failed: () => {} }, all)
  await expect.poll(() => asked.filter((name) => name === 'open')).toHaveLength(50)
  expect(asked.filter((name) => name === 'stuck')).toHaveLength(11)
})
