import { describe, expect, test } from 'vitest'
import type { HistoryEvent } from '../../shared/core/events.ts'
import type { ArchiveBatch, ArchivedRun, ConfirmArchiveRequest } from '../../shared/archive.ts'
import { decodeParquet, encodeParquet } from '../../archiver/parquet.ts'
import { defaultLimits } from '../../archiver/plan.ts'
import { compareUtf8, historyColumns, historyFrame, runsOf } from '../../archiver/rows.ts'
import { readRun, writeBatch } from '../../archiver/warm.ts'
import { archivedRun, batchOf, noon, oddRuns, orderRuns, seeded } from './batches.ts'
import { bucket, counted, stored } from './buckets.ts'

describe('rows of a batch', () => {
  test.each([1, 2, 3, 4, 5])('come back from Parquet exactly as they were, seed %i', async (seed) => {
    const runs = runsOf(batchOf('0-1', oddRuns(60, seeded(seed))))
    const frame = historyFrame(runs, '0-1')
    const { bytes, rowGroups } = await encodeParquet(historyColumns, frame)
    expect(decodeParquet(bytes)).toEqual(frame)
    expect(rowGroups.reduce((sum, rows) => sum + rows, 0)).toBe(frame.rows)
    expect(Math.max(...rowGroups)).toBeLessThanOrEqual(1_000)
  })

  test('are ordered by workflow, run and event, strings by their bytes', () => {
    const ids = ['b', 'a', 'é', '\uE000', '\u{1F600}', 'a\u0000', '']
    const batch = batchOf(
      '0-1',
      ids.map((id) => archivedRun(id, 'r', [{ type: 'timer_fired', at: noon, seq: 1 }])),
    )
    const order = runsOf(batch).map(({ run }) => run.execution.workflowId)
    expect(order).toEqual(['', 'a', 'a\u0000', 'b', 'é', '\uE000', '\u{1F600}'])
    expect(ids.toSorted(compareUtf8)).toEqual(order)
  })

  test('of a run without events, or with an id that is not Unicode, are refused', async () => {
    const empty = batchOf('0-2', [archivedRun('w', 'r', [])])
    const broken = batchOf('0-3', [archivedRun('\uD800', 'r', [{ type: 'timer_fired', at: noon, seq: 1 }])])
    await expect(writeBatch(bucket, empty)).rejects.toMatchObject({ fault: 'batch_invalid' })
    await expect(writeBatch(bucket, broken)).rejects.toMatchObject({ fault: 'batch_invalid' })
  })
})

describe('a batch in the warm tier', () => {
  test.each([11, 12, 13])('gives each run back with one GET, seed %i', async (seed) => {
    const batch = batchOf(`read-${seed}`, oddRuns(80, seeded(seed)))
    const { locators } = await writeBatch(bucket, batch)
    expect(locators).toHaveLength(batch.runs.length)
    for (const run of batch.runs) {
      const calls: string[] = []
      expect(await eventsOf(counted(calls), run, locators)).toEqual(run.events)
      expect(calls).toEqual(['get'])
    }
  })

  test('has many runs per object and row group, and an object of at most the size asked for', async () => {
    const batch = batchOf('many-1', orderRuns(600, seeded(7)))
    const limits = { ...defaultLimits, objectBytes: 60_000 }
    const { locators, objects, rows, bytes } = await writeBatch(bucket, batch, limits)
    expect(rows).toBe(batch.runs.length * 15)
    expect(objects).toBeGreaterThan(1)
    expect(objects).toBeLessThanOrEqual(Math.ceil(bytes / 60_000) + 1)
    for (const key of new Set(locators.map(({ locator }) => locator.object))) {
      expect((await stored(key)).bytes.length).toBeLessThanOrEqual(60_000)
    }
    expect(locators.some(({ locator }) => locator.rowOffset > 0)).toBe(true)
    expect(locators.some(({ locator }) => locator.rowGroupFirst > 0)).toBe(true)
    for (const run of batch.runs.slice(0, 30))
      expect(await eventsOf(bucket, run, locators)).toEqual(run.events)
  })

  test('puts a run that is over the limits in an object of its own', async () => {
    const [before, after] = orderRuns(2, seeded(8))
    const random = seeded(9)
    const noise = (): string =>
      Array.from({ length: 400 }, () => Math.floor(random() * 2 ** 40).toString(36)).join('')
    const huge = archivedRun(
      'order-000000-huge',
      'r',
      Array.from({ length: 300 }, (_, i) => ({
        type: 'activity_completed',
        at: noon,
        seq: i,
        attempt: 1,
        result: noise(),
      })),
    )
    const batch = batchOf('huge-1', [before!, huge, after!])
    const { locators, objects } = await writeBatch(bucket, batch)
    expect(objects).toBe(3)
    expect(new Set(locators.map(({ locator }) => locator.object)).size).toBe(3)
    expect((await stored(locators[1]!.locator.object)).bytes.length).toBeGreaterThan(
      defaultLimits.objectBytes,
    )
    for (const run of batch.runs) expect(await eventsOf(bucket, run, locators)).toEqual(run.events)
    const byArrow = await writeBatch(
      bucket,
      { ...batch, batchId: 'huge-2' },
      { objectBytes: 1e9, arrowBytes: 100_000 },
    )
    expect(byArrow.objects).toBe(3)
  })

  test('cuts row groups by bytes too, so that a lookup decodes little', async () => {
    const text = 'x'.repeat(20_000)
    const runs = Array.from({ length: 100 }, (_, i) =>
      archivedRun(`w-${100 + i}`, 'r', [{ type: 'workflow_completed', at: noon, result: `${text}${i}` }]),
    )
    const { locators } = await writeBatch(bucket, batchOf('groups-1', runs))
    const last = locators.at(-1)!.locator
    expect(last.rowGroupFirst).toBeGreaterThan(10)
    expect(last.rowGroupCount).toBe(1)
  })

  test('of no runs is no object', async () => {
    expect(await writeBatch(bucket, batchOf('none-1', []))).toEqual({
      locators: [],
      objects: 0,
      rows: 0,
      bytes: 0,
    })
  })

  test('can be found without the shard: ids and checksum stand beside the object', async () => {
    const runs = [...orderRuns(3, seeded(1)), archivedRun('\u{1F980}'.repeat(500), 'r', [ended])]
    const { locators } = await writeBatch(bucket, batchOf('meta-1', runs))
    const { object } = await stored(locators[0]!.locator.object)
    expect(object.customMetadata).toMatchObject({
      batchId: 'meta-1',
      min: 'order-000000',
      rows: '46',
      rowGroups: '46',
    })
    const max = decodeURIComponent(object.customMetadata!['max']!)
    expect(max.startsWith('\u{1F980}')).toBe(true)
    expect(compareUtf8(max, '\u{1F980}'.repeat(500))).toBeGreaterThan(0)
    expect(object.checksums.toJSON().sha256).toBe(object.customMetadata!['sha256'])
  })
})

