/** What a shard refuses when more is asked of it than it can do, and what it never refuses. */
import { expect, test } from 'vitest'
import { Admission } from '../../scheduler-do/admission.ts'
import { ask, Inbox, tell } from '../../scheduler-do/inbox.ts'
import { Memory } from '../../scheduler-do/memory.ts'
import { query } from '../../scheduler-do/query.ts'
import { Room } from '../../scheduler-do/room.ts'
import { submitDue } from '../../scheduler-do/due.ts'
import { idle } from '../../scheduler-do/tick.ts'
import { update } from '../../scheduler-do/updates.ts'
import * as verbs from '../../scheduler-do/verbs.ts'
import { signal, workflow } from '../../shared/index.ts'
import { task } from '../core/tasks.ts'
import { drain } from '../../testing/platform.ts'
import { startOf, testShard, to } from './shard.ts'

const go = signal('go')
const waits = workflow('waits', async (ctx) => await ctx.waitForSignal(go))
const sleeps = workflow('sleeps', async (ctx) => await ctx.sleep(1_000))
const refused = { ok: false, code: 'overloaded', facts: { retryAfterMs: 2_000 } }

/** The replies to so many starts that came in the same moment. */
function started(shard: Parameters<typeof verbs.start>[0], count: number) {
  return Promise.all(
    Array.from({ length: count }, (_, n) => verbs.start(shard, startOf('waits', `waits-${n}`))),
  )
}

test('a shard in which new work has waited for too long refuses more of it, and ends what it has', async () => {
  const { shard, pass } = await testShard([waits])
  const run = { to, workflowId: 'first' }
  expect(await verbs.start(shard, startOf('waits', 'first'))).toMatchObject({ ok: true })
  const others = started(shard, 100)
  pass(2_000)
  const news = [
    verbs.start(shard, startOf('waits', 'late')),
    verbs.startMany(shard, { to, starts: [startOf('waits', 'late')] }),
    verbs.signal(shard, { ...run, name: 'go', signalId: 's' }),
    update(shard, { ...run, name: 'any', updateId: 'u', waitMs: 0 }),
    query(shard, { ...run, name: 'any', args: [] }),
  ]
  const ends = [verbs.cancel(shard, run), verbs.terminate(shard, { to, workflowId: 'waits-7' })]
  for (const reply of await Promise.all(news)) expect(reply).toMatchObject(refused)
  for (const reply of await Promise.all(ends)) expect(reply).toEqual({ ok: true, value: null })
  for (const reply of await others) expect(reply).toMatchObject({ ok: true })
  expect(await verbs.start(shard, startOf('waits', 'late'))).toMatchObject({ ok: true })
})

test('however fast its turns are, only so many requests wait in a shard', async () => {
  const { shard } = await testShard([waits])
  for (let n = 0; n < 9_999; n += 1) shard.submit(ask(() => {}, { newBytes: 0 }).job)
  const replies = await started(shard, 3)
  expect(replies.map((reply) => (reply.ok ? 'ok' : reply.code))).toEqual(['ok', 'overloaded', 'overloaded'])
  expect(await verbs.start(shard, startOf('waits', 'after'))).toMatchObject({ ok: true })
})

/** How often a shard lets others in before its turn, where so many come meanwhile each time. */
async function timesLetIn(
  arrivals: readonly number[],
  { msEach = 0, beside }: { msEach?: number; beside?: Admission } = {},
): Promise<number> {
  const admission = new Admission()
  const arrive = (count: number): void => {
    const none = { waiting: 0, fresh: 0, bytes: 0, waitedMs: 0 }
    for (let n = 0; n < count; n += 1) admission.refusal(none, 'new', 0)
  }
  let [times, now] = [0, 0]
  arrive(arrivals[0] ?? 0)
  const letIn = async () => {
    times += 1
    now += msEach
    arrive(arrivals[times] ?? 0)
  }
  await admission.letIn({ time: { now: () => now, after: () => () => {} }, letIn }, async () =>
    beside?.asked(),
  )
  return times
}

test('a busy shard lets in what stands outside before its turn, and a quiet one goes on at once', async () => {
  expect(await timesLetIn([63])).toBe(0)
  expect(await timesLetIn([64, 15, 3])).toBe(2)
  expect(await timesLetIn([64, 400, 15, 20, 15, 15, 100])).toBe(5)
})

test('a turn waits no longer than a quarter of a second for what comes and comes', async () => {
  expect(
    await timesLetIn(
      Array.from({ length: 100 }, () => 100),
      { msEach: 50 },
    ),
  ).toBe(5)
})

test('nor at all while another shard of the isolate is asked in a loop: nobody else is looked at then', async () => {
  expect(await timesLetIn([64, 400], { beside: new Admission() })).toBe(0)
})

