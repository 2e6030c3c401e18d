import { describe, expect, test } from 'vitest'
import { workflow } from '../../shared/define.ts'
import { tableNames, type ColdTier } from '../../archiver/cold/tier.ts'
import { EmbeddedCatalog } from '../../archiver/iceberg/embedded.ts'
import { advance, client, idOn } from '../conformance/world.ts'
import { register } from '../workers/registry.ts'
import { closedRuns, coldRows, coldTier, pass, settled, source } from './passes.ts'
import { lease } from './steps.ts'

const goesCold = workflow('goesCold', async (_ctx, input: string) => input)
register(goesCold)

const HOUR_MS = 3_600_000

/** A pass on a machine whose clock is off by so much. */
async function passAt(offsetMs: number) {
  const now = (): number => Date.now() + offsetMs
  const tier = coldTier()
  const catalog = new EmbeddedCatalog(tier.warehouse, { now })
  const open: ColdTier['open'] = (table) => ({ ...tier.open(table), catalog, now })
  return await pass({ now, cold: { ...tier, catalog, open } })
}

async function closed(name: string): Promise<string[]> {
  const runIds = await closedRuns(goesCold, [idOn(0, name), idOn(1, name)])
  await settled(runIds)
  return runIds
}

async function timesOf(table: 'history' | 'executions'): Promise<number[]> {
  const { metadata } = (await coldTier().catalog.load(tableNames[table]))!
  const times = metadata.snapshots.map((snapshot) => snapshot['timestamp-ms'])
  const log = metadata['snapshot-log'].map((entry) => entry['timestamp-ms'])
  expect(log).toEqual(times)
  return [...times, metadata['last-updated-ms']]
}

describe('an archiver', () => {
  test('whose clock is behind the last snapshot commits, and no time goes back', async () => {
    const runIds: string[] = []
    for (const [index, offset] of [0, -HOUR_MS, HOUR_MS, 0, -HOUR_MS].entries()) {
      const more = await closed(`skewed-${index}`)
      const { summary } = await passAt(offset)
      expect(summary).toMatchObject({ cooledBatches: 2, failed: 0 })
      runIds.push(...more)
    }
    for (const table of ['history', 'executions'] as const) {
      const times = await timesOf(table)
      expect(times.length).toBeGreaterThanOrEqual(6)
      expect(times).toEqual(times.toSorted((a, b) => a - b))
    }
    const { executions } = await coldRows()
    expect(runIds.map((runId) => executions.get(runId))).toEqual(runIds.map(() => 1))
  })
})

describe('a lease', () => {
  test.each([
    ['behind', -5 * HOUR_MS],
    ['ahead of', 5 * HOUR_MS],
  ])('is held and ends by the clock of its object: the archiver’s is %s it', async (name, offset) => {
    await advance(2 * HOUR_MS) // of the objects
    const runIds = await closed(`lease-${name}`)
    await lease('someone', 60_000)
    const refused = await passAt(offset)
    expect(refused.summary.shards).toBe(0)
    expect(refused.lines[0]).toMatchObject({ event: 'archive_skipped', namespace: 'default' })
    await advance(60_000)
    expect((await passAt(offset)).summary).toMatchObject({ shards: 2, cooledBatches: 2, failed: 0 })
    const { executions } = await coldRows()
    expect(runIds.map((runId) => executions.get(runId))).toEqual([1, 1])
    const late = await source.releaseArchive({ namespace: 'default', holder: 'someone' })
    expect(late).toEqual({ ok: true, value: null })
    expect(await client.count({ tiers: ['hot'] })).toBe(0)
  })
})
