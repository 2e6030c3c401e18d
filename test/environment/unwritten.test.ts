/** Young activities of the eager lane: without a row for as long as nothing needs one, and never lost. */
import { expect, test } from 'vitest'
import * as tasks from '../../scheduler-do/activities.ts'
import { recover } from '../../scheduler-do/recover.ts'
import { health } from '../../scheduler-do/health/check.ts'
import { ring } from '../../scheduler-do/tick.ts'
import * as verbs from '../../scheduler-do/verbs.ts'
import { gate, lane } from './lane.ts'
import { startOf } from './shard.ts'

type Lane = Awaited<ReturnType<typeof lane>>

/** The inputs in the rows of activities, and what the rows of runs say that a wake must look at. */
function rows({ shard }: Lane) {
  const inputs = shard.sql.all<{ input: string }>(
    'SELECT input FROM workflow_activities ORDER BY run_id, seq',
  )
  const causes = shard.sql.all<{ cause: string | null }>('SELECT cause FROM workflows ORDER BY run_id')
  return { inputs: inputs.map(({ input }) => JSON.parse(input)), causes: causes.map(({ cause }) => cause) }
}

test('one that ends soon never has a row', async () => {
  const made = await lane()
  const before = made.shard.sql.rowsWritten
  await made.start(['slow a', 'b'])
  expect(rows(made)).toEqual({ inputs: [], causes: ['activity'] })
  gate('slow a').resolve('a')
  expect(await made.ended()).toEqual(['a', 'b done'])
  // History and row of the run: its start, each of the two ends; its workflow id; the alarm.
  expect(made.shard.sql.rowsWritten - before).toBeLessThan(9)
})

test('one that lasts gets its row with the alarm, and the next of its type at once', async () => {
  const made = await lane()
  const { shard, start, due, ended } = made
  await start(['slow b'])
  await due(999)
  await ring(shard)
  expect(rows(made)).toEqual({ inputs: [], causes: ['activity'] })
  await due(1)
  await ring(shard)
  expect(rows(made)).toEqual({ inputs: ['slow b'], causes: [null] })
  await verbs.start(shard, startOf('all', 'v', ['slow c']))
  expect(rows(made)).toEqual({ inputs: ['slow b', 'slow c'], causes: [null, null] })
  await due(60_000)
  await verbs.start(shard, startOf('all', 'u', ['slow d']))
  expect(rows(made).inputs).toEqual(['slow b', 'slow c'])
  gate('slow b').resolve('b')
  expect(await ended()).toEqual(['b'])
  expect(rows(made).inputs).toEqual(['slow c'])
})

test('while one has no row, an alarm is at most a second ahead', async () => {
  const { shard, start } = await lane()
  await start(['slow e'])
  expect(shard.volatile).toBe(true)
  expect(await shard.alarm.late()).toBeNull()
})

test('what memory has lost is found in the history, is handed over again, and may end by its first attempt', async () => {
  const made = await lane()
  const { shard, start, calls, ended } = made
  await start(['slow f', 'slow g'])
  const [{ claimId, to, tasks: handed }] = made.calls as [(typeof calls)[number]]
  shard.memory.clear()
  recover(shard)
  expect(shard.volatile).toBe(true)
  expect([...shard.memory.tasks.values()].map(({ seq, unwritten }) => [seq, unwritten?.input])).toEqual([
    [1, 'slow f'],
    [2, 'slow g'],
  ])
  // Before anything else has reached the shard.
  const outcome = { kind: 'completed', result: 'from before' } as const
  const asked = handed.map(({ task: { runId, seq, attempt } }) => ({ runId, seq, attempt, outcome }))
  const reply = await tasks.settle(shard, { v: 1, to, claimId, tasks: asked })
  expect(reply).toEqual({ ok: true, value: [{ ok: true }, { ok: true }] })
  expect(await ended()).toEqual(['from before', 'from before'])
})

test('what has ended while its run was paused is not begun again after a wake', async () => {
  const made = await lane()
  const { shard, start } = made
  await start(['slow h'])
  await verbs.pause(shard, { to: shard.address, workflowId: 'w' })
  gate('slow h').resolve('h')
  await expect.poll(() => shard.memory.tasks.size).toBe(0)
  shard.memory.clear()
  recover(shard)
  expect(shard.memory.tasks.size).toBe(0)
})