describe('a batch written again', () => {
  test('uses the objects that are there', async () => {
    const batch = batchOf('again-1', orderRuns(300, seeded(21)))
    const limits = { ...defaultLimits, objectBytes: 40_000 }
    const first = await writeBatch(bucket, batch, limits)
    const calls: string[] = []
    expect(await writeBatch(counted(calls), batch, limits)).toEqual(first)
    expect(calls.filter((name) => name === 'put')).toHaveLength(first.objects)
  })

  test('with other limits goes on from the objects that are there', async () => {
    const batch = batchOf('again-2', orderRuns(300, seeded(22)))
    const first = await writeBatch(bucket, { ...batch, runs: batch.runs.slice(0, 50) })
    const second = await writeBatch(bucket, batch)
    expect(second.locators.slice(0, 50)).toEqual(first.locators)
    expect(second.objects).toBe(2)
    for (const run of batch.runs.slice(40, 60))
      expect(await eventsOf(bucket, run, second.locators)).toEqual(run.events)
  })

  test.each<[string, (batch: ArchiveBatch) => void]>([
    ['an event', ({ runs }) => Object.assign(runs[9]!.events[3]!, { attempt: 2 })],
    ['an instant', ({ runs }) => Object.assign(runs[9]!.events[3]!, { at: noon + 7 })],
    ['a workflow type', ({ runs }) => Object.assign(runs[9]!.execution, { workflowType: 'refund' })],
    ['a run too few', ({ runs }) => runs.splice(9, 1)],
    ['an event too many', ({ runs }) => runs[9]!.events.push({ type: 'timer_fired', at: noon, seq: 9 })],
  ])('is refused when it differs by %s', async (what, change) => {
    const batch = batchOf(`other-${what.replaceAll(' ', '-')}`, orderRuns(20, seeded(23)))
    await writeBatch(bucket, batch)
    const other = structuredClone(batch)
    change(other)
    await expect(writeBatch(bucket, other)).rejects.toMatchObject({
      code: 'internal',
      fault: 'object_conflict',
    })
    expect(await writeBatch(bucket, batch)).toMatchObject({ objects: 1 })
  })
})

const ended: HistoryEvent = { type: 'workflow_completed', at: noon }

async function eventsOf(
  from: R2Bucket,
  { execution: { workflowId, runId } }: ArchivedRun,
  locators: ConfirmArchiveRequest['locators'],
): Promise<unknown> {
  const { locator } = locators.find((located) => located.runId === runId)!
  return JSON.parse(new TextDecoder().decode(await readRun(from, { workflowId, runId, locator })))
}
