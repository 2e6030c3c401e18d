import { beforeAll, describe, expect, test } from 'vitest'
import { signal, workflow } from '../../shared/define.ts'
import { payloadPrefix } from '../../shared/reference.ts'
import { client, idOn, until } from '../conformance/world.ts'
import { changeEvents, faults, register } from '../workers/registry.ts'
import { valueOf } from '../../archiver/answers.ts'
import type { LeasedShard } from '../../archiver/phases/context.ts'
import { source } from '../archiver/passes.ts'
import { purge } from '../archiver/steps.ts'
import { abort, rows } from './storage.ts'
import { garbageOf, passOn, toSegment, toWarm } from './tiers.ts'

const expires = workflow('expires', async (_ctx, text: string) => text)
const go = signal('go')
const handsOn = workflow('handsOn', async (ctx, text: string): Promise<number> => {
  if (text.length < 150_000) ctx.continueAsNew(`${text}${text}`)
  await ctx.waitForSignal(go)
  return text.length
})
register(expires, handsOn)

/** Of a run that another one takes over from, the last change event: before it is told, nothing of the run is purged. */
const ENDED = 'workflow.continued_as_new'

let by: LeasedShard
beforeAll(async () => {
  by = await passOn(0)
})

const TABLES = ['workflows', 'workflow_ids', 'archive_batches', 'archive_segments', 'archive_deletions']
const state = () =>
  Promise.all([...TABLES, 'archive_garbage'].map((table) => rows(0, `SELECT * FROM ${table}`)))
const propose = async (maxRuns = 100) => valueOf(await source.proposePurge({ ...by, maxRuns })).runs
const NOTHING = { objects: [], locators: [], segments: [], coldGoneBy: null }

async function closed(workflowId: string) {
  const run = await client.start(expires, { workflowId, input: workflowId })
  await run.result()
  return run
}

describe('a purge', () => {
  test('leaves the objects of a run until the one that took over has its own', async () => {
    const workflowId = idOn(0, 'hands-on')
    faults.archive = (method) => {
      if (method === 'put') throw new Error('R2 takes nothing by the test')
    }
    const { runId } = await client.start(handsOn, { workflowId, input: 'x'.repeat(100_000) })
    const prefix = payloadPrefix({ namespace: 'default', shard: 0, runId })
    await until(async () => (await client.count({ idPrefix: workflowId })) === 2)
    await client.delete(workflowId, runId)
    await until(() => changeEvents.some((event) => event.runId === runId && event.type === ENDED))
    await purge(by)
    expect(await garbageOf(by)).not.toContain(prefix)
    faults.archive = () => {}
    const last = client.getHandle(workflowId)
    await last.signal(go)
    expect(await last.result()).toBe(200_000)
    await until(async () => (await rows(0, 'SELECT key FROM payload_copies')).length === 0)
    await purge(by)
    expect(await garbageOf(by)).toContain(prefix)
  })

  test('that has not rewritten every object which names its run is refused, and changes nothing', async () => {
    const [inWarm, inSegment] = [
      await closed(idOn(0, 'unwritten-segment')),
      await closed(idOn(0, 'unwritten')),
    ]
    await toSegment(by, inSegment.workflowId, inWarm.workflowId)
    const stillWarm = await closed(idOn(0, 'unwritten-warm'))
    await toWarm(by, stillWarm.workflowId)
    for (const run of [inSegment, stillWarm]) {
      await client.delete(run.workflowId, run.runId)
      const before = await state()
      const reply = await source.confirmPurge({ ...by, ...NOTHING, runIds: [run.runId] })
      expect(reply).toMatchObject({ ok: false, code: 'invalid_argument', facts: { path: 'objects' } })
      expect(await state()).toEqual(before)
    }
    expect(await propose()).toHaveLength(2)
    await purge(by)
    expect(await inWarm.result()).toBe(inWarm.workflowId)
  })

  test('that does not say where the other runs of a rewritten object are now is refused', async () => {
    const [gone, kept] = [await closed(idOn(0, 'lost-gone')), await closed(idOn(0, 'lost-kept'))]
    await toWarm(by, gone.workflowId, kept.workflowId)
    await client.delete(gone.workflowId, gone.runId)
    const [run] = await propose()
    const [piece] = run!.warm!
    const times = { minClosedAt: run!.closedAt, maxClosedAt: run!.closedAt }
    const is = { object: 'warm/anew', etag: 'e', bytes: 1, rows: 2, ...times }
    const rewritten = { ...by, ...NOTHING, runIds: [gone.runId], objects: [{ was: piece!.object, is }] }
    const before = await state()
    const at = (object: string, rowCount: number) => [
      { runId: kept.runId, locator: [{ ...piece!, object, rowOffset: 0, rowCount }] },
    ]
    for (const locators of [[], at('warm/anew', 1), at('warm/elsewhere', 2)])
      expect(await source.confirmPurge({ ...rewritten, locators })).toMatchObject({
        code: 'invalid_argument',
        facts: { path: 'locators' },
      })
    expect(await state()).toEqual(before)
    await purge(by)
    expect(await kept.result()).toBe(kept.workflowId)
  })

  test('is proposed again, the same, until it is confirmed, as many runs as were asked for', async () => {
    const runs = [
      await closed(idOn(0, 'same-1')),
      await closed(idOn(0, 'same-2')),
      await closed(idOn(0, 'same-3')),
    ]
    await toWarm(by, ...runs.map(({ workflowId }) => workflowId))
    for (const { workflowId, runId } of runs.slice(0, 2)) await client.delete(workflowId, runId)
    const both = await propose()
    expect(both.map(({ runId }) => runId)).toEqual(runs.slice(0, 2).map(({ runId }) => runId))
    await abort(0)
    expect(await propose()).toEqual(both)
    expect(await propose(1)).toEqual(both.slice(0, 1))
    await purge(by)
    expect(await propose()).toEqual([])
    expect(await runs[2]!.result()).toBe(runs[2]!.workflowId)
  })

  test('confirmed twice is confirmed once; of runs that nobody deleted it is nothing', async () => {
    const [gone, kept] = [await closed(idOn(0, 'twice')), await closed(idOn(0, 'kept'))]
    await toWarm(by, gone.workflowId, kept.workflowId)
    await client.delete(gone.workflowId, gone.runId)
    await purge(by)
    valueOf(await source.collected({ ...by, keys: await garbageOf(by) }))
    const before = await state()
    for (const runIds of [[gone.runId], [kept.runId], ['nobody']])
      expect(await source.confirmPurge({ ...by, ...NOTHING, runIds })).toEqual({ ok: true, value: null })
    expect(await state()).toEqual(before)
    expect(await kept.result()).toBe(kept.workflowId)
  })
})
