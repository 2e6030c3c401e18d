/** What a shard keeps of its turns when they are over. */
import { expect, test, vi } from 'vitest'
import { Specimens } from '../../scheduler-do/specimens.ts'
import * as verbs from '../../scheduler-do/verbs.ts'
import { workflow } from '../../shared/index.ts'
import { startOf, testShard } from './shard.ts'

const steps = workflow('steps', async (ctx) => {
  await ctx.run('one', () => 1)
  await ctx.run('two', () => 2)
})

test('is one run that begins, one that goes on and one that ends, however many there were', async () => {
  const keep = vi.spyOn(Specimens.prototype, 'keep')
  const { shard } = await testShard([steps])
  const ids = Array.from({ length: 30 }, (_, index) => `run-${index}`)
  await Promise.all(ids.map((id) => verbs.start(shard, { ...startOf('steps', id), waitMs: 1_000 })))
  const [specimens] = keep.mock.contexts as Specimens[]
  keep.mockRestore()
  const kept = Array.from(specimens!.kept, ([kind, { appended }]) => [
    kind,
    appended.events.map(({ type }) => type),
  ])
  expect(kept).toEqual([
    ['begins', ['workflow_started', 'step_scheduled']],
    ['goes on', ['step_completed', 'step_scheduled']],
    ['ends', ['step_completed', 'workflow_completed']],
  ])
})
