/** The eager lane: attempts that a shard hands to a Worker itself, and what falls back to the Queue. */
import { expect, test } from 'vitest'
import * as tasks from '../../scheduler-do/activities.ts'
import { recover } from '../../scheduler-do/recover.ts'
import { latestRunId } from '../../scheduler-do/store/ids.ts'
import { idle, ring } from '../../scheduler-do/tick.ts'
import * as verbs from '../../scheduler-do/verbs.ts'
import { gate, lane } from './lane.ts'
import { startOf } from './shard.ts'

test('what a turn makes due is one call, whose answer ends it, and writes no claim', async () => {
  const { shard, start, ended, calls, settled, queued } = await lane()
  await start(['a', 'b', 'c'])
  expect(await ended()).toEqual(['a done', 'b done', 'c done'])
  expect(calls.map(({ tasks: handed }) => handed.length)).toEqual([3])
  expect([settled, queued()]).toEqual([[], []])
  expect(shard.memory.tasks.size).toBe(0)
})

test('one that is slow is settled by itself, and holds up none', async () => {
  const { start, ended, settled } = await lane()
  await start(['slow 1', 'b'])
  await expect.poll(() => settled).toEqual(['2'])
  gate('slow 1').resolve('at last')
  expect(await ended()).toEqual(['at last', 'b done'])
  expect(settled).toEqual(['2', '1'])
})

test('one whose settlement is not heard fails no call, and no other attempt', async () => {
  const { shard, start, calls, settled, unheard } = await lane()
  unheard.add(1)
  await start(['slow 3', 'b', 'slow 4'])
  await expect.poll(() => settled).toEqual(['2'])
  gate('slow 3').resolve('unheard')
  await idle(shard)
  gate('slow 4').resolve('heard')
  await expect.poll(() => settled).toEqual(['2', '3'])
  await verbs.start(shard, startOf('all', 'v', ['c']))
  expect(calls).toHaveLength(2)
})

test('a call that fails gives its attempts to the Queue when they are silent, and the next ones at once', async () => {
  const { shard, start, lent, queued, due, calls } = await lane()
  lent.way = () => Promise.reject(new Error('the Worker is gone'))
  await start(['a'])
  await idle(shard)
  await due(14_000)
  expect(queued()).toEqual([])
  await due(1_000)
  expect(queued()).toEqual([[1, 1]])
  await verbs.start(shard, startOf('all', 'v', ['b']))
  expect([calls.length, queued()]).toEqual([
    1,
    [
      [1, 1],
      [1, 1],
    ],
  ])
  await due(30_000)
  await verbs.start(shard, startOf('all', 'u', ['c']))
  expect(calls).toHaveLength(2)
})

test('whoever takes over from a call that failed makes the next attempt', async () => {
  const { shard, start, lent, due } = await lane()
  lent.way = () => Promise.reject(new Error('the Worker is gone'))
  await start(['a'])
  await idle(shard)
  await due(1_000)
  await ring(shard)
  await due(14_000)
  const runId = latestRunId(shard.sql, 'w') ?? ''
  const asked = { runId, seq: 1, attempt: 1, deliveries: 1, needInput: true }
  const reply = await tasks.claim(shard, { v: 1, to: shard.address, claimId: 'queue', tasks: [asked] })
  expect(reply).toMatchObject({ ok: true, value: [{ ok: true, attempt: 2, input: 'a' }] })
})

test('what the Worker has no room for goes by the Queue, under the same number', async () => {
  const { start, queued, calls } = await lane({ maxConcurrentActivities: 1 })
  await start(['slow 2', 'b'])
  await expect.poll(queued).toEqual([[2, 1]])
  expect(calls).toHaveLength(1)
})

test('what may run once only goes by the Queue', async () => {
  const { shard, calls, queued } = await lane()
  await verbs.start(shard, startOf('once', 'w'))
  expect([calls, queued()]).toEqual([[], [[1, 1]]])
})

test('when memory is lost its attempts are handed over again', async () => {
  const { shard, start, lent, calls, due, ended } = await lane()
  lent.way = () => new Promise(() => {})
  await start(['a'])
  lent.way = async (call) => await call()
  shard.memory.clear()
  recover(shard)
  await due(0)
  expect(await ended()).toEqual(['a done'])
  expect(calls.map(({ tasks: [one] }) => one?.task.attempt)).toEqual([1, 1])
})
