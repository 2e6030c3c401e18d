/** Starts of an id that has been started before. */
import { expect, test } from 'vitest'
import { latestRunId } from '../../scheduler-do/store/ids.ts'
import * as verbs from '../../scheduler-do/verbs.ts'
import { workflow } from '../../shared/index.ts'
import { startOf, testShard, to } from './shard.ts'

const brief = workflow('brief', async () => 'done')

test('the runs of an id sort as they began, though the clock was set back between them', async () => {
  const { shard, pass } = await testShard([brief])
  const started: string[] = []
  for (const requestId of ['first', 'second', 'third']) {
    const reply = await verbs.start(shard, { ...startOf('brief', 'w'), requestId })
    if (reply.ok) started.push(reply.value.runId)
    pass(-5_000)
  }
  expect(started).toHaveLength(3)
  expect(started).toEqual(started.toSorted())
  expect(latestRunId(shard.sql, 'w')).toBe(started[2])
})

test('so does one whose id was asked for before', async () => {
  const { shard, pass } = await testShard([brief])
  const first = await verbs.start(shard, startOf('brief', 'w'))
  pass(-5_000)
  const target = await verbs.target(shard, { to, workflowId: 'w' })
  const runId = target.ok ? target.value.fresh : ''
  const second = await verbs.start(shard, { ...startOf('brief', 'w'), requestId: 'second', runId })
  expect(second).toMatchObject({ ok: true, value: { runId } })
  expect(first.ok && runId > first.value.runId).toBe(true)
})
