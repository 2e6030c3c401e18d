/** A data file of an Iceberg table, as a manifest entry describes it. */
export interface DataFile {
  readonly location: string
  readonly format: string
  /** 0 is data; 1 and 2 are deletes, which only other engines write. */
  readonly content: number
  /** By partition field name; of the tables here, `closed_at_day` in days since 1970-01-01. */
  readonly partition: Readonly<Record<string, unknown>>
  readonly records: number
  readonly bytes: number
  /** By field id. */
  readonly columnSizes: ReadonlyMap<number, number>
  readonly valueCounts: ReadonlyMap<number, number>
  readonly nullCounts: ReadonlyMap<number, number>
  /** Single-value serialization; strings are truncated, so these bound the values and need not occur. */
  readonly lowerBounds: ReadonlyMap<number, Uint8Array>
  readonly upperBounds: ReadonlyMap<number, Uint8Array>
  readonly splitOffsets: readonly number[]
  readonly sortOrderId: number | null
}
