import { expect, test } from 'vitest'
import type { WarmLocator } from '../../shared/archive.ts'
import { workflow } from '../../shared/define.ts'
import { tableNames } from '../../archiver/cold/tier.ts'
import { liveFiles } from '../../archiver/iceberg/live.ts'
import { sha256Of } from '../../archiver/objects.ts'
import { client, idOn, until } from '../conformance/world.ts'
import { rows } from '../scheduler-do/storage.ts'
import { register } from '../workers/registry.ts'
import { seeded } from './batches.ts'
import { bucket } from './buckets.ts'
import { allOf } from './iceberg/files.ts'
import { closedRuns, coldTier, pass, settled } from './passes.ts'

const STEPS = 480
const STEP_CHARS = 100_000
const noise = noiseOf(4_000_000)

/** Of 48 MB, and its warm objects are gone as soon as it is cold. */
const expires = workflow('expires', async (ctx) => {
  for (let i = 0; i < STEPS; i++) await ctx.run('large', () => part(i))
  return 'over'
})
register(expires)

function part(step: number): string {
  const from = (step * 98_765) % (noise.length - STEP_CHARS)
  return noise.slice(from, from + STEP_CHARS)
}

/** What hardly compresses. */
function noiseOf(length: number): string {
  const random = seeded(48)
  let text = ''
  while (text.length < length) text += Math.floor(random() * 2 ** 52).toString(36)
  return text
}

/** What the run answers: a digest of each event, since they are 48 MB. */
async function read(workflowId: string) {
  const handle = client.getHandle(workflowId)
  const { tier, ...described } = await handle.describe()
  const digests: string[] = []
  for await (const { eventId, type, data, timestamp } of handle.history())
    digests.push(
      `${eventId} ${await sha256Of(new TextEncoder().encode(JSON.stringify([type, timestamp, data])))}`,
    )
  const last: unknown[] = []
  for await (const { eventId, type } of handle.history({ fromEvent: digests.length - 1 }))
    last.push([eventId, type])
  return { tier, described, digests, last, result: await handle.result() }
}

test('a run of 48 MB is described and read by pages in every tier', { timeout: 120_000 }, async () => {
  const workflowId = idOn(0, 'large')
  const runIds = await closedRuns(expires, [workflowId])
  await settled(runIds)
  const hot = await read(workflowId)
  expect(hot).toMatchObject({ tier: 'hot', result: 'over', described: { historyEvents: 2 * STEPS + 2 } })
  expect(hot.described.historyBytes).toBeGreaterThan(STEPS * STEP_CHARS)

  const warmed = await until(async () => {
    const { summary } = await pass({ cold: null })
    return summary.runs === 1 && summary
  })
  expect(warmed).toMatchObject({ failed: 0, batches: 1, rows: 2 * STEPS + 2 })
  const [row] = await rows(0, 'SELECT warm FROM workflows WHERE run_id = ?', runIds[0]!)
  const pieces = JSON.parse(row!['warm'] as string) as WarmLocator
  expect(pieces.length).toBeGreaterThan(10)
  expect(await read(workflowId)).toEqual({ ...hot, tier: 'warm' })

  const { summary } = await pass()
  expect(summary).toMatchObject({ failed: 0, cooledBatches: 1, cooledRows: 2 * STEPS + 2, expiredRuns: 1 })
  expect((await bucket.list({ prefix: 'warm/' })).objects).toEqual([])
  const { metadata } = (await coldTier().catalog.load(tableNames.history))!
  const files = await allOf(liveFiles(metadata, coldTier().warehouse))
  expect(files.map(({ records }) => records)).toEqual([2 * STEPS + 2])
  expect(await read(workflowId)).toEqual({ ...hot, tier: 'cold' })
})