test('one that the Worker gives back has its row before it goes by the Queue', async () => {
  const made = await lane({ maxConcurrentActivities: 1 })
  const { start, queued } = made
  await start(['slow i', 'j'])
  await expect.poll(queued).toEqual([[2, 1]])
  expect(rows(made)).toEqual({ inputs: ['j'], causes: ['activity'] })
})

test('one that fails has its row before it is tried again, with what it failed of', async () => {
  const made = await lane()
  const { shard, start } = made
  await start(['slow k'])
  gate('slow k').reject(new Error('not this time'))
  await expect.poll(() => rows(made).inputs).toEqual(['slow k'])
  shard.memory.clear()
  recover(shard)
  const [task] = shard.memory.tasks.values()
  expect(task).toMatchObject({ attempt: 2, lastFailure: { message: 'not this time' } })
  expect(task).not.toHaveProperty('unwritten')
})

test('one of a large input has its row at once', async () => {
  const made = await lane()
  await made.start([`slow ${'x'.repeat(5_000)}`])
  expect(rows(made)).toMatchObject({ inputs: [expect.stringContaining('slow')], causes: [null] })
})

test('where the lane rests after a failed call, the row comes first', async () => {
  const made = await lane()
  const { shard, start, lent, queued } = made
  lent.way = () => Promise.reject(new Error('the Worker is gone'))
  await start(['l'])
  await expect.poll(() => [...shard.memory.tasks.values()].some(({ claim }) => claim?.callFailed)).toBe(true)
  await verbs.start(shard, startOf('all', 'v', ['m']))
  expect(queued()).toEqual([[1, 1]])
  expect(rows(made).inputs).toEqual(['m'])
})

test('of more than the lane holds the rest has its rows, and goes by the Queue', async () => {
  const made = await lane({ maxConcurrentActivities: 2_000 })
  const { shard, calls, queued } = made
  const names = Array.from({ length: 1_100 }, (_, index) => `slow ${index}`)
  await made.start(names)
  expect(calls.flatMap((call) => call.tasks)).toHaveLength(1_000)
  expect([shard.memory.unwritten.size, rows(made).inputs.length]).toEqual([1_000, 100])
  await expect.poll(() => queued().length).toBe(100)
})

test('one that follows a step is marked too, and found by a wake', async () => {
  const made = await lane()
  const { shard } = made
  await verbs.start(shard, startOf('stepFirst', 'w'))
  await expect.poll(() => shard.memory.unwritten.size).toBe(1)
  expect(rows(made)).toEqual({ inputs: [], causes: ['activity'] })
  shard.memory.clear()
  recover(shard)
  expect(shard.memory.unwritten.size).toBe(1)
})

test('one whose call has failed has its row before it goes by the Queue, though no alarm came first', async () => {
  const made = await lane()
  made.lent.way = () => Promise.reject(new Error('the Worker is gone'))
  await made.start(['n'])
  await expect
    .poll(() => [...made.shard.memory.tasks.values()].some(({ claim }) => claim?.callFailed))
    .toBe(true)
  await made.due(15_000)
  expect(made.queued()).toEqual([[1, 1]])
  expect(rows(made).inputs).toEqual(['n'])
})

test('one that memory has lost while the shard is awake is found by the watchdog, and taken up', async () => {
  const { shard, start } = await lane()
  await start(['slow o'])
  const [key = ''] = shard.memory.unwritten
  shard.memory.dropTask(key)
  const reply = await health(shard, { to: shard.address, repair: true })
  expect(reply).toMatchObject({ ok: true, value: { findings: [{ code: 'not_armed' }] } })
  expect([...shard.memory.unwritten]).toEqual([key])
})

test('one of a run with a long history has its row at once: a wake would read all of it', async () => {
  const { shard, start } = await lane()
  await start(['slow p'])
  const [task] = shard.memory.tasks.values()
  const live = task && shard.memory.runs.peek(task.runId)
  if (!live) throw new Error('the run is not in memory')
  const { eager } = shard.sending
  const keeps = (historyLength: number) =>
    eager.keepsUnwritten(
      { ...live, historyLength },
      { task: { ...task, claim: null }, input: 1, beside: 0 },
      0,
    )
  expect([keeps(1024 * 1024), keeps(1024 * 1024 + 1)]).toEqual([true, false])
})

test('one of a task queue with a rate has its row at once: it may wait for long', async () => {
  const made = await lane({ ratePerSecond: 10 })
  await made.start(['slow q'])
  expect(rows(made)).toEqual({ inputs: ['slow q'], causes: [null] })
})
