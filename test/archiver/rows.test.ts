import { describe, expect, test } from 'vitest'
import { FrameBuilder } from '../../archiver/build.ts'
import { historyColumns, executionColumns, type Column } from '../../archiver/columns.ts'
import { difference, textAt, longsOf, stringsOf, type Frame } from '../../archiver/frame.ts'
import { decodeParquet, encodeParquet, ParquetReader } from '../../archiver/parquet.ts'
import { appendEvents, eventJson, eventsOf } from '../../archiver/rows.ts'
import { oddRuns, seeded } from './batches.ts'

describe('rows', () => {
  test.each([1, 2, 3, 4, 5])('come back from Parquet exactly as they were, seed %i', async (seed) => {
    const frame = historyOf(seed)
    const bytes = encodeParquet(historyColumns, frame, { maxRows: 1_000 })
    expect(difference(historyColumns, frame, decodeParquet(historyColumns, bytes))).toBe(null)
    using reader = await ParquetReader.open(new Blob([bytes.slice()]), historyColumns)
    const { rowGroups } = reader.footer
    expect(rowGroups.reduce((sum, rows) => sum + rows, 0)).toBe(frame.rows)
    expect(Math.max(...rowGroups)).toBeLessThanOrEqual(1_000)
  })

  test.each([1, 2, 3])('with nulls come back from Parquet too, seed %i', (seed) => {
    const frame = withNulls(executionColumns, seeded(seed), 700)
    const bytes = encodeParquet(executionColumns, frame, { maxRows: 100 })
    expect(difference(executionColumns, frame, decodeParquet(executionColumns, bytes))).toBe(null)
  })

  test.each([1, 2, 3])('are the same when they are copied piece by piece, seed %i', (seed) => {
    const random = seeded(seed)
    const frame = withNulls(executionColumns, random, 500)
    const builder = new FrameBuilder(executionColumns)
    for (let from = 0; from < frame.rows;) {
      const to = Math.min(frame.rows, from + 1 + Math.floor(random() * 40))
      builder.copy(frame, from, to)
      from = to
    }
    expect(difference(executionColumns, frame, builder.take())).toBe(null)
    expect(builder.rows).toBe(0)
  })

  test('that differ in one value are told apart', () => {
    const frame = historyOf(6)
    for (const { name, type } of historyColumns) {
      const builder = new FrameBuilder(historyColumns)
      builder.copy(frame, 0, frame.rows)
      const changed = builder.take()
      if (type === 'string') changeByte(changed, name)
      else longsOf(changed, name)[7] = 12345n
      expect(difference(historyColumns, frame, changed)).toMatch(`${name} differs in row`)
    }
  })

  test('are the JSON of their events', () => {
    const run = oddRuns(1, seeded(9))[0]!
    const builder = new FrameBuilder(historyColumns)
    const proposal = { ...run, events: [], namespace: 'default', batchId: '0-1' }
    appendEvents(builder, proposal, {
      events: eventsOf(proposal, [JSON.stringify(run.history)]),
      firstEvent: 1,
    })
    const frame = builder.take()
    const events = run.history.map((_, row) => JSON.parse(eventJson(frame, row)) as unknown)
    expect(events).toEqual(run.history)
    expect(textAt(stringsOf(frame, 'archive_batch_id'), 0)).toBe('0-1')
  })
})

function historyOf(seed: number): Frame {
  const builder = new FrameBuilder(historyColumns)
  for (const run of oddRuns(60, seeded(seed))) {
    const proposal = { ...run, events: [], namespace: 'default', batchId: '0-1' }
    appendEvents(builder, proposal, {
      events: eventsOf(proposal, [JSON.stringify(run.history)]),
      firstEvent: 1,
    })
  }
  return builder.take()
}

function withNulls(columns: readonly Column[], random: () => number, rows: number): Frame {
  const builder = new FrameBuilder(columns)
  for (let row = 0; row < rows; row++) {
    for (const { name, type, required } of columns) {
      if (type !== 'string') builder.long(name).push(BigInt(Math.floor(random() * 2 ** 50)))
      else if (!required && random() < 0.4) builder.string(name).pushNull()
      else builder.string(name).push(random() < 0.2 ? '' : `é${Math.floor(random() * 1e6)}`)
    }
    builder.added(1)
  }
  return builder.take()
}

function changeByte(frame: Frame, name: string): void {
  const { bytes, offsets } = stringsOf(frame, name)
  const row = offsets.findIndex((offset, i) => (offsets[i + 1] ?? 0) > offset)
  const at = offsets[row]!
  bytes[at] = bytes[at]! ^ 1
}
