import { describe, expect, test } from 'vitest'
import type { HistoryEvent } from '../../shared/core/events.ts'
import type { ArchivePage, WarmLocator } from '../../shared/archive.ts'
import type { RunPage } from '../../shared/archive-reader.ts'
import { warmBatchPrefix } from '../../shared/archive.ts'
import { readWarm, readWarmEnds } from '../../archiver/lookup.ts'
import { warmLimits, type WarmLimits } from '../../archiver/pack.ts'
import { writeBatch, type WrittenBatch } from '../../archiver/warm.ts'
import {
  batchOf,
  closedRun,
  compareUtf8,
  noPages,
  noon,
  oddRuns,
  orderRuns,
  seeded,
  type ClosedRun,
} from './batches.ts'
import { bucket, counted, stored } from './buckets.ts'

describe('a batch in the warm tier', () => {
  test.each([11, 12, 13])('gives each run back with one GET, seed %i', async (seed) => {
    const runs = oddRuns(80, seeded(seed))
    const { locators } = await write(batchOf(seed, runs))
    expect(locators).toHaveLength(runs.length)
    for (const run of runs) {
      const calls: string[] = []
      expect(await eventsOf(counted(calls), run, locators)).toEqual(run.history)
      expect(calls).toEqual(['get'])
    }
  })

  test('answers the first and the last event of a run with one GET', async () => {
    const runs = [...orderRuns(5, seeded(3)), closedRun('one', 'r', [ended])]
    const { locators } = await write(batchOf(30, runs))
    for (const run of runs) {
      const calls: string[] = []
      const ends = [run.history[0], ...(run.history.length > 1 ? [run.history.at(-1)] : [])]
      expect(parsed(await readWarmEnds(counted(calls), run, locatorOf(run, locators)))).toEqual(ends)
      expect(calls).toEqual(['get'])
    }
  })

  test('gives a history by pages that join without gap', async () => {
    const [run] = orderRuns(1, seeded(4))
    const { locators } = await write(batchOf(31, [run!]))
    const events: unknown[] = []
    let fromEvent: number | undefined = 1
    let pages = 0
    while (fromEvent !== undefined) {
      const request = { pieces: locatorOf(run!, locators), fromEvent, maxBytes: 500 }
      const page: RunPage = await readWarm(bucket, run!, request)
      events.push(...parsed(page))
      fromEvent = page.nextEvent
      pages++
    }
    expect(events).toEqual(run!.history)
    expect(pages).toBeGreaterThan(3)
  })

  test('has many runs per object and row group, and objects of at most the size asked for', async () => {
    const runs = orderRuns(1_500, seeded(7))
    const { locators, objects, rows } = await write(batchOf(32, runs), warmLimits(60_000))
    expect(rows).toBe(runs.length * 15)
    expect(objects.length).toBeGreaterThan(3)
    for (const { object, bytes } of objects) {
      expect(bytes).toBeLessThanOrEqual(60_000)
      expect((await stored(object)).bytes.length).toBe(bytes)
    }
    const pieces = locators.flatMap(({ locator }) => locator)
    expect(pieces).toHaveLength(runs.length)
    expect(pieces.some(({ rowOffset }) => rowOffset > 0)).toBe(true)
    expect(pieces.some(({ rowGroupFirst }) => rowGroupFirst > 0)).toBe(true)
    for (const run of runs.filter((_, i) => i % 50 === 0))
      expect(await eventsOf(bucket, run, locators)).toEqual(run.history)
  })

  test('puts a run that is over the limits in an object of its own', async () => {
    const [before, after] = orderRuns(2, seeded(8))
    const huge = closedRun('order-000000-huge', 'r', noise(300, seeded(9)))
    const runs = [before!, huge, after!]
    const { locators, objects } = await write(batchOf(33, runs))
    expect(objects).toHaveLength(3)
    expect(objects[1]!.bytes).toBeGreaterThan(256 * 1024)
    for (const run of runs) expect(await eventsOf(bucket, run, locators)).toEqual(run.history)
  })

  test('of a run that comes by pages has an object for each', async () => {
    const run = closedRun('paged', 'r', noise(100, seeded(10)))
    const batch = batchOf(34, [run])
    const all = run.history
    batch.runs[0]!.events = [JSON.stringify(all.slice(0, 40))]
    batch.runs[0]!.nextEvent = 41
    const asked: number[] = []
    const page = async (_run: unknown, fromEvent: number): Promise<ArchivePage> => {
      asked.push(fromEvent)
      const events = [JSON.stringify(all.slice(fromEvent - 1, fromEvent + 39))]
      return { events, ...(fromEvent + 40 <= all.length && { nextEvent: fromEvent + 40 }) }
    }
    const { locators, objects } = await writeBatch({ bucket, fence: 1, limits: warmLimits(), page }, batch)
    expect(asked).toEqual([41, 81])
    expect(objects).toHaveLength(3)
    expect(locatorOf(run, locators).map(({ rowCount }) => rowCount)).toEqual([40, 40, 20])
    expect(await eventsOf(bucket, run, locators)).toEqual(all)
    const ends = parsed(await readWarmEnds(bucket, run, locatorOf(run, locators)))
    expect(ends).toEqual([all[0], all.at(-1)])
    const late = { pieces: locatorOf(run, locators), fromEvent: 95, maxBytes: Infinity }
    const calls: string[] = []
    expect(parsed(await readWarm(counted(calls), run, late))).toEqual(all.slice(94))
    expect(calls).toEqual(['get'])
  })

  test.each([
    ['has lost an event', (all: HistoryEvent[]) => JSON.stringify(all.slice(41))],
    ['is damaged', () => '[{"type":'],
  ])('names the run that comes by pages one of which %s', async (_, text) => {
    const run = closedRun('paged-damaged', 'r', noise(100, seeded(11)))
    const batch = batchOf(38, [run])
    batch.runs[0]!.events = [JSON.stringify(run.history.slice(0, 40))]
    batch.runs[0]!.nextEvent = 41
    const page = async (): Promise<ArchivePage> => ({ events: [text(run.history)] })
    const written = writeBatch({ bucket, fence: 1, limits: warmLimits(), page }, batch)
    await expect(written).rejects.toMatchObject({ name: 'PoisonedBatch', rejected: [{ runId: 'r' }] })
  })

  test('cuts row groups by bytes too, so that a lookup decodes little', async () => {
    const text = 'x'.repeat(20_000)
    const runs = Array.from({ length: 100 }, (_, i) =>
      closedRun(`w-${100 + i}`, `r-${i}`, [{ type: 'workflow_completed', at: noon, result: `${text}${i}` }]),
    )
    const { locators } = await write(batchOf(35, runs))
    const [last] = locatorOf(runs.at(-1)!, locators)
    expect(last!.rowGroupFirst).toBeGreaterThan(5)
    expect(last!.rowGroupCount).toBe(1)
  })

  test('of no runs is no object', async () => {
    expect(await write(batchOf(36, []))).toEqual({ locators: [], objects: [], rows: 0 })
  })

  test('can be put together again without the shard: what it is stands beside each object', async () => {
    const runs = [...orderRuns(3, seeded(1)), closedRun('\u{1F980}'.repeat(500), 'r', [ended])]
    const { objects } = await write(batchOf(37, runs))
    const { object } = await stored(objects[0]!.object)
    expect(object.customMetadata).toMatchObject({
      shard: '0',
      number: '37',
      fence: '1',
      index: '0',
      last: '1',
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
  test('by the next holder of the lease leaves nothing of what the one before it wrote', async () => {
    const batch = batchOf(40, orderRuns(300, seeded(21)))
    const first = await write(batch, warmLimits(20_000))
    const second = await writeBatch({ bucket, fence: 2, limits: warmLimits(), page: noPages }, batch)
    const { objects } = await bucket.list({ prefix: warmBatchPrefix(batch) })
    expect(objects.map(({ key }) => key)).toEqual(second.objects.map(({ object }) => object))
    expect(first.objects.length).toBeGreaterThan(second.objects.length)
  })

  test('by one that has lost its lease leaves what its successor wrote', async () => {
    const batch = batchOf(42, orderRuns(20, seeded(23)))
    const writer = { bucket, limits: warmLimits(), page: noPages }
    const confirmed = await writeBatch({ ...writer, fence: 3 }, batch)
    await writeBatch({ ...writer, fence: 2 }, batch)
    for (const { object } of confirmed.objects) expect(await bucket.head(object)).not.toBeNull()
  })

  test('takes the objects of the same pass as they are', async () => {
    const batch = batchOf(41, orderRuns(100, seeded(22)))
    expect(await write(batch)).toEqual(await write(batch))
  })
})

describe('runs that cannot be archived', () => {
  const sound = orderRuns(3, seeded(50))

  test.each<[string, (run: ReturnType<typeof batchOf>['runs'][number]) => void]>([
    ['an id that is not Unicode', (run) => (run.workflowId = 'lone \uD800')],
    ['a turn that is not JSON', (run) => (run.events = ['[{"type":"workflow_started","at":1'])],
    ['a turn that is no list', (run) => (run.events = ['{}'])],
    ['an event without a type', (run) => (run.events = ['[{"at":1}]'])],
    ['an event whose time is no whole number', (run) => (run.events = ['[{"type":"timer_fired","at":0.5}]'])],
  ])('are named together: %s', async (_, spoil) => {
    const batch = batchOf(50, [...sound, ...orderRuns(2, seeded(51), 'poisoned')])
    const poisoned = batch.runs.filter(({ workflowId }) => workflowId.startsWith('poisoned'))
    for (const run of poisoned) spoil(run)
    const rejected = poisoned.map(({ runId }) => expect.objectContaining({ runId }))
    await expect(write(batch)).rejects.toMatchObject({ rejected })
  })
})

const ended: HistoryEvent = { type: 'workflow_completed', at: noon }

function noise(events: number, random: () => number): HistoryEvent[] {
  const text = (): string =>
    Array.from({ length: 400 }, () => Math.floor(random() * 2 ** 40).toString(36)).join('')
  return Array.from({ length: events }, (_, seq) => ({
    type: 'activity_completed',
    at: noon,
    seq,
    attempt: 1,
    result: text(),
  }))
}

function write(batch: ReturnType<typeof batchOf>, limits: WarmLimits = warmLimits()): Promise<WrittenBatch> {
  return writeBatch({ bucket, fence: 1, limits, page: noPages }, batch)
}

function locatorOf({ runId }: { runId: string }, locators: WrittenBatch['locators']): WarmLocator {
  return locators.find((located) => located.runId === runId)!.locator
}

function parsed({ events }: RunPage): unknown[] {
  return JSON.parse(new TextDecoder().decode(events)) as unknown[]
}

async function eventsOf(
  from: R2Bucket,
  run: ClosedRun,
  locators: WrittenBatch['locators'],
): Promise<unknown> {
  const request = { pieces: locatorOf(run, locators), fromEvent: 1, maxBytes: Infinity }
  return parsed(await readWarm(from, run, request))
}
