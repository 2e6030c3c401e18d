import { expect, test } from 'vitest'
import { rebuild } from '../../archiver/rebuild.ts'
import { workflow } from '../../shared/define.ts'
import { client, idOn } from '../conformance/world.ts'
import { register } from '../workers/registry.ts'
import { bucket } from './buckets.ts'
import { loseStorage, warmKeys } from './lost.ts'
import { closedRuns, pass, release, settled, source } from './passes.ts'
import { lease, shardTo } from './steps.ts'

const stays = workflow('stays', async (_ctx, input: string) => input)
register(stays)

test('objects of a shard that lost its storage and was never cold stay, and its new batches are refused', async () => {
  const shard = 0
  const old = idOn(shard, 'never-cold')
  await settled(await closedRuns(stays, [old]))
  expect((await pass({ cold: null })).summary).toMatchObject({ runs: 1, failed: 0 })
  const keys = await warmKeys(shard)
  expect(keys.length).toBe(1)
  await loseStorage(shard)
  const id = idOn(shard, 'never-cold-after')
  const runIds = await closedRuns(stays, [id])
  await settled(runIds)
  const { summary, lines } = await pass({ cold: null })
  expect(summary).toMatchObject({ runs: 0, failed: 1 })
  const message = expect.stringContaining('R2 holds batches of this shard up to 1: it has lost its storage')
  expect(lines).toContainEqual(expect.objectContaining({ event: 'archive_failed', shard, message }))
  expect(await warmKeys(shard)).toEqual(keys)

  const { fence } = await lease('rebuild')
  const rebuilt = await rebuild({ bucket, source }, { to: shardTo(shard), fence })
  await release('rebuild')
  expect(rebuilt).toMatchObject({ batches: 1, runs: 1 })
  expect((await pass({ cold: null })).summary).toMatchObject({ runs: 1, failed: 0 })
  for (const one of [old, id]) expect((await client.describe(one)).tier).toBe('warm')
})
