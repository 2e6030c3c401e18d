/** What a shard keeps of its turns when they are over. */
import { expect, test, vi } from 'vitest'
import { Specimens } from '../../scheduler-do/specimens.ts'
import * as verbs from '../../scheduler-do/verbs.ts'
import { workflow } from '../../shared/index.ts'
import type { StartRequest } from '../../shared/protocol.ts'
import { startOf, testShard } from './shard.ts'

const steps = workflow('steps', async (ctx) => {
  await ctx.run('one', () => 1)
  await ctx.run('two', () => 2)
})

/** By what became of it, the events that were written of the run that is kept. */
async function keptOf(of: readonly StartRequest[]): Promise<[string, string[]][]> {
  const keep = vi.spyOn(Specimens.prototype, 'keep')
  const { shard } = await testShard([steps])
  await Promise.all(of.map((start) => verbs.start(shard, { ...start, waitMs: 1_000 })))
  const [specimens] = keep.mock.contexts as Specimens[]
  keep.mockRestore()
  return Array.from(specimens!.kept, ([kind, { appended }]) => [
    kind,
    appended.events.map(({ type }) => type),
  ])
}

test('is one run that begins, one that goes on and one that ends, however many there were', async () => {
  const starts = Array.from({ length: 30 }, (_, index) => startOf('steps', `run-${index}`))
  expect(await keptOf(starts)).toEqual([
    ['begins', ['workflow_started', 'step_scheduled']],
    ['goes on', ['step_completed', 'step_scheduled']],
    ['ends', ['step_completed', 'workflow_completed']],
  ])
})

test('is no run that is large', async () => {
  const large = startOf('steps', 'large', 'x'.repeat(100_000))
  expect(await keptOf([large])).toEqual([])
})
