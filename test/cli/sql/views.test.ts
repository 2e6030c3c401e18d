import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeEach, describe, expect, test } from 'vitest'
import type { DuckDBConnection } from '@duckdb/node-api'
import type { IcebergSchema } from '../../../archiver/iceberg/metadata.ts'
import { asJson, asTable, openDatabase, query } from '../../../cli/sql/query.ts'
import { createRunViews, createTableView } from '../../../cli/sql/views.ts'
import type { HotRow } from '../../../shared/hot.ts'
import { executionRow, orders } from './orders.ts'
import { executions, tableOf, type Row } from './tables.ts'

const directory = mkdtempSync(join(tmpdir(), 'perdure-views-'))
afterAll(() => rmSync(directory, { recursive: true }))

let connection: DuckDBConnection
beforeEach(async () => {
  connection = await openDatabase()
})

const rows = orders.slice(0, 4).map(executionRow)
const openRun: HotRow = {
  namespace: 'default',
  workflow_id: 'order-open',
  run_id: 'run-open',
  workflow_type: 'processOrder',
  task_queue: 'orders',
  status: 'running',
  started_at: Date.UTC(2026, 10, 24),
  closed_at: null,
  history_length: 3,
  history_bytes: 300,
  input: '{"id":"ö"}',
  result: null,
  failure: null,
  memo: null,
  search_attributes: null,
  tier: 'hot',
}

async function ask(sql: string): Promise<unknown> {
  return JSON.parse(asJson(await query(connection, sql)))
}

async function cold(name: string, schema: IcebergSchema, batches: readonly (readonly Row[])[]) {
  await createTableView(connection, await tableOf({ directory, name }, schema, batches))
}

describe('a table of the cold tier', () => {
  test('without any file has its columns and no row', async () => {
    await createTableView(connection, { name: 'workflow_executions', schema: executions, files: [] })
    expect(await ask('SELECT count(*) AS n, min(closed_at) AS first FROM workflow_executions')).toEqual([
      { n: 0, first: null },
    ])
  })

  test('has null in a column that is younger than a file, and the new name of a column that was renamed', async () => {
    const files = (await tableOf({ directory, name: 'old' }, executions, [rows])).files
    const fields = executions.fields.map((field) =>
      field.name === 'memo' ? { ...field, name: 'note' } : field,
    )
    const younger = { id: 99, name: 'region', type: 'string', required: false }
    const schema = { ...executions, fields: [...fields, younger] }
    await createTableView(connection, { name: 'workflow_executions', schema, files })
    expect(await ask('SELECT run_id, region, note FROM workflow_executions LIMIT 1')).toEqual([
      { run_id: 'run-0000', region: null, note: null },
    ])
  })

  test('with a type that DuckDB is not given is refused by name', async () => {
    const schema = { ...executions, fields: [{ id: 1, name: 'x', type: 'variant', required: false }] }
    const view = createTableView(connection, { name: 'x', schema, files: [] })
    await expect(view).rejects.toMatchObject({ code: 'unsupported_table' })
  })
})

describe('runs of all tiers', () => {
  test('are the cold ones and those that are not there yet, each once', async () => {
    await cold('workflow_executions', executions, [rows])
    const archivedJustNow = { ...openRun, run_id: 'run-0001', tier: 'warm' }
    await createRunViews(connection, [openRun, archivedJustNow])
    expect(await ask('SELECT run_id, tier FROM all_executions ORDER BY run_id')).toEqual([
      { run_id: 'run-0000', tier: 'cold' },
      { run_id: 'run-0001', tier: 'cold' },
      { run_id: 'run-0002', tier: 'cold' },
      { run_id: 'run-0003', tier: 'cold' },
      { run_id: 'run-open', tier: 'hot' },
    ])
  })

  test('keep their times and payloads', async () => {
    await cold('workflow_executions', executions, [rows])
    await createRunViews(connection, [openRun])
    const sql = "SELECT started_at, closed_at, input->>'$.id' AS id FROM hot_executions"
    expect(await ask(sql)).toEqual([{ started_at: '2026-11-24T00:00:00.000Z', closed_at: null, id: 'ö' }])
  })

  test('are only the cold ones where nothing else is', async () => {
    await cold('workflow_executions', executions, [rows])
    await createRunViews(connection, [])
    expect(await ask('SELECT count(*) AS n FROM all_executions')).toEqual([{ n: 4 }])
  })
})

describe('an answer', () => {
  test('as JSON keeps whole numbers that JavaScript would round', async () => {
    expect(await ask('SELECT 7213948571203948571 AS id, 42::BIGINT AS n, [1, 2] AS list')).toEqual([
      { id: '7213948571203948571', n: 42, list: [1, 2] },
    ])
  })

  test('as a table has numbers to the right, and null as nothing', async () => {
    const sql = "SELECT * FROM (VALUES ('a', 10, DATE '2026-11-24'), ('long', 7, NULL)) AS t (name, n, day)"
    expect(asTable(await query(connection, sql)).split('\n')).toEqual([
      'name   n  day',
      '────  ──  ──────────',
      'a     10  2026-11-24',
      'long   7',
      '',
      '2 rows',
    ])
  })

  test('to a query that is wrong says what DuckDB says', async () => {
    await expect(query(connection, 'SELECT nothing FROM nowhere')).rejects.toMatchObject({
      code: 'sql_failed',
      message: expect.stringContaining('nowhere'),
    })
  })
})
