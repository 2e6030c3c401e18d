import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { DuckDBConnection } from '@duckdb/node-api'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { valueOf } from '../../../examples/orders/node/invoices.ts'
import { asJson, openDatabase, query } from '../../../cli/sql/query.ts'
import { createTableView } from '../../../cli/sql/views.ts'
import { attemptsOf, durationOf, endingOf, executionRow, historyRows, orders } from './orders.ts'
import { executions, history, tableOf } from './tables.ts'

describe('the queries of examples/analytics over the orders example', () => {
  const directory = mkdtempSync(join(tmpdir(), 'perdure-analytics-'))
  let connection: DuckDBConnection

  beforeAll(async () => {
    const runs = orders.map(executionRow)
    const events = orders.map(historyRows)
    connection = await openDatabase()
    const half = orders.length / 2
    const runBatches = [runs.slice(0, half), runs.slice(half)]
    const eventBatches = [events.slice(0, half).flat(), events.slice(half).flat()]
    for (const table of [
      await tableOf({ directory, name: 'workflow_executions' }, executions, runBatches),
      await tableOf({ directory, name: 'workflow_history' }, history, eventBatches),
    ])
      await createTableView(connection, table)
  })

  afterAll(() => {
    connection.closeSync()
    rmSync(directory, { recursive: true })
  })

  async function answer(name: string): Promise<unknown> {
    const sql = readFileSync(`examples/analytics/${name}.sql`, 'utf8')
    return JSON.parse(asJson(await query(connection, sql)))
  }

  test('revenue-per-country counts every order, and the pounds of shipped ones', async () => {
    const byCountry = Map.groupBy(orders.entries(), ([, { order }]) => order.shipping.country)
    const expected = [...byCountry].map(([country, group]) => {
      const shipped = group.filter(([index]) => endingOf(index) === 'shipped')
      const pounds = shipped.reduce((sum, [, { order }]) => sum + valueOf(order.lines), 0)
      return { country, orders: group.length, shipped: shipped.length, revenue: expect.closeTo(pounds, 1) }
    })
    const rows = await answer('revenue-per-country')
    expect(rows).toHaveLength(expected.length)
    expect(rows).toEqual(expect.arrayContaining(expected))
    expect(expected.length).toBeGreaterThan(3)
  })

  test('slowest-types gives median and 95th percentile of the time to close', async () => {
    const ms = orders.map((_, index) => durationOf(index))
    const at = (share: number) => Math.round((ms[0] ?? 0) + share * (ms.length - 1))
    expect(await answer('slowest-types')).toEqual([
      { workflow_type: 'processOrder', runs: orders.length, p50_ms: at(0.5), p95_ms: at(0.95) },
    ])
  })

  test('most-retried sums the attempts after the first', async () => {
    const attempts = orders.flatMap(({ order }) => order.lines.map((_, i) => attemptsOf(i)))
    const retries = attempts.reduce((sum, attempt) => sum + attempt - 1, 0)
    expect(await answer('most-retried')).toEqual([
      { activity: 'reserveInventory', calls: attempts.length, retries, most_attempts: 3, without_success: 0 },
    ])
  })

  test('failures-per-day counts by the UTC day of the close', async () => {
    const days = Map.groupBy(orders.keys(), (index) => index % 3)
    const expected = [...days].map(([day, indexes]) => {
      const failed = indexes.filter((index) => endingOf(index) === 'failed').length
      const percent = Math.round((10_000 * failed) / indexes.length) / 100
      return { day: `2026-11-2${day}`, runs: indexes.length, failed, failed_percent: percent }
    })
    expect(await answer('failures-per-day')).toEqual(expected)
  })

  test('duplicate-events finds nothing, until an event is there twice', async () => {
    expect(await answer('duplicate-events')).toEqual([])
    const [first] = orders
    const again = await tableOf({ directory, name: 'again' }, history, [historyRows(first!, 0).slice(3, 4)])
    await createTableView(connection, again)
    await connection.run('CREATE VIEW twice AS FROM workflow_history UNION ALL FROM again')
    const sql = readFileSync('examples/analytics/duplicate-events.sql', 'utf8')
    const rows = await query(connection, sql.replace('FROM workflow_history', 'FROM twice'))
    expect(JSON.parse(asJson(rows))).toMatchObject([{ run_id: 'run-0000', event_id: 4 }])
  })
})
