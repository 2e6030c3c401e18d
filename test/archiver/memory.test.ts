import { expect, test } from 'vitest'
import { FrameBuilder } from '../../archiver/build.ts'
import { historyColumns } from '../../archiver/columns.ts'
import type { Frame } from '../../archiver/frame.ts'
import { warmLimits } from '../../archiver/pack.ts'
import { ParquetReader, streamParquet, wasmBytes } from '../../archiver/parquet.ts'
import { writeBatch } from '../../archiver/warm.ts'
import { batchOf, closedRun, noon, noPages, seeded } from './batches.ts'
import { bucket } from './buckets.ts'

const MAX_BYTES = 32 * 1024 * 1024

test('WASM memory stays below 32 MB however well the rows of a batch compress', async () => {
  const random = seeded(7)
  const runs = Array.from({ length: 60 }, (_, n) => {
    const words = String(Math.floor(random() * 1e6)).repeat(400)
    const events = Array.from({ length: 150 }, () => {
      return { type: 'signal_received', at: noon, name: 'go', payload: words, signalId: 's' } as const
    })
    return closedRun(`order-${n}`, `run-${n}`, events)
  })
  const writer = { bucket, fence: 1, limits: warmLimits(), page: noPages }
  for (const number of [1, 2, 3]) await writeBatch(writer, batchOf(number, runs))
  expect(wasmBytes()).toBeLessThanOrEqual(MAX_BYTES)
})

test('a row group of a file of a million rows is written and read with little WASM memory', async () => {
  const chunks: Uint8Array<ArrayBuffer>[] = []
  for await (const chunk of streamParquet(historyColumns, manyRows(200), { maxRows: 5_000 }))
    chunks.push(new Uint8Array(chunk))
  const file = new Blob(chunks)
  using reader = await ParquetReader.open(file, historyColumns)
  expect(reader.footer.rowGroups).toEqual(Array.from({ length: 200 }, () => 5_000))
  for (const group of [0, 150]) expect((await reader.read({ rowGroups: [group] })).rows).toBe(5_000)
  expect(wasmBytes()).toBeLessThanOrEqual(MAX_BYTES)
})

async function* manyRows(frames: number): AsyncGenerator<Frame> {
  const builder = new FrameBuilder(historyColumns)
  for (let n = 0; n < frames; n++) {
    for (const { name, type } of historyColumns) {
      if (type === 'string') builder.string(name).repeat(`${name} ${n}`, 5_000)
      else builder.long(name).repeat(BigInt(n), 5_000)
    }
    builder.added(5_000)
    yield builder.take()
  }
}
