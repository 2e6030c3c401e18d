import { beforeAll, describe, expect, test } from 'vitest'
import { SNAPSHOT_RETENTION_MS } from '../../shared/archive.ts'
import { signal, workflow } from '../../shared/define.ts'
import { advance, client, historyOf, idOn, rejection, until } from '../conformance/world.ts'
import { register } from '../workers/registry.ts'
import { valueOf } from '../../archiver/answers.ts'
import type { LeasedShard } from '../../archiver/phases/context.ts'
import { bucket } from '../archiver/buckets.ts'
import { coldRows, source } from '../archiver/passes.ts'
import { cool, LIMITS, purge, write } from '../archiver/steps.ts'
import { abort, inStorage, rows } from './storage.ts'
import { garbageOf, HOUR_MS, passOn, toCold, toSegment, toWarm } from './tiers.ts'

const go = signal('go')
const expires = workflow('expires', async (_ctx, text: string) => text)
const staysHot = workflow('staysHot', async () => 'hot')
const waits = workflow('waits', async (ctx) => ctx.waitForSignal(go))
register(expires, staysHot, waits)

const DAY_MS = 24 * HOUR_MS
let by: LeasedShard
beforeAll(async () => {
  by = await passOn(0)
})

async function closed(workflowId: string, text = 'x') {
  const run = await client.start(expires, { workflowId, input: text })
  await run.result()
  return run
}

/** Every read answers as for a run that never was. */
async function expectGone(workflowId: string, runId: string): Promise<void> {
  for (const handle of [client.getHandle(workflowId), client.getHandle(workflowId, runId)])
    for (const ask of [
      () => handle.describe(),
      () => handle.result(),
      () => historyOf(handle),
      () => handle.query('q'),
      () => handle.signal('go'),
      () => handle.cancel(),
    ])
      expect(await rejection(ask())).toMatchObject({ code: 'workflow_not_found' })
  for (const orderBy of ['startedAt', '-closedAt'] as const)
    expect(await client.list({ idPrefix: workflowId, orderBy })).toEqual([])
  expect(await client.count({ idPrefix: workflowId })).toBe(0)
}

const traces = (runId: string) =>
  Promise.all(
    ['workflows', 'history', 'archive_holds'].map((table) =>
      rows(0, `SELECT run_id FROM ${table} WHERE run_id = ?`, runId),
    ),
  )
const NONE = [[], [], []]

