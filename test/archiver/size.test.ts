import { expect, test } from 'vitest'
import { writeBatch } from '../../archiver/warm.ts'
import { batchOf, orderRuns, seeded } from './batches.ts'
import { bucket } from './buckets.ts'

test('orders take at most 30 bytes per event in the warm tier', async ({ annotate }) => {
  const limits = { objectBytes: Infinity, arrowBytes: Infinity }
  const runs = orderRuns(700, seeded(61))
  const json = runs.reduce((sum, { execution }) => sum + execution.historyBytes, 0)
  const measured = []
  for (let i = 1; i <= 5; i++) {
    const startedAt = Date.now()
    const { rows, bytes } = await writeBatch(bucket, batchOf(`size-${i}`, runs), limits)
    measured.push({
      rows,
      bytesPerRow: bytes / rows,
      rowsPerSecond: (rows * 1_000) / (Date.now() - startedAt),
    })
  }
  const best = measured.toSorted((a, b) => b.rowsPerSecond - a.rowsPerSecond)[0]!
  await annotate(JSON.stringify({ ...best, jsonBytesPerRow: json / best.rows }))
  expect(best.bytesPerRow).toBeLessThan(30)
}, 30_000)
