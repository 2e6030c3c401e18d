import { beforeAll, describe, expect, test } from 'vitest'
import { workflow } from '../../shared/define.ts'
import { advance, client, idOn, rejection } from '../conformance/world.ts'
import { register } from '../workers/registry.ts'
import { valueOf } from '../../archiver/answers.ts'
import { putVerified } from '../../archiver/objects.ts'
import type { LeasedShard } from '../../archiver/phases/context.ts'
import { bucket } from '../archiver/buckets.ts'
import { source } from '../archiver/passes.ts'
import { collect, cool, expire, purge, warm } from '../archiver/steps.ts'
import { abort, rows } from './storage.ts'
import { garbageOf, passOn, toCold, toSegment, toWarm } from './tiers.ts'

const expires = workflow('expires', async () => 'done')
const goesCold = workflow('goesCold', async () => 'done')
const quick = workflow('quick', async () => 'done')
register(expires, goesCold, quick)

const DAY_MS = 86_400_000
let by: LeasedShard
beforeAll(async () => {
  by = await passOn(0)
})

const propose = async (maxRuns = 100) => valueOf(await source.proposeExpiry({ ...by, maxRuns }))
const confirm = async (segment: number) => {
  const key = `segments/default/0/${segment}-by-hand.json`
  const bytes = new TextEncoder().encode(JSON.stringify((await propose())?.rows))
  const { etag } = await putVerified(bucket, key, { bytes, contentType: 'application/json', metadata: {} })
  return source.confirmExpiry({ ...by, segment, object: key, etag, bytes: bytes.length })
}

const runIdOf = async (workflowId: string) => (await client.describe(workflowId)).runId

const TABLES = ['workflows', 'archive_batches', 'archive_segments', 'workflow_ids']
const state = () => Promise.all(TABLES.map((table) => rows(0, `SELECT * FROM ${table}`)))

/** Batches of as many runs each, cold. */
async function coldBatches(prefix: string, sizes: readonly number[]): Promise<string[][]> {
  const batches = sizes.map((size, batch) =>
    Array.from({ length: size }, (_, n) => idOn(0, `${prefix}-${batch}-${n}`)),
  )
  for (const ids of batches) {
    for (const workflowId of ids) await client.execute(expires, { workflowId })
    await toWarm(by, ...ids)
  }
  await toCold(by)
  return batches
}