describe('a run that is deleted', () => {
  test('while it runs is refused, and goes on', async () => {
    const run = await client.start(waits, { workflowId: idOn(0, 'running') })
    const refused = await rejection(client.delete(run.workflowId, run.runId))
    expect(refused).toMatchObject({ code: 'workflow_running' })
    await run.signal(go)
    await run.result()
    await expect(client.delete(run.workflowId, 'nobody')).rejects.toMatchObject({
      code: 'workflow_not_found',
    })
    const other = client.delete(idOn(0, 'another'), run.runId)
    expect(await rejection(other)).toMatchObject({ code: 'workflow_not_found' })
  })

  test('in the hot tier is gone at once, once its change events are told; its sequence numbers stay used', async () => {
    const workflowId = idOn(0, 'hot')
    const run = await client.start(staysHot, { workflowId })
    await run.result()
    const [last] = await rows(0, 'SELECT MAX(closed_sequence) AS last FROM workflows')
    await until(async () => {
      const [told] = await rows(0, `SELECT value FROM meta WHERE key = 'cdc_position'`)
      return Number(told?.['value'] ?? 0) >= Number(last?.['last'])
    })
    expect(await client.delete(workflowId, run.runId)).toEqual({ coldGoneBy: null })
    expect(await traces(run.runId)).toEqual(NONE)
    await expectGone(workflowId, run.runId)
    expect(await client.delete(workflowId, run.runId)).toEqual({ coldGoneBy: null })
    expect(await garbageOf(by)).toContain(`payload/default/0/${run.runId}/`)
    await abort(0)
    const next = await client.start(staysHot, { workflowId, idReuse: 'reject' })
    await next.result()
    const [after] = await rows(0, 'SELECT MIN(sequence) AS first FROM history WHERE run_id = ?', next.runId)
    expect(Number(after?.['first'])).toBe(Number(last?.['last']) + 1)
  })

  test('in the hot tier before its change events are told is hidden at once, and gone with the next pass', async () => {
    const workflowId = idOn(0, 'untold')
    const run = await client.start(staysHot, { workflowId })
    await run.result()
    const far = 1e9 // as if the sink had taken nothing of it
    await inStorage(0, ({ sql }) => {
      sql.exec('UPDATE workflows SET closed_sequence = closed_sequence + ? WHERE run_id = ?', far, run.runId)
    })
    expect(await client.delete(workflowId, run.runId)).toEqual({ coldGoneBy: null })
    await expectGone(workflowId, run.runId)
    await advance(HOUR_MS)
    await toWarm(by)
    expect(await purge(by)).toEqual([])
    expect((await traces(run.runId))[0]).toHaveLength(1)
    await inStorage(0, ({ sql }) => {
      sql.exec('UPDATE workflows SET closed_sequence = closed_sequence - ? WHERE run_id = ?', far, run.runId)
    })
    expect(await purge(by)).toEqual([])
    expect(await traces(run.runId)).toEqual(NONE)
  })

  test('while an open batch names it is hidden at once, and purged after the batch, which does not change', async () => {
    const workflowId = idOn(0, 'open')
    const run = await closed(workflowId)
    const propose = async () => valueOf(await source.proposeArchive({ ...by, ...LIMITS }))
    const batch = await until(async () => (await propose()) ?? false)
    expect(await client.delete(workflowId, run.runId)).toEqual({ coldGoneBy: null })
    await expectGone(workflowId, run.runId)
    await abort(0)
    await expectGone(workflowId, run.runId)
    expect(await propose()).toMatchObject({ number: batch.number, runs: batch.runs })
    expect(await purge(by)).toEqual([])

    await source.confirmArchive({ ...by, number: batch.number, ...(await write(by, batch)) })
    await expectGone(workflowId, run.runId)
    expect(await cool(by)).toBe(false)
    const [purged] = await purge(by)
    expect(purged).toMatchObject({ runId: run.runId, warm: [{ rowCount: 2 }] })
    expect(await traces(run.runId)).toEqual(NONE)
    expect(await cool(by)).toBe(false)
    const { history, executions } = await coldRows()
    expect([history.get(run.runId), executions.get(run.runId)]).toEqual([undefined, undefined])
    expect(await rows(0, 'SELECT * FROM archive_batches WHERE number = ?', batch.number)).toEqual([])
    expect(await client.delete(workflowId, run.runId)).toEqual({ coldGoneBy: null })
  })

  test('in the warm tier leaves the others of its batch where they can be read', async () => {
    const ids = ['a', 'b', 'c'].map((one) => idOn(0, `warm-${one}`))
    const [first, gone, last] = [await closed(ids[0]!), await closed(ids[1]!), await closed(ids[2]!)]
    await toWarm(by, ...ids)
    const [{ object } = { object: '' }] = await objectsOf(first.runId)
    expect(await client.delete(gone.workflowId, gone.runId)).toEqual({ coldGoneBy: null })
    await expectGone(gone.workflowId, gone.runId)
    await purge(by)
    await purge(by)
    expect(await traces(gone.runId)).toEqual(NONE)
    const [{ object: rewritten } = { object: '' }] = await objectsOf(first.runId)
    expect(rewritten).not.toBe(object)
    expect(await garbageOf(by)).toEqual(expect.arrayContaining([object, `payload/default/0/${gone.runId}/`]))
    await bucket.delete(object)
    for (const run of [first, last]) {
      expect(await run.result()).toBe('x')
      expect(await historyOf(run)).toHaveLength(2)
    }
    await toSegment(by)
    for (const run of [first, last]) expect(await run.result()).toBe('x')
    expect((await client.list({ idPrefix: 'warm-' })).map(({ runId }) => runId)).toEqual([
      last.runId,
      first.runId,
    ])
  })

  test('in the cold tier says when the last snapshot of it is gone: a promise first, then the date', async () => {
    const [kept, gone] = [await closed(idOn(0, 'cold-kept')), await closed(idOn(0, 'cold-gone'))]
    await toCold(by, kept.workflowId, gone.workflowId)
    const before = Date.now()
    const { coldGoneBy: promised } = await client.delete(gone.workflowId, gone.runId)
    expect(promised!.getTime()).toBeGreaterThanOrEqual(before + DAY_MS + SNAPSHOT_RETENTION_MS)
    await advance(5_000)
    expect(await client.delete(gone.workflowId, gone.runId)).toEqual({ coldGoneBy: promised })
    await expectGone(gone.workflowId, gone.runId)
    await expectDated(gone, () => purge(by))
    await expectGone(gone.workflowId, gone.runId)
    const { history, executions } = await coldRows()
    expect([history.has(gone.runId), executions.has(gone.runId)]).toEqual([false, false])
    expect([history.get(kept.runId), executions.get(kept.runId)]).toEqual([2, 1])
    expect(await kept.result()).toBe('x')
  })

  test('in a segment is purged from it', async () => {
    const [kept, gone] = [await closed(idOn(0, 'seg-kept')), await closed(idOn(0, 'seg-gone'))]
    await toSegment(by, kept.workflowId, gone.workflowId)
    expect((await client.delete(gone.workflowId, gone.runId)).coldGoneBy).not.toBeNull()
    await expectGone(gone.workflowId, gone.runId)
    await abort(0)
    await expectGone(gone.workflowId, gone.runId)
    const [purged] = await expectDated(gone, () => purge(by))
    expect(purged).toMatchObject({ runId: gone.runId, segment: { object: expect.any(String) } })
    await expectGone(gone.workflowId, gone.runId)
    expect(await garbageOf(by)).toContain(purged!.segment!.object)
    await abort(0)
    expect(await kept.result()).toBe('x')
    expect(await client.count({ idPrefix: 'seg-' })).toBe(1)
    await client.delete(kept.workflowId, kept.runId)
    await purge(by)
    await expectGone(kept.workflowId, kept.runId)
  })

  test('whose batch was offered to the cold tier may be there, whatever the shard was told', async () => {
    const run = await closed(idOn(0, 'offered'))
    await toWarm(by, run.workflowId)
    valueOf(await source.coldCandidates({ ...by, maxBytes: 1_000_000 }))
    await abort(0)
    expect((await client.delete(run.workflowId, run.runId)).coldGoneBy).not.toBeNull()
    await purge(by)
    expect(await client.delete(run.workflowId, run.runId)).toEqual({ coldGoneBy: null })
  })

  test('is forgotten in the end', async () => {
    const run = await client.start(staysHot, { workflowId: idOn(0, 'forgotten') })
    await run.result()
    await client.delete(run.workflowId, run.runId)
    await until(async () => {
      await purge(by)
      return (await traces(run.runId))[0]!.length === 0
    })
    await advance(2 * DAY_MS)
    await purge(by)
    const refused = await rejection(client.delete(run.workflowId, run.runId))
    expect(refused).toMatchObject({ code: 'workflow_not_found' })
  })
})

