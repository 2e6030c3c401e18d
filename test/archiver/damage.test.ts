import { beforeAll, describe, expect, test } from 'vitest'
import type { WarmLocator } from '../../shared/archive.ts'
import { readRun, writeBatch } from '../../archiver/warm.ts'
import { batchOf, orderRuns, seeded } from './batches.ts'
import { bucket, stored } from './buckets.ts'

const runs = orderRuns(150, seeded(31))
const { workflowId, runId } = runs[100]!.execution
const batch = batchOf('damage-1', runs)
let locator: WarmLocator

beforeAll(async () => {
  const { locators } = await writeBatch(bucket, batch)
  locator = locators[100]!.locator
})

describe('a lookup', () => {
  test.each<[string, (bytes: Uint8Array) => Uint8Array]>([
    ['a changed byte', (bytes) => bytes.map((byte, i) => (i === 5_000 ? byte ^ 1 : byte))],
    ['its end missing', (bytes) => bytes.slice(0, -100)],
    ['no bytes', () => new Uint8Array()],
  ])('refuses an object with %s', async (what, damage) => {
    const { bytes, object } = await stored(locator.object)
    const key = `damaged/${what}`
    const put = await bucket.put(key, damage(bytes), { customMetadata: object.customMetadata! })
    const corrupt = { code: 'internal', fault: 'object_corrupt', subject: key }
    // Whether or not the etag gives it away.
    await expect(read({ object: key })).rejects.toMatchObject(corrupt)
    await expect(read({ object: key, etag: etagOf(put) })).rejects.toMatchObject(corrupt)
  })

  test('refuses an object that lost its checksum', async () => {
    const { bytes } = await stored(locator.object)
    const put = await bucket.put('damaged/bare', bytes)
    await expect(read({ object: 'damaged/bare', etag: etagOf(put) })).rejects.toMatchObject({
      fault: 'object_corrupt',
    })
  })

  test('refuses a sound object that took the place of the one it was told of', async () => {
    const changed = structuredClone(batch)
    Object.assign(changed.runs[100]!.events[14]!, { result: 'refunded' })
    const { locators } = await writeBatch(bucket, { ...changed, batchId: 'damage-3' })
    const { object } = locators[100]!.locator
    await expect(read({ object })).rejects.toMatchObject({ fault: 'object_corrupt', subject: object })
  })

  test('says that an object is missing', async () => {
    await expect(read({ object: 'warm/nowhere' })).rejects.toMatchObject({ fault: 'object_missing' })
  })

  test.each<[string, (right: WarmLocator) => Partial<WarmLocator>]>([
    ['the rows of the run before', ({ rowOffset }) => ({ rowOffset: rowOffset - 15 })],
    ['one row too early', ({ rowOffset }) => ({ rowOffset: rowOffset - 1 })],
    ['one row too late', ({ rowOffset }) => ({ rowOffset: rowOffset + 1 })],
    ['one row too many', ({ rowCount }) => ({ rowCount: rowCount + 1 })],
    ['no rows', () => ({ rowCount: 0 })],
    ['rows beyond the row group', () => ({ rowOffset: 990 })],
    ['negative rows', () => ({ rowOffset: -1 })],
    ['a row group that is not there', () => ({ rowGroupFirst: 99 })],
    ['a negative row group', () => ({ rowGroupFirst: -1 })],
    ['row groups that are not there', () => ({ rowGroupCount: 99 })],
    ['no row groups', () => ({ rowGroupCount: 0 })],
  ])('refuses a locator of %s', async (_, change) => {
    await expect(read(change(locator))).rejects.toMatchObject({ code: 'internal', fault: 'run_mismatch' })
    expect(JSON.parse(new TextDecoder().decode(await read({})))).toEqual(runs[100]!.events)
  })

  test('refuses the rows of another run', async () => {
    const other = readRun(bucket, { workflowId, runId: runs[99]!.execution.runId, locator })
    await expect(other).rejects.toMatchObject({ fault: 'run_mismatch' })
  })
})

describe('a damaged object under the key of a batch', () => {
  test('is refused when the batch is written again, and stays as it is', async () => {
    const { bytes, object } = await stored(locator.object)
    const truncated = bytes.slice(0, 4_000)
    await bucket.put('warm/default/0/damage-2-0.parquet', truncated, {
      customMetadata: object.customMetadata!,
    })
    const again = writeBatch(bucket, { ...batch, batchId: 'damage-2' })
    await expect(again).rejects.toMatchObject({ fault: 'object_corrupt' })
    expect((await stored('warm/default/0/damage-2-0.parquet')).bytes).toEqual(truncated)
  })
})

function read(change: Partial<WarmLocator>): Promise<Uint8Array> {
  return readRun(bucket, { workflowId, runId, locator: { ...locator, ...change } })
}

/** The types of some overloads say that a put without a condition may answer null. */
function etagOf(put: R2Object | null): string {
  return put?.etag ?? ''
}
