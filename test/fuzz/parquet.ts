/** Parquet files and places in them: parquet-wasm must neither trap nor be worse off for the next file. */
import { createHash } from 'node:crypto'
import * as fc from 'fast-check'
import type { WarmPiece } from '../../shared/archive.ts'
import { FrameBuilder } from '../../archiver/build.ts'
import { rangedBlob } from '../../archiver/cold/blob.ts'
import { historyColumns } from '../../archiver/columns.ts'
import { readWarm } from '../../archiver/lookup.ts'
import { encodeParquet, ParquetReader, wasmBytes } from '../../archiver/parquet.ts'
import { appendEvents, eventsOf } from '../../archiver/rows.ts'
import { MemoryBucket } from './bucket.ts'
import { hostileNumber } from './hostile.ts'
import { mutatedBytes } from './mutated.ts'
import { awaitedVerdict, holds, target } from './target.ts'
import type { Target } from './target.ts'

const run = {
  namespace: 'default',
  batchId: 'default/0/1',
  workflowId: 'order-1',
  runId: '01JDQH8Z5K3V7W9X2Y4A6B8C01',
  workflowType: 'order',
  taskQueue: 'default',
  closedAt: 1_767_268_800_000,
  historyLength: 40,
  events: [],
}
const turns = Array.from({ length: 40 }, (_, seq) =>
  JSON.stringify([{ type: 'timer_fired', at: run.closedAt, seq }]),
)
const builder = new FrameBuilder(historyColumns)
appendEvents(builder, run, { events: eventsOf(run, turns), firstEvent: 1 }) // what rows are made of
const sound = encodeParquet(historyColumns, builder.take(), { maxRows: 10 }).slice()
const sha256 = createHash('sha256').update(sound).digest('hex')

const bucket = new MemoryBucket()
await bucket.put('sound', sound, { customMetadata: { sha256, rowGroups: '10,10,10,10' } })
const { etag } = (await bucket.head('sound')) as { etag: string }
/** A locator has the types of its row; its numbers may be any. */
const place = (right: number) =>
  fc.oneof(
    { weight: 4, arbitrary: fc.constant(right) },
    { weight: 1, arbitrary: fc.nat(50) },
    { weight: 1, arbitrary: hostileNumber },
  )
const pieces: fc.Arbitrary<WarmPiece> = fc.record({
  object: fc.constantFrom('sound', 'sound', 'sound', 'none'),
  etag: fc.constantFrom(etag, etag, etag, 'other'),
  rowGroupFirst: place(0),
  rowGroupCount: place(4),
  rowOffset: place(0),
  rowCount: place(40),
})

/** Every row group of a file, as the cold tier reads one. */
async function read(bytes: Uint8Array): Promise<number> {
  const store = new MemoryBucket()
  await store.put('file', bytes)
  const blob = rangedBlob(store.binding, 'file', (await store.head('file')) as { size: number; etag: string })
  using reader = await ParquetReader.open(blob, historyColumns, 'file')
  let rows = 0
  for (const group of reader.footer.rowGroups.keys()) {
    holds(group < 1_000, 'as many row groups as the file has room for')
    rows += (await reader.read({ rowGroups: [group] })).rows
  }
  return rows
}

/** More than any of the inputs needs. */
const MOST_WASM = 512 * 1024 * 1024

async function stillReads(): Promise<void> {
  holds((await read(sound)) === 40, 'a sound file is read as before')
  holds(wasmBytes() < MOST_WASM, `WebAssembly holds ${wasmBytes()} bytes`)
}

export const parquetTargets: readonly Target[] = [
  target({ name: 'parquet-file', weight: 2 }, mutatedBytes(fc.constant(sound)), async (bytes) => {
    const verdict = await awaitedVerdict(() => read(bytes))
    if (verdict === 'refused') await stillReads()
    return verdict
  }),
  target(
    { name: 'parquet-footer', weight: 2 },
    mutatedBytes(fc.constant(sound.subarray(-2_000))).map(
      (end) => new Uint8Array([...sound.subarray(0, -2_000), ...end]),
    ),
    async (bytes) => {
      const verdict = await awaitedVerdict(() => read(bytes))
      if (verdict === 'refused') await stillReads()
      return verdict
    },
  ),
  target(
    { name: 'warm-locator', weight: 8 },
    fc.tuple(fc.array(pieces, { minLength: 1, maxLength: 3 }), fc.oneof(fc.nat(45), fc.integer())),
    ([some, fromEvent]) =>
      awaitedVerdict(() => readWarm(bucket.binding, run, { pieces: some, fromEvent, maxBytes: 1_000 })),
  ),
]