/** What the run's deletion answers after `purged` is the date of the last snapshot that names it. */
async function expectDated<T>(run: { workflowId: string; runId: string }, purged: () => Promise<T>) {
  const before = Date.now()
  const done = await purged()
  const after = Date.now()
  const { coldGoneBy } = await client.delete(run.workflowId, run.runId)
  expect(coldGoneBy!.getTime()).toBeGreaterThanOrEqual(before + SNAPSHOT_RETENTION_MS)
  expect(coldGoneBy!.getTime()).toBeLessThanOrEqual(after + SNAPSHOT_RETENTION_MS)
  return done
}

async function objectsOf(runId: string): Promise<{ object: string }[]> {
  const [row] = await rows(0, 'SELECT warm FROM workflows WHERE run_id = ?', runId)
  return JSON.parse(row?.['warm'] as string) as { object: string }[]
}

const expectLatest = async (workflowId: string, runId: string): Promise<void> => {
  expect((await client.describe(workflowId)).runId).toBe(runId)
  expect(await rejection(client.getHandle(workflowId).signal('go'))).toMatchObject({
    code: 'workflow_closed',
  })
  const taken = client.start(expires, { workflowId, input: '', idReuse: 'reject' })
  expect(await rejection(taken)).toMatchObject({ code: 'workflow_already_started', runId })
}

describe('an id whose latest run is deleted', () => {
  test('falls back to the run before, wherever that is, and is free when there is none', async () => {
    const workflowId = idOn(0, 'falls-back')
    const first = await closed(workflowId, 'first')
    await toSegment(by, workflowId)
    const second = await closed(workflowId, 'second')
    await toWarm(by, workflowId)
    const third = await closed(workflowId, 'third')
    await client.delete(workflowId, third.runId)
    await expectLatest(workflowId, second.runId)
    await client.delete(workflowId, second.runId)
    await expectLatest(workflowId, first.runId)
    await purge(by)
    await expectLatest(workflowId, first.runId)
    await client.delete(workflowId, first.runId)
    await expectGone(workflowId, first.runId)
    const again = await client.start(expires, { workflowId, input: 'again', idReuse: 'reject' })
    expect(await again.result()).toBe('again')
  })

  test('keeps its latest when an older run is deleted', async () => {
    const workflowId = idOn(0, 'keeps')
    const first = await closed(workflowId)
    const second = await closed(workflowId)
    await client.delete(workflowId, first.runId)
    await expectLatest(workflowId, second.runId)
    await client.delete(workflowId, second.runId)
    await expectGone(workflowId, second.runId)
    expect(await rows(0, 'SELECT * FROM workflow_ids WHERE workflow_id = ?', workflowId)).toEqual([])
  })
})
