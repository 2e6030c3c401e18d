/** Runs whose code is not there: what is known of them without it. */
import { expect, test } from 'vitest'
import { loadRun } from '../../scheduler-do/lookup.ts'
import { Quarantine } from '../../scheduler-do/quarantine.ts'
import { latestRunId } from '../../scheduler-do/store/ids.ts'
import { runRow, setBlocked } from '../../scheduler-do/store/runs.ts'
import { idle } from '../../scheduler-do/tick.ts'
import * as verbs from '../../scheduler-do/verbs.ts'
import { update } from '../../scheduler-do/updates.ts'
import { update as defineUpdate, workflow } from '../../shared/index.ts'
import type { WorkflowContext } from '../../shared/index.ts'
import { startOf, testShard, to } from './shard.ts'

const failing = workflow('failing', async (ctx) => {
  await ctx.run('step', () => {
    throw new Error('not yet')
  })
})

test('the rows of its steps, so that they go when it ends', async () => {
  const { shard } = await testShard([failing])
  await verbs.start(shard, startOf('failing', 'w'))
  const runId = latestRunId(shard.sql, 'w') ?? ''
  const live = shard.memory.runs.peek(runId)
  await expect.poll(() => [...(live?.stepRows ?? [])]).toEqual([1])
  shard.memory.runs.delete(runId)
  setBlocked(shard.sql, runId, { code: 'blocked', reason: 'it spins', since: 0, endedBy: 'this release' })
  const { sql, memory, workshop, quarantine, segments, payloads } = shard
  const known = { sql, memory, workshop, quarantine, segments, payloads, release: 'this release' }
  const loaded = await loadRun(known, runId)
  expect(loaded?.blocked).toBeDefined()
  expect([...(loaded?.live.stepRows ?? [])]).toEqual([1])
})

const add = defineUpdate<number, [number]>('add')
const updates = { add }
const slow = async (ctx: WorkflowContext<typeof updates>): Promise<void> => {
  ctx.setUpdateHandler(add, async (n) => {
    await ctx.sleep('1h')
    return n
  })
  await ctx.sleep('2h')
}
let deployed = slow
const updated = workflow('updated', { messages: updates }, async (ctx) => await deployed(ctx))

test.each(['paused', 'blocked'])('the updates that it has accepted, while it is %s', async (how) => {
  deployed = slow
  const { shard } = await testShard([updated])
  await verbs.start(shard, startOf('updated', 'w'))
  const runId = latestRunId(shard.sql, 'w') ?? ''
  const asked = { to, workflowId: 'w', name: 'add', updateId: 'u', args: [1], waitMs: 0 }
  // One that is accepted is waited for, in a time that stands still.
  const answer = async (request: typeof asked) =>
    await Promise.race([update(shard, request), idle(shard).then(() => 'accepted')])
  expect(await answer(asked)).toBe('accepted')
  if (how === 'paused') await verbs.pause(shard, { to, workflowId: 'w' })
  else deployed = async (ctx) => void (await ctx.run('else', () => null))
  if (how === 'blocked') shard.memory.runs.delete(runId)
  expect(await answer(asked)).toBe('accepted')
  const refused = { ok: false, code: how === 'paused' ? 'workflow_paused' : 'blocked' }
  expect(await update(shard, { ...asked, updateId: 'other' })).toMatchObject(refused)
})

test.each([
  ['this release', true],
  ['the next release', false],
])('that its code ended the object twice, when it is told of %s: %s', async (last, isBlocked) => {
  const { shard } = await testShard([failing])
  await verbs.start(shard, startOf('failing', 'w'))
  const runId = latestRunId(shard.sql, 'w') ?? ''
  for (const release of ['this release', 'this release', last]) {
    const quarantine = new Quarantine(shard.sql, async () => {})
    quarantine.recall({ now: 0, release })
    await quarantine.mark(runId)
  }
  expect(runRow(shard.sql, runId)?.blocked !== undefined).toBe(isBlocked)
})
