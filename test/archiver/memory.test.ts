import { expect, test } from 'vitest'
import { warmLimits } from '../../archiver/pack.ts'
import { wasmBytes } from '../../archiver/parquet.ts'
import { writeBatch } from '../../archiver/warm.ts'
import { batchOf, closedRun, noon, noPages, seeded } from './batches.ts'
import { bucket } from './buckets.ts'

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
  expect(wasmBytes()).toBeLessThanOrEqual(32 * 1024 * 1024)
})
