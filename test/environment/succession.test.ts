/** An activity that begins as another one of its run ends takes over its row. */
import { expect, test } from 'vitest'
import * as tasks from '../../scheduler-do/activities.ts'
import { recover } from '../../scheduler-do/recover.ts'
import * as verbs from '../../scheduler-do/verbs.ts'
import { defineActivity, workflow } from '../../shared/index.ts'
import { startOf, testShard, to } from './shard.ts'
import type { TestShard } from './shard.ts'

const first = defineActivity('first', (n: number) => n, {
  retry: { maxAttempts: 3, initialInterval: '1s' },
  startToCloseTimeout: '3m',
})
const second = defineActivity('second', (n: number) => n)
const other = defineActivity('other', () => 0, { taskQueue: 'others' })

/** So many at once, then so many more. */
const waves = workflow('waves', async (ctx, [one, two]: [number, number]) => {
  await Promise.all(Array.from({ length: one }, (_, n) => ctx.activity(first, { input: n, priority: 3 })))
  await Promise.all(Array.from({ length: two }, (_, n) => ctx.activity(second, { input: n })))
})
const bare = workflow('bare', async (ctx) => {
  await ctx.activity(first, { input: 1 })
  await ctx.activity(other, {})
})
const alone = workflow('alone', async (ctx) => {
  await ctx.activity(other, {})
})

type Row = Record<string, string | number | null>

function rowsIn({ shard }: TestShard, workflowId: string): Row[] {
  return shard.sql.all<Row>(
    'SELECT * FROM workflow_activities WHERE workflow_id = ? ORDER BY seq',
    workflowId,
  )
}

async function made(...workflows: Parameters<typeof startOf>[]) {
  const one = await testShard([waves, bare, alone], ['default', 'others'])
  await Promise.all(workflows.map((which) => verbs.start(one.shard, startOf(...which))))
  return one
}

/** Of all that is under way the attempts of some activities end, in one turn. Answers how many rows that wrote. */
async function end({ shard }: TestShard, ids: readonly string[]): Promise<number> {
  const ending = [...shard.memory.tasks.values()].filter(({ workflowId }) => ids.includes(workflowId))
  const outcome = { kind: 'completed', result: 1 } as const
  const asked = ending.map(({ runId, seq, attempt }) => ({ runId, seq, attempt, outcome }))
  const before = shard.sql.rowsWritten
  const reply = await tasks.settle(shard, { v: 1, to, claimId: 'c', tasks: asked })
  expect(reply).toEqual({ ok: true, value: ending.map(() => ({ ok: true })) })
  return shard.sql.rowsWritten - before
}

test.each([
  // Beside the row of history.
  { one: 1, two: 1, rows: 1 },
  { one: 3, two: 3, rows: 3 },
  { one: 20, two: 20, rows: 20 },
  { one: 3, two: 1, rows: 3 },
  { one: 1, two: 4, rows: 4 },
])('of $one that end and $two that begin, each that can takes over a row', async ({ one, two, rows }) => {
  const shard = await made(['waves', 'w', [one, two]])
  expect(await end(shard, ['w'])).toBe(1 + rows)
  const seqs = Array.from({ length: two }, (_, n) => one + n + 1)
  expect(rowsIn(shard, 'w')).toMatchObject(
    seqs.map((seq, n) => ({ seq, activity_type: 'second', input: `${n}` })),
  )
  await end(shard, ['w'])
  expect(rowsIn(shard, 'w')).toEqual([])
})

test('nothing of the one before is left in its row', async () => {
  const one = await made(['bare', 'w'])
  const { shard, pass } = one
  const [{ runId = '', seq = 0 } = {}] = shard.memory.tasks.values()
  const claimed = { runId, seq, deliveries: 1, needInput: false }
  const head = { v: 1, to, claimId: 'c' } as const
  const outcome = {
    kind: 'failed',
    error: { name: 'Error', message: 'no', code: 'application_error' },
  } as const
  await tasks.claim(shard, { ...head, tasks: [{ ...claimed, attempt: 1 }] })
  await tasks.settle(shard, { ...head, tasks: [{ runId, seq, attempt: 1, outcome }] })
  pass(2_000)
  await tasks.claim(shard, { ...head, tasks: [{ ...claimed, attempt: 2 }] })
  pass(5_000)
  await tasks.renew(shard, { ...head, tasks: [{ runId, seq, attempt: 2, heartbeat: { details: 7 } }] })
  shard.sql.run('UPDATE workflow_activities SET cancel_requested = 1')
  expect(rowsIn(one, 'w')).toMatchObject([
    { status: 'started', attempt: 2, heartbeat_details: '7', last_failure: expect.stringContaining('no') },
  ])
  await end(one, ['w'])
  await verbs.start(shard, startOf('alone', 'fresh'))
  const [followed, fresh] = [rowsIn(one, 'w')[0], rowsIn(one, 'fresh')[0]]
  expect(followed).toMatchObject({ run_id: runId, seq: 2 })
  const { run_id: _run, workflow_id: _id, seq: _seq, ...facts } = followed ?? {}
  expect(fresh).toMatchObject(facts)
  expect(facts).toMatchObject({ activity_type: 'other', task_queue: 'others', input: null, claim: null })
})

test('runs of one turn keep to their own rows, and a wake finds what each waits for', async () => {
  const ids = ['a', 'b', 'c']
  const one = await made(...ids.map((id): Parameters<typeof startOf> => ['waves', id, [2, 1]]))
  const before = one.shard.memory.tasks.size
  expect(before).toBe(6)
  await end(one, ids)
  const known = [...one.shard.memory.tasks.values()].map(({ key, workflowId, activityType }) => ({
    key,
    workflowId,
    activityType,
  }))
  expect(known.map(({ workflowId }) => workflowId).toSorted()).toEqual(ids)
  one.shard.memory.clear()
  recover(one.shard)
  expect([...one.shard.memory.tasks.values()]).toEqual(
    expect.arrayContaining(known.map((task) => expect.objectContaining(task))),
  )
  expect(one.shard.memory.tasks.size).toBe(3)
})
