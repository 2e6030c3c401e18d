import { beforeAll, describe, expect, test } from 'vitest'
import { warmBatchPrefix, type WarmPiece } from '../../shared/archive.ts'
import type { RunPage } from '../../shared/archive-reader.ts'
import { BatchSource } from '../../archiver/cold/sources.ts'
import { readWarm } from '../../archiver/lookup.ts'
import { historyColumns } from '../../archiver/columns.ts'
import { warmLimits } from '../../archiver/pack.ts'
import { ParquetReader } from '../../archiver/parquet.ts'
import { writeBatch, type WarmWriter } from '../../archiver/warm.ts'
import { batchOf, noPages, orderRuns, seeded } from './batches.ts'
import { bucket, stored, watched } from './buckets.ts'

const runs = orderRuns(150, seeded(31))
const { workflowId, runId } = runs[100]!
const writer: WarmWriter = {
  bucket,
  fence: 1,
  limits: warmLimits(),
  page: noPages,
}
let locator: WarmPiece

beforeAll(async () => {
  const { locators } = await writeBatch(writer, batchOf(70, runs))
  locator = locators[100]!.locator[0]!
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
    const { locators } = await writeBatch(writer, batchOf(71, orderRuns(150, seeded(32))))
    const { object } = locators[100]!.locator[0]!
    await expect(read({ object })).rejects.toMatchObject({ fault: 'object_corrupt', subject: object })
  })

  test('says that an object is missing', async () => {
    await expect(read({ object: 'warm/nowhere' })).rejects.toMatchObject({ fault: 'object_missing' })
  })

  test.each<[string, (right: WarmPiece) => Partial<WarmPiece>]>([
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
    ['more row groups than a list can have', () => ({ rowGroupCount: 2 ** 53 })],
    ['half a row', ({ rowCount }) => ({ rowCount: rowCount - 0.5 })],
  ])('refuses a locator of %s', async (_, change) => {
    await expect(read(change(locator))).rejects.toMatchObject({ code: 'internal', fault: 'run_mismatch' })
    expect(JSON.parse(new TextDecoder().decode((await read({})).events))).toEqual(runs[100]!.history)
  })

  test('refuses the rows of another run', async () => {
    const other = readWarm(bucket, { workflowId, runId: runs[99]!.runId }, everything({}))
    await expect(other).rejects.toMatchObject({ fault: 'run_mismatch' })
  })
})

test('a data file that is no sound Parquet file is refused by its name, and the next one is read', async () => {
  const { bytes } = await stored(locator.object)
  const damaged = bytes.map((byte, i) => (i > bytes.length - 2_000 ? byte ^ 0x55 : byte))
  const opened = ParquetReader.open(new Blob([damaged]), historyColumns, 'cold/1.parquet')
  await expect(opened).rejects.toMatchObject({ fault: 'object_corrupt', subject: 'cold/1.parquet' })
  using sound = await ParquetReader.open(new Blob([bytes]), historyColumns)
  expect((await sound.read({})).rows).toBeGreaterThan(0)
})

describe('a batch', () => {
  test('is refused when another content stands under the key of its object', async () => {
    const batch = batchOf(72, orderRuns(20, seeded(33)))
    const key = `${warmBatchPrefix(batch)}1-0.parquet`
    const { bytes } = await stored(locator.object)
    const sha256 = (await stored(locator.object)).object.customMetadata!['sha256']!
    await bucket.put(key, bytes, { customMetadata: { sha256 } })
    const conflict = { fault: 'object_conflict', subject: key }
    await expect(writeBatch(writer, batch)).rejects.toMatchObject(conflict)
    expect((await stored(key)).bytes).toEqual(bytes)
  })

  test('is written when its put throws after it has succeeded', async () => {
    let lost = 0
    const forgetful = watched(async (name, call) => {
      const answer = await call()
      if (name !== 'put' || lost > 0) return answer
      lost++
      throw new Error('Network connection lost.')
    })
    const batch = batchOf(73, orderRuns(20, seeded(34)))
    const { objects } = await writeBatch({ ...writer, bucket: forgetful }, batch)
    expect(lost).toBe(1)
    expect((await stored(objects[0]!.object)).bytes.length).toBe(objects[0]!.bytes)
  })

  test('is not written when R2 keeps fewer bytes than it was given', async () => {
    const short = watched(async (name, call) => {
      const answer = await call()
      if (name !== 'put') return answer
      const { objects } = await bucket.list({ prefix: 'warm/default/0/74-' })
      const { bytes, object } = await stored(objects[0]!.key)
      await bucket.put(objects[0]!.key, bytes.slice(0, 1_000), { customMetadata: object.customMetadata! })
      return answer
    })
    const batch = batchOf(74, orderRuns(20, seeded(35)))
    const corrupt = { fault: 'object_corrupt' }
    await expect(writeBatch({ ...writer, bucket: short }, batch)).rejects.toMatchObject(corrupt)
  })
})

test('a damaged object is refused on its way to the cold tier', async () => {
  const { bytes, object } = await stored(locator.object)
  const damaged = bytes.map((byte, i) => (i === 5_000 ? byte ^ 1 : byte))
  const put = await bucket.put('damaged/cooled', damaged, { customMetadata: object.customMetadata! })
  const warm = {
    object: 'damaged/cooled',
    etag: etagOf(put),
    bytes: 1,
    rows: 1,
    minClosedAt: 0,
    maxClosedAt: 0,
  }
  await expect(new BatchSource(bucket, [warm]).next()).rejects.toMatchObject({ fault: 'object_corrupt' })
})

function everything(change: Partial<WarmPiece>) {
  return { pieces: [{ ...locator, ...change }], fromEvent: 1, maxBytes: Infinity }
}

function read(change: Partial<WarmPiece>): Promise<RunPage> {
  return readWarm(bucket, { workflowId, runId }, everything(change))
}

/** The types of some overloads say that a put without a condition may answer null. */
function etagOf(put: R2Object | null): string {
  return put?.etag ?? ''
}
