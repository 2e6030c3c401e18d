/** Data files as a writer of Parquet would report them; nothing reads what is in them. */
import { lowerBound, upperBound } from '../../../archiver/iceberg/bounds.ts'
import type { DataFile } from '../../../archiver/iceberg/file.ts'
import { dataLocation } from '../../../archiver/iceberg/names.ts'

/** 2026-11-24. */
export const today = 20_781

export interface FileOptions {
  readonly day?: number
  readonly records?: number
  /** The lowest and the highest workflow id. */
  readonly ids?: readonly [string, string]
}

export function dataFile(table: string, name: string, options: FileOptions = {}): DataFile {
  const { day = today, records = 10, ids = ['order-1', 'order-9'] } = options
  const [lowest, highest] = ids
  const upper = upperBound('string', highest)
  return {
    location: dataLocation(table, day, name),
    format: 'PARQUET',
    content: 0,
    partition: { closed_at_day: day },
    records,
    bytes: 1_000 + records,
    columnSizes: new Map([
      [2, 300],
      [6, 600],
    ]),
    valueCounts: new Map([[2, records]]),
    nullCounts: new Map([[2, 0]]),
    lowerBounds: new Map([[2, lowerBound('string', lowest)]]),
    upperBounds: new Map(upper === null ? [] : [[2, upper]]),
    splitOffsets: [4],
    sortOrderId: 1,
  }
}

/** What `dataFile` was asked to call the files. */
export function namesOf(files: readonly DataFile[]): string[] {
  return files.map(({ location }) => /\/perdure-([^/]*)\.parquet$/.exec(location)?.[1] ?? location)
}

/** `Array.fromAsync`, which the library of types does not have yet. */
export async function allOf<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = []
  for await (const item of items) all.push(item)
  return all
}