test('nor for a platform that is never done with what comes', async () => {
  const admission = new Admission()
  const none = { waiting: 0, fresh: 0, bytes: 0, waitedMs: 0 }
  let now = 0
  for (let n = 0; n < 64; n += 1) admission.refusal(none, 'new', now)
  const letIn = admission.letIn(
    { time: { now: () => now, after: () => () => {} }, letIn: () => Promise.race([]) },
    () => Promise.resolve(),
  )
  await drain()
  for (; now < 100; now += 1) admission.refusal(none, 'new', now)
  let isOver = false
  void letIn.then(() => (isOver = true))
  await drain()
  expect(isOver).toBe(false)
  now = 250
  admission.refusal(none, 'new', now)
  await letIn
})

test('a shard beside which nobody was asked since it last let others in does so at once', async () => {
  const [admission, beside] = [new Admission(), new Admission()]
  const drainsBefore = async (): Promise<number> => {
    const none = { waiting: 0, fresh: 0, bytes: 0, waitedMs: 0 }
    for (let n = 0; n < 64; n += 1) admission.refusal(none, 'new', 0)
    let drains = 0
    const platform = { time: { now: () => 0, after: () => () => {} }, letIn: () => Promise.resolve() }
    await admission.letIn(platform, async () => void (drains += 1))
    return drains
  }
  expect(await drainsBefore()).toBe(16)
  expect(await drainsBefore()).toBe(0)
  beside.asked()
  expect(await drainsBefore()).toBe(16)
})

test('payloads that wait are bounded by their bytes', async () => {
  const { shard } = await testShard([waits])
  const large = 'x'.repeat(120_000)
  const replies = await Promise.all(
    Array.from({ length: 200 }, (_, n) => verbs.start(shard, startOf('waits', `large-${n}`, large))),
  )
  expect(replies.filter(({ ok }) => ok)).toHaveLength(140) // 16 MiB
})

test.each([
  ['when the alarm comes', submitDue],
  ['when the alarm itself waits behind them', () => {}],
])('a timer that is due fires in the next turn, before the starts ahead of it, %s', async (_, ring) => {
  const { shard, pass } = await testShard([waits, sleeps])
  await verbs.start(shard, startOf('sleeps', 'sleeper'))
  pass(1_000)
  const starts = started(shard, 5_000)
  const ended = verbs.result(shard, { to, workflowId: 'sleeper', waitMs: 1, follow: true })
  const { turns } = shard
  ring(shard)
  expect(await ended).toMatchObject({ value: { status: 'completed' } })
  expect(shard.turns - turns).toBeLessThanOrEqual(1)
  await starts
})

test('jobs keep their order, unless more of them wait than a turn takes: then new work comes last', () => {
  const inbox = new Inbox()
  const named = new Map<unknown, string>()
  const add = (name: string, newBytes?: number): void => {
    const job = newBytes === undefined ? tell(() => {}) : ask(() => {}, { newBytes }).job
    named.set(job, name)
    inbox.add(job, { now: () => named.size, after: () => () => {} })
  }
  const take = (most: number) => inbox.take(most).map((job) => named.get(job))
  for (const name of ['new-1', 'new-2']) add(name, 10)
  add('end-1')
  add('new-3', 10)
  add('end-2')
  expect([inbox.size, inbox.newBytes, inbox.newSince]).toEqual([5, 30, 1])
  expect(take(3)).toEqual(['end-1', 'end-2', 'new-1'])
  add('end-3')
  expect([inbox.newBytes, inbox.newSince]).toEqual([20, 2])
  expect(take(3)).toEqual(['new-2', 'new-3', 'end-3'])
  expect([inbox.size, inbox.newBytes, inbox.newSince]).toEqual([0, 0, Infinity])
})

test('what was submitted has been committed when a shard is idle, whatever waited before it', async () => {
  const { shard } = await testShard([waits])
  let begun = 0
  for (let n = 0; n < 3_000; n += 1) shard.submit(tell(() => void (begun += 1)))
  await idle(shard)
  expect(begun).toBe(3_000)
})

test('a shard whose memory is taken by what is open begins no more runs', () => {
  const memory = new Memory()
  const room = new Room({ databaseSize: 0 }, 1, memory)
  expect(room.refusal(1)).toBeNull()
  for (let seq = 0; seq < 50_000; seq += 1) memory.setTask(task({ key: `01RUN/${seq}`, seq }))
  expect(room.refusal(1)).toBeNull() // looked up once a turn
  expect(room.refusal(2)).toMatchObject({ code: 'overloaded', facts: { retryAfterMs: 5_000 } })
  memory.clear()
  memory.runs.set('01RUN', {} as never, 0) // never looked at
  memory.runs.update('01RUN', { bytes: 60_000_000, pinned: true })
  expect(room.refusal(3)).toMatchObject({ code: 'overloaded' })
  memory.clear()
  expect(room.refusal(4)).toBeNull()
})
