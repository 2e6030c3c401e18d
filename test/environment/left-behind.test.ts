/** Code that a run has left behind when it ended. */
import { expect, test } from 'vitest'
import * as verbs from '../../scheduler-do/verbs.ts'
import { workflow } from '../../shared/index.ts'
import { startOf, testShard, to } from './shard.ts'

test('has nothing of its run any more: its time is that of the run which ended last', async () => {
  const { promise, resolve } = Promise.withResolvers<void>()
  let late: Promise<number> | undefined
  const leaves = workflow('leaves', async () => {
    late = promise.then(() => Date.now())
  })
  const brief = workflow('brief', async () => {})
  const { shard, pass } = await testShard([leaves, brief])
  const ended = async (type: string): Promise<unknown> => {
    await verbs.start(shard, startOf(type, type))
    return await verbs.result(shard, { to, workflowId: type, waitMs: 1_000, follow: true })
  }
  expect(await ended('leaves')).toMatchObject({ ok: true, value: { status: 'completed' } })
  pass(5_000)
  const before = shard.clock.now()
  expect(await ended('brief')).toMatchObject({ ok: true, value: { status: 'completed' } })
  resolve()
  expect(await late).toBeGreaterThanOrEqual(before)
})
