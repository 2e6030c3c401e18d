/**
 * One statement over many rows: `before VALUES (?, ...), (...) after`. To bind a value costs the platform as much as to write
 * it, so a column that is the same in all rows, or grows evenly from each row to the next, is bound once for all of them.
 */
import type { SqlValue } from './sql.ts'

/**
 * `OR FAIL`, for SQLite would otherwise copy what it changes, to take back the rows before one that fails: the whole turn
 * is (commit.ts).
 */
export interface Bulk {
  readonly before: string
  readonly after: string
}

/** Values of rows, one row after another. */
export interface Rows {
  readonly width: number
  readonly values: readonly SqlValue[]
}

export interface Statement {
  readonly text: string
  readonly bound: readonly SqlValue[]
}

/** Values that the platform binds to a statement. Rows have no limit but the length of the text. */
const MAX_PARAMETERS = 100
const MAX_ROWS = 100
/** Of fewer rows everything is bound by itself: what that saves is not worth a statement of another text. */
const FEW_ROWS = 8

export function bulkStatements({ before, after }: Bulk, { width, values }: Rows): Statement[] {
  const growths = Array.from({ length: width }, (_, column) => growthOf({ width, values }, column))
  const own = growths.filter((growth) => growth === null).length
  const most = Math.min(MAX_ROWS, Math.floor((MAX_PARAMETERS - sharedBy(growths)) / own)) * width
  const statements: Statement[] = []
  for (let from = 0; from < values.length; from += most) {
    const some = { width, values: values.slice(from, from + most) }
    const rows = tuplesOf(growths, some.values.length / width)
    statements.push({ text: `${before} VALUES ${rows}${after}`, bound: boundTo(growths, some) })
  }
  return statements
}

/** By how much a column grows from row to row, 0 where it is the same in all; null where each row has a value of its own. */
type Growth = number | null

function growthOf({ width, values }: Rows, column: number): Growth {
  const rows = values.length / width
  if (rows < FEW_ROWS) return null
  const [first, second] = [values[column], values[column + width]]
  // Of fractions the sums in SQL might not be the same.
  const growth =
    Number.isSafeInteger(first) && Number.isSafeInteger(second) ? Number(second) - Number(first) : 0
  for (let row = 1; row < rows; row += 1) {
    const expected = growth === 0 ? first : Number(first) + growth * row
    if (values[column + row * width] !== expected) return null
  }
  return growth
}

/** How many values are bound for all rows: what grows takes two. */
function sharedBy(growths: readonly Growth[]): number {
  return growths.reduce<number>((sum, growth) => sum + (growth === null ? 0 : growth === 0 ? 1 : 2), 0)
}

/** Every parameter has its number: those of all rows come first. */
function tuplesOf(growths: readonly Growth[], rows: number): string {
  let own = sharedBy(growths)
  let text = ''
  for (let row = 0; row < rows; row += 1) {
    let place = 0
    text += row === 0 ? '(' : '), ('
    growths.forEach((growth, column) => {
      if (column > 0) text += ', '
      if (growth === null) text += `?${(own += 1)}`
      else text += `?${(place += 1)}`
      if (growth) text += ` + ?${(place += 1)} * ${row}`
    })
  }
  return `${text})`
}

function boundTo(growths: readonly Growth[], { width, values }: Rows): SqlValue[] {
  const bound: SqlValue[] = []
  growths.forEach((growth, column) => {
    if (growth === null) return
    bound.push(values[column] ?? null)
    if (growth !== 0) bound.push(growth)
  })
  values.forEach((value, at) => {
    if (growths[at % width] === null) bound.push(value)
  })
  return bound
}
