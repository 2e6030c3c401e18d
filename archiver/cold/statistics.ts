/** What a manifest says of a data file's columns, gathered while its rows pass. */
import type { Column } from '../columns.ts'
import {
  compareCells,
  isNull,
  longsOf,
  stringsOf,
  textAt,
  type Cell,
  type Frame,
  type Strings,
} from '../frame.ts'
import { lowerBound, upperBound } from '../iceberg/bounds.ts'
import type { DataFile } from '../iceberg/file.ts'
import type { Slice } from './order.ts'

type Statistics = Pick<DataFile, 'records' | 'valueCounts' | 'nullCounts' | 'lowerBounds' | 'upperBounds'>

export class StatisticsGatherer {
  readonly #columns: readonly Column[]
  readonly #texts = new Map<string, { lower: Cell; upper: Cell }>()
  readonly #numbers = new Map<string, { lower: bigint; upper: bigint }>()
  readonly #nulls = new Map<string, number>()
  readonly #perRun: ReadonlySet<string>
  #records = 0

  /** `perRun`: the columns that have one value in all rows of a slice. */
  constructor(columns: readonly Column[], perRun: ReadonlySet<string> = new Set()) {
    this.#columns = columns
    this.#perRun = perRun
  }

  add({ frame, from, to }: Slice): void {
    this.#records += to - from
    for (const column of this.#columns) {
      const { name, type } = column
      const end = this.#perRun.has(name) ? from + 1 : to
      if (type !== 'string') this.#addLongs(name, frame, { from, end })
      else this.#addStrings(column, stringsOf(frame, name), { from, end, to })
    }
  }

  taken(): Statistics {
    const ids = new Map(this.#columns.map((column) => [column.name, column]))
    const lowerBounds = new Map<number, Uint8Array>()
    const upperBounds = new Map<number, Uint8Array>()
    for (const [name, { lower, upper }] of this.#bounds()) {
      const column = ids.get(name)
      if (column === undefined) continue
      lowerBounds.set(column.id, lowerBound(column.type, lower))
      const above = upperBound(column.type, upper)
      if (above !== null) upperBounds.set(column.id, above)
    }
    const byId = (count: (name: string) => number): Map<number, number> =>
      new Map(this.#columns.map(({ id, name }) => [id, count(name)]))
    return {
      records: this.#records,
      valueCounts: byId(() => this.#records),
      nullCounts: byId((name) => this.#nulls.get(name) ?? 0),
      lowerBounds,
      upperBounds,
    }
  }

  *#bounds(): Iterable<[string, { lower: string | bigint; upper: string | bigint }]> {
    yield* this.#numbers
    for (const [name, { lower, upper }] of this.#texts) {
      yield [name, { lower: textOf(lower), upper: textOf(upper) }]
    }
  }

  #addStrings(
    { name, json }: Column,
    strings: Strings,
    rows: { from: number; end: number; to: number },
  ): void {
    // What is constant is looked at once, and counts for all of its rows.
    const each = rows.end === rows.to ? 1 : rows.to - rows.from
    for (let row = rows.from; row < rows.end; row++) {
      if (isNull(strings, row)) this.#nulls.set(name, (this.#nulls.get(name) ?? 0) + each)
      else if (json === undefined) this.#widen(name, { strings, row })
    }
  }

  #widen(name: string, cell: Cell): void {
    const known = this.#texts.get(name)
    if (known === undefined) this.#texts.set(name, { lower: kept(cell), upper: kept(cell) })
    else if (compareCells(cell, known.lower) < 0) known.lower = kept(cell)
    else if (compareCells(cell, known.upper) > 0) known.upper = kept(cell)
  }

  #addLongs(name: string, frame: Frame, { from, end }: { from: number; end: number }): void {
    const values = longsOf(frame, name)
    const known = this.#numbers.get(name) ?? { lower: values[from] ?? 0n, upper: values[from] ?? 0n }
    for (let row = from; row < end; row++) {
      const value = values[row] ?? 0n
      if (value < known.lower) known.lower = value
      else if (value > known.upper) known.upper = value
    }
    this.#numbers.set(name, known)
  }
}

/** A cell of its own: the frame it came from is let go. */
function kept({ strings, row }: Cell): Cell {
  const bytes = strings.bytes.slice(strings.offsets[row], strings.offsets[row + 1])
  return { strings: { offsets: Int32Array.of(0, bytes.length), bytes, valid: null }, row: 0 }
}

function textOf({ strings, row }: Cell): string {
  return textAt(strings, row) ?? ''
}