describe('cold runs past their warm age', () => {
  test('are proposed by whole batches, the same ones until they are confirmed', async () => {
    const ids = await coldBatches('whole', [2, 2, 3])
    const first = (await propose(4))!
    expect(first.rows.map(({ workflowId }) => workflowId).toSorted()).toEqual(
      ids.slice(0, 2).flat().toSorted(),
    )
    expect(first.rows.map(({ runId }) => runId)).toEqual(first.rows.map(({ runId }) => runId).toSorted())
    await abort(0)
    expect(await propose(100)).toEqual(first)
    expect(await confirm(first.segment)).toEqual({ ok: true, value: null })

    const second = (await propose(1))!
    expect([second.segment, second.rows.length]).toEqual([first.segment + 1, 3])
    await confirm(second.segment)
    expect(await propose()).toBeNull()
  })

  test('leave nothing behind but their ids, and their warm objects are garbage', async () => {
    const [[workflowId = ''] = []] = await coldBatches('left', [1])
    const { runId } = await client.describe(workflowId)
    const [batch] = await rows(0, 'SELECT number, objects FROM archive_batches ORDER BY number DESC LIMIT 1')
    const [{ object }] = JSON.parse(batch?.['objects'] as string) as [{ object: string }]
    const { segment, rows: proposed } = (await propose())!
    await confirm(segment)
    const before = await state()
    await abort(0)
    expect(await source.confirmExpiry({ ...by, segment, object: 'x', etag: 'y', bytes: 1 })).toMatchObject({
      ok: true,
    })
    expect(await state()).toEqual(before)
    expect(before[0]).toEqual([])
    expect(before[1]).toEqual([])
    const [stored] = before[2]!.filter(({ number }) => number === segment)
    const [{ closedAt } = { closedAt: 0 }] = proposed
    expect(stored).toMatchObject({ rows: 1, min_run_id: runId, max_run_id: runId, min_closed_at: closedAt })
    expect(before[3]).toContainEqual(
      expect.objectContaining({ workflow_id: workflowId, run_id: runId, status: 'completed' }),
    )
    expect(await garbageOf(by)).toContain(object)
    expect(await collect(by)).toContain(object)
    expect(await bucket.head(object)).toBeNull()
    expect(await garbageOf(by)).toEqual([])
  })

  test('wait for their warm age, and warm ones that are not to be cold stay', async () => {
    const [cold, stays] = [idOn(0, 'month'), idOn(0, 'ever')]
    await client.execute(goesCold, { workflowId: cold })
    await client.execute(quick, { workflowId: stays })
    await toCold(by, cold, stays)
    expect(await propose()).toBeNull()
    await advance(29 * DAY_MS)
    expect(await propose()).toBeNull()
    await advance(DAY_MS)
    const found = (await propose())!
    expect(found.rows.map(({ workflowId }) => workflowId)).toEqual([cold])
    await confirm(found.segment)
    await advance(1_000 * DAY_MS)
    expect(await propose()).toBeNull()
    expect((await client.describe(stays)).tier).toBe('warm')
    expect(await client.getHandle(stays).result()).toBe('done')
  })

  test('wait until a deleted run of their batch is purged; one deleted while its segment is open stays in it', async () => {
    const [[one = '', other = '', last = ''] = []] = await coldBatches('purged', [3])
    const [oneRun, otherRun] = [await runIdOf(one), await runIdOf(other)]
    await client.delete(one, oneRun)
    expect(await propose()).toBeNull()
    await purge(by)
    const open = (await propose())!
    expect(open.rows.map(({ workflowId }) => workflowId).toSorted()).toEqual([other, last].toSorted())

    expect((await client.delete(other, otherRun)).coldGoneBy).not.toBeNull()
    expect(await purge(by)).toEqual([])
    expect(await propose()).toEqual(open)
    await expire(by)
    expect(await rejection(client.describe(other, otherRun))).toMatchObject({ code: 'workflow_not_found' })
    expect(
      await client.list({ idPrefix: 'purged' }).then((page) => page.map(({ workflowId }) => workflowId)),
    ).toEqual([last])
    const [purged] = await purge(by)
    expect(purged).toMatchObject({
      runId: otherRun,
      segment: { object: expect.stringContaining('segments/') },
    })
    expect(purged).not.toHaveProperty('warm')
    expect(await client.count({ tiers: ['cold'], idPrefix: 'purged' })).toBe(1)
  })
})

describe('an archiver that is cut off between any two steps', () => {
  test('is taken up by the next one, and no run is lost or there twice', async () => {
    const ids = Array.from({ length: 3 }, (_, n) => idOn(0, `cut-${n}`))
    for (const workflowId of ids) await client.execute(expires, { workflowId })
    const steps = [
      () => toWarm(by, ids[0]!),
      () => source.proposeArchive({ ...by, maxRuns: 1, maxBytes: 1 }),
      () => toWarm(by, ...ids),
      () => source.coldCandidates({ ...by, maxBytes: 1 }),
      () => cool(by),
      () => toCold(by),
      () => propose(1),
      () => warm(by),
      () => toSegment(by),
    ]
    for (const step of steps) {
      await step()
      await abort(0)
      expect((await client.list({ idPrefix: 'cut-' })).map(({ workflowId }) => workflowId)).toEqual(
        ids.toReversed(),
      )
      expect(await Promise.all(ids.map((id) => client.getHandle(id).result()))).toEqual(ids.map(() => 'done'))
    }
    expect((await client.list({ idPrefix: 'cut-', tiers: ['cold'] })).length).toBe(3)
  })
})
