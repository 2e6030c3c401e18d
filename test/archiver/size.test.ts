import { expect, test } from 'vitest'
import { warmLimits } from '../../archiver/pack.ts'
import { writeBatch } from '../../archiver/warm.ts'
import { batchOf, noPages, orderRuns, seeded } from './batches.ts'
import { bucket } from './buckets.ts'

test('orders take at most 25 bytes per event in the warm tier', async () => {
  const writer = { bucket, fence: 1, limits: warmLimits(), page: noPages }
  const { objects, rows } = await writeBatch(writer, batchOf(60, orderRuns(700, seeded(61))))
  expect(objects.reduce((sum, { bytes }) => sum + bytes, 0) / rows).toBeLessThan(25)
})
