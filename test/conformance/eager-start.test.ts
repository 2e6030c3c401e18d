import { afterEach, expect, test } from 'vitest'
import { defineActivity, signal, workflow } from '../../shared/index.ts'
import { faults, register } from '../workers/registry.ts'
import { client, historyOf, idOn, turnsOf, typesOf } from './world.ts'

const go = signal('go')
const never = defineActivity<void, string>('eager-never', async () => 'done')
const first = workflow('eager-first', { messages: { go } }, async (ctx) => {
  await ctx.run('inline', () => 'at once')
  void ctx.activity(never, {})
  await ctx.waitForSignal(go)
  return 'after the signal'
})
const immediate = workflow('eager-immediate', async (_ctx, n: number) => n + 1)
register(never, first, immediate)

afterEach(() => {
  faults.loseMessages = false
})

test('75 eager_workflow/successful_start: the first turn is over when start resolves, and no queue was involved', async () => {
  faults.loseMessages = true
  const workflowId = idOn(0, 'eager-75')
  const before = await turnsOf(workflowId)
  const handle = await client.start(immediate, { workflowId, input: 41 })
  const [started, completed] = await historyOf(handle)
  expect([started?.type, completed?.type]).toEqual(['workflow_started', 'workflow_completed'])
  expect(await turnsOf(workflowId)).toBe(before + 1)
  expect(await handle.result()).toBe(42)

  const waiting = await client.start(first, {})
  expect((await typesOf(waiting)).slice(0, 2)).toEqual(['workflow_started', 'step_scheduled'])
})
