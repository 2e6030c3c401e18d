/** Many rows in one statement: what is written, and how little is bound for it. */
import { DatabaseSync } from 'node:sqlite'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { bulkStatements } from '../../scheduler-do/store/bulk.ts'
import { Sql } from '../../scheduler-do/store/sql.ts'
import type { SqlValue } from '../../scheduler-do/store/sql.ts'
import { Disk, sqlOf } from '../../testing/simulated/storage.ts'

const INTO = { before: 'INSERT INTO rows (number, name, at, count, text)', after: '' }
const WIDTH = 5

type Row = readonly [number: number, name: SqlValue, at: SqlValue, count: SqlValue, text: SqlValue]

function sqlWithTable(): Sql {
  const database = new DatabaseSync(':memory:')
  database.exec(
    'CREATE TABLE rows (number INTEGER PRIMARY KEY, name TEXT, at INTEGER, count INTEGER, text TEXT)',
  )
  return new Sql(sqlOf(new Disk(database)))
}

function written(rows: readonly Row[]): SqlValue[][] {
  const sql = sqlWithTable()
  for (const row of rows) sql.gather(INTO, ...row)
  sql.flush()
  return sql.all('SELECT * FROM rows ORDER BY number').map((row) => Object.values(row))
}

/** As those of fifty runs in a turn. */
function rowsOf(
  count: number,
  cells: (index: number) => Partial<Record<'at' | 'count' | 'text', SqlValue>>,
): Row[] {
  return Array.from({ length: count }, (_, index) => {
    const { at = 7, count: some = 2, text = 'same' } = cells(index)
    return [index * index, `run-${index}`, at, some, text]
  })
}

const boundFor = (rows: readonly Row[]): number[] =>
  bulkStatements(INTO, { width: WIDTH, values: rows.flat() }).map(({ bound }) => bound.length)

describe('what is bound', () => {
  test('is one value for a column that is the same in all rows, two for one that grows evenly', () => {
    expect(boundFor(rowsOf(10, (index) => ({ at: 100 + 3 * index, text: null })))).toEqual([
      2 * 10 + 2 + 1 + 1,
    ])
  })

  test('is a value for each row where one of them differs, the last one too', () => {
    const grows = rowsOf(10, (index) => ({ at: index === 9 ? 0 : index }))
    expect(boundFor(grows)).toEqual([3 * 10 + 2])
    const same = rowsOf(10, (index) => ({ text: index === 9 ? 'other' : 'same' }))
    expect(boundFor(same)).toEqual([3 * 10 + 2])
  })

  test('is every value where rows are few, in a statement that only their number changes', () => {
    const [same, others] = [
      rowsOf(7, () => ({})),
      rowsOf(7, (index) => ({ at: index, text: `text-${index}` })),
    ]
    expect(boundFor(same)).toEqual([7 * WIDTH])
    const [one, other] = [same, others].map((rows) =>
      bulkStatements(INTO, { width: WIDTH, values: rows.flat() }),
    )
    expect(one?.map(({ text }) => text)).toEqual(other?.map(({ text }) => text))
  })

  test('is a hundred values a statement at most, which then takes more rows', () => {
    const values = rowsOf(60, (index) => ({ at: index, text: `text-${index}` }))
    expect(boundFor(values)).toEqual([3 + 32 * 3, 3 + 28 * 3])
    expect(boundFor(rowsOf(60, () => ({})))).toEqual([3 + 48 * 2, 3 + 12 * 2])
  })

  test('is no statement of more than a hundred rows, though all of them are bound at once', () => {
    const timers = Array.from({ length: 150 }, (_, index) => ['run', index])
    const statements = bulkStatements(INTO, { width: 2, values: timers.flat() })
    expect(statements.map(({ bound }) => bound)).toEqual([
      ['run', 0, 1],
      ['run', 100, 1],
    ])
  })
})

describe('what is written', () => {
  test('are the rows as they were given, however many statements they take', () => {
    const rows = rowsOf(250, (index) => ({ at: 1_800_000_000_000 + 4 * index, count: -1 - index }))
    expect(written(rows)).toEqual(rows)
    const fractions = rowsOf(250, (index) => ({ at: 0.1 * index }))
    expect(written(fractions)).toEqual(fractions)
  })

  test('are the rows as they were given, whatever is the same in them', () => {
    const cell = fc.constantFrom<SqlValue>(null, 0, 1, -1, 2 ** 53 - 1, 0.1, '', '1', 'a')
    const column = fc.oneof(
      cell.map((value) => () => value),
      fc.tuple(fc.integer(), fc.integer()).map(
        ([first, growth]) =>
          (index: number) =>
            first + growth * index,
      ),
      fc
        .array(cell, { minLength: 1, maxLength: 4 })
        .map((cells) => (index: number) => cells[index % cells.length] ?? null),
    )
    const shape = fc.record({ rows: fc.integer({ min: 1, max: 130 }), at: column, count: column })
    fc.assert(
      fc.property(shape, ({ rows, at, count }) => {
        const given = rowsOf(rows, (index) => ({ at: at(index), count: count(index) }))
        expect(written(given).map(String)).toEqual(given.map(String))
      }),
    )
  })

  test('is of the rows alone, where they say which are deleted', () => {
    const sql = sqlWithTable()
    for (const row of rowsOf(20, () => ({}))) sql.gather(INTO, ...row)
    sql.flush()
    const ends = { before: 'DELETE FROM rows WHERE (number, count) IN (', after: ')' }
    for (let index = 0; index < 15; index += 1) sql.gather(ends, index * index, 2)
    sql.flush()
    expect(sql.all('SELECT number FROM rows').map(({ number }) => number)).toEqual([225, 256, 289, 324, 361])
  })
})
