/**
 * Warm batches as data files of both tables: merged into the order of history, a file for each day of closing, and the
 * executions read off the same rows on their way.
 *
 * D1 A file holds the rows of one day. Batches are merged once for each day that they have runs of.
 * D2 Memory holds one object of each batch, compressed, and a row group of it.
 */
import type { WarmObject } from '../../shared/archive.ts'
import { executionColumns, historyColumns } from '../columns.ts'
import { longsOf, type Frame } from '../frame.ts'
import { dayOf } from '../iceberg/bounds.ts'
import type { DataFile } from '../iceberg/file.ts'
import { dataLocation } from '../iceberg/names.ts'
import type { Warehouse } from '../iceberg/warehouse.ts'
import { writeDataFile } from './datafile.ts'
import { ExecutionGatherer } from './executions.ts'
import { merged, type Source } from './merge.ts'
import { executionOrder, historyOrder, SORT_ORDER_ID, type Slice } from './order.ts'
import { BatchSource, FrameSource } from './sources.ts'
import { StatisticsGatherer } from './statistics.ts'
import type { Table } from './tier.ts'

export interface ColdFiles {
  readonly history: DataFile[]
  readonly executions: DataFile[]
}

export interface ColdWriter {
  readonly bucket: R2Bucket
  readonly warehouse: Warehouse
  /** Locations of the tables. */
  readonly tables: Readonly<Record<Table, string>>
  /** A name that no file has yet. */
  readonly newName: () => string
}

export interface WarmBatch {
  readonly objects: readonly WarmObject[]
}

/** The files of one merge. `tables`: which of them are to have the rows. */
export async function writeColdFiles(
  writer: ColdWriter,
  batches: readonly WarmBatch[],
  tables: ReadonlySet<Table>,
): Promise<ColdFiles> {
  const files: ColdFiles = { history: [], executions: [] }
  for (const day of daysOf(batches)) {
    const objects = batches.map((batch) => batch.objects.filter((object) => hasDay(object, day)))
    const sources = objects.map((some) => new BatchSource(writer.bucket, some))
    await new DayWriter(writer, day, files).write(sources, tables)
  }
  return files
}

/** Every day that any of the runs may have closed on. */
function daysOf(batches: readonly WarmBatch[]): number[] {
  const days = new Set<number>()
  for (const { minClosedAt, maxClosedAt } of batches.flatMap(({ objects }) => objects)) {
    for (let day = dayOf(minClosedAt); day <= dayOf(maxClosedAt); day++) days.add(day)
  }
  return [...days].toSorted((a, b) => a - b)
}

function hasDay({ minClosedAt, maxClosedAt }: WarmObject, day: number): boolean {
  return dayOf(minClosedAt) <= day && day <= dayOf(maxClosedAt)
}

/** Executions of one file, at most, as Arrow. */
const EXECUTION_BYTES = 8 * 1024 * 1024

class DayWriter {
  readonly #writer: ColdWriter
  readonly #day: number
  readonly #files: ColdFiles

  constructor(writer: ColdWriter, day: number, files: ColdFiles) {
    this.#writer = writer
    this.#day = day
    this.#files = files
  }

  async write(sources: readonly Source[], tables: ReadonlySet<Table>): Promise<void> {
    const executions = new ExecutionGatherer()
    const statistics = new StatisticsGatherer(historyColumns, historyOrder.constant)
    const frames = merged({
      order: historyOrder,
      sources,
      wanted: ({ frame, from }) => dayOfMicros(longsOf(frame, 'closed_at')[from] ?? 0n) === this.#day,
      seen: (slice) => {
        statistics.add(slice)
        if (tables.has('executions')) executions.add(slice)
      },
    })
    const rows = this.#withExecutions(frames, executions)
    if (tables.has('history')) await this.#write('history', rows, statistics)
    else await exhausted(rows)
    await this.#writeExecutions(executions)
  }

  /** Executions are written as they come to be many, not all at the end. */
  async *#withExecutions(frames: AsyncIterable<Frame>, executions: ExecutionGatherer): AsyncGenerator<Frame> {
    for await (const frame of frames) {
      yield frame
      if (executions.bytes > EXECUTION_BYTES) await this.#writeExecutions(executions)
    }
  }

  async #writeExecutions(executions: ExecutionGatherer): Promise<void> {
    const frame = executions.taken()
    if (frame.rows === 0) return
    const statistics = new StatisticsGatherer(executionColumns)
    const source = new FrameSource(frame)
    const frames = merged({
      order: executionOrder,
      sources: [source],
      wanted: () => true,
      seen: (slice: Slice) => statistics.add(slice),
    })
    await this.#write('executions', frames, statistics)
  }

  async #write(table: Table, frames: AsyncGenerator<Frame>, statistics: StatisticsGatherer): Promise<void> {
    const { warehouse, tables, newName } = this.#writer
    const key = warehouse.keyOf(dataLocation(tables[table], this.#day, newName()))
    const columns = table === 'history' ? historyColumns : executionColumns
    const place = { warehouse, key, columns, day: this.#day, sortOrderId: SORT_ORDER_ID }
    const file = await writeDataFile({ ...place, statistics }, frames)
    if (file !== null) this.#files[table].push(file)
  }
}

async function exhausted(frames: AsyncIterable<Frame>): Promise<void> {
  for await (const frame of frames) void frame
}

function dayOfMicros(micros: bigint): number {
  return dayOf(Number(micros / 1000n))
}
