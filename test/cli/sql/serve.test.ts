/** The server that the dashboard's statements come to: what it runs, what it refuses, and where it stops. */
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { Server as HttpServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { boundedQuery } from '../../../cli/sql/bounded.ts'
import { withDuckdb } from '../../../cli/sql/installed.ts'
import { openDatabase } from '../../../cli/sql/query.ts'
import { serveSql } from '../../../cli/sql/serve.ts'
import type { SqlServer, SqlServerOptions } from '../../../cli/sql/serve.ts'
import { createRunViews, createTableView } from '../../../cli/sql/views.ts'
import type { HotRow } from '../../../shared/hot.ts'
import type { SqlResult } from '../../../shared/sql.ts'
import { executionRow, orders } from './orders.ts'
import { executions, tableOf } from './tables.ts'

const directory = mkdtempSync(join(tmpdir(), 'perdure-served-'))
const hot: HotRow = {
  namespace: 'default',
  workflow_id: 'open-1',
  run_id: 'run-1',
  workflow_type: 'order',
  task_queue: 'orders',
  status: 'running',
  started_at: Date.UTC(2026, 10, 24),
  closed_at: null,
  history_length: 3,
  history_bytes: 300,
  input: null,
  result: null,
  failure: null,
  memo: null,
  search_attributes: null,
  tier: 'hot',
}

/** The scheduler of a deployment that has one open run and no archive yet. */
let deployment: HttpServer
let url: string
beforeAll(async () => {
  deployment = createServer((request, response) => {
    if (request.url === '/iceberg/hot') return response.end(JSON.stringify({ rows: [hot] }))
    response.statusCode = 404
    return response.end()
  })
  await new Promise<void>((listening) => deployment.listen(0, '127.0.0.1', listening))
  url = `http://127.0.0.1:${(deployment.address() as AddressInfo).port}`
})
afterAll(() => {
  deployment.close()
  rmSync(directory, { recursive: true })
})

const running: SqlServer[] = []
afterEach(async () => {
  for (const one of running.splice(0)) await one.close()
})

/** What the server says of its own is a defect. */
function defect(line: string): never {
  throw new Error(line)
}

async function served(options: Partial<SqlServerOptions> = {}): Promise<SqlServer> {
  const server = { url, token: 'dev' }
  const one = await serveSql({ server, directory, say: defect, ...options })
  running.push(one)
  return one
}

interface Answered {
  readonly status: number
  readonly body: any // oxlint-disable-line typescript/no-explicit-any -- rows or a problem; tests know which
}

async function asked(to: string, statement: unknown): Promise<Answered> {
  const answer = await fetch(to, { method: 'POST', body: JSON.stringify({ statement }) })
  return { status: answer.status, body: await answer.json() }
}

describe('a query', () => {
  test('is answered with columns, rows and how long it took', async () => {
    const { url: to } = await served()
    expect(
      await asked(to, 'SELECT workflow_id, history_length, started_at, memo FROM all_executions'),
    ).toEqual({
      status: 200,
      body: {
        columns: [
          { name: 'workflow_id', type: 'VARCHAR' },
          { name: 'history_length', type: 'BIGINT' },
          { name: 'started_at', type: 'TIMESTAMP WITH TIME ZONE' },
          { name: 'memo', type: 'VARCHAR' },
        ],
        rows: [['open-1', '3', '2026-11-24 00:00:00+00', null]],
        truncated: false,
        tookMs: expect.any(Number),
      },
    })
  })

  test('keeps every digit of whole numbers, and a day without a time', async () => {
    const { url: to } = await served()
    const statement = `SELECT 9007199254740993::BIGINT, DATE '2026-11-24', {'a': [1, 2]}, 0.5::DOUBLE`
    expect((await asked(to, statement)).body.rows).toEqual([
      ['9007199254740993', '2026-11-24', { a: [1, 2] }, 0.5],
    ])
  })

  test.each(['DESCRIBE all_executions', 'SHOW TABLES', 'EXPLAIN SELECT 1', 'FROM hot_executions;'])(
    'may be %s',
    async (statement) => {
      const { url: to } = await served()
      expect(await asked(to, statement)).toMatchObject({ status: 200, body: { truncated: false } })
    },
  )

  test('is one of those that wait, or refused', async () => {
    const { url: to } = await served()
    const answers = await Promise.all(Array.from({ length: 7 }, () => asked(to, 'SELECT 1')))
    const refused = answers.filter(({ status }) => status !== 200)
    expect(refused.map(({ status, body }) => [status, body.code])).toEqual([
      [503, 'overloaded'],
      [503, 'overloaded'],
    ])
  })
})

describe('what is refused', () => {
  test.each([
    ['a write', 'INSERT INTO hot_executions SELECT * FROM hot_executions', /INSERT is no query/],
    ['a new table', 'CREATE TABLE t (a INTEGER)', /CREATE is no query/],
    ['two statements', 'SELECT 1; DROP TABLE hot_executions', /one statement/],
    ['one that is wrong', 'SELEC 1', /syntax error/],
    ['a table that is not there', 'FROM nowhere', /nowhere/],
    ['a file of this machine', `FROM read_text('${import.meta.filename}')`, /file system operations/],
    ['a file that is named alone', `FROM '/etc/os-release.csv'`, /file system operations/],
    ['a file to be written', `COPY (SELECT 1) TO '${join(directory, 'out.csv')}'`, /file system operations/],
    ['a file behind EXPLAIN', `EXPLAIN ANALYZE COPY (SELECT 1) TO '${join(directory, 'out.csv')}'`, /system/],
    ['the network', `FROM 'http://127.0.0.1:9/a.parquet'`, /file system operations|extension/],
    ['a setting', 'SET enable_external_access = true', /SET is no query/],
    ['another database', `ATTACH '${join(directory, 'out.db')}'`, /ATTACH is no query/],
  ])('%s', async (_, statement, why) => {
    const { url: to } = await served()
    const { status, body } = await asked(to, statement)
    expect([status, body]).toMatchObject([400, { code: 'sql_failed', detail: expect.stringMatching(why) }])
    expect(readdirSync(directory).filter((name) => name.startsWith('out'))).toEqual([])
  })

  test('whoever does not know the secret, and who sends no statement', async () => {
    const { url: to } = await served()
    expect((await asked(new URL('/', to).href, 'SELECT 1')).status).toBe(404)
    expect((await asked(`${to}x`, 'SELECT 1')).status).toBe(404)
    expect(await asked(to, 1)).toMatchObject({ status: 400, body: { code: 'invalid_argument' } })
    expect((await fetch(to)).status).toBe(400)
  })

  test('a deployment that cannot be asked', async () => {
    const { url: to } = await served({ server: { url: 'http://127.0.0.1:9', token: null } })
    expect(await asked(to, 'SELECT 1')).toMatchObject({ status: 502, body: { code: 'server_unreachable' } })
  })
})

describe('an answer is bounded', () => {
  const bounds = { rows: 10, bytes: 1_000, ms: 20_000 }

  test('by rows', async () => {
    const { url: to } = await served({ bounds })
    const all = (await asked(to, 'FROM range(10)')).body as SqlResult
    expect([all.rows.length, all.truncated]).toEqual([10, false])
    const cut = (await asked(to, 'FROM range(11)')).body as SqlResult
    expect([cut.rows.length, cut.truncated]).toEqual([10, true])
  })

  test('by bytes', async () => {
    const { url: to } = await served({ bounds })
    const { body } = await asked(to, `SELECT repeat('x', 300) FROM range(10)`)
    expect([body.rows.length, body.truncated]).toEqual([3, true])
  })

  test('by time', async () => {
    const { url: to } = await served({ bounds: { ...bounds, ms: 200 } })
    const { status, body } = await asked(to, 'SELECT count(*) FROM range(10000000) a, range(10000000) b')
    expect([status, body]).toMatchObject([400, { code: 'sql_failed', detail: 'it took more than 200 ms' }])
  })
})

test('the data files of the tables are read, and no other in their folder', async () => {
  const bounds = { rows: 10, bytes: 100_000, ms: 20_000 }
  const batch = orders.slice(0, 3).map(executionRow)
  const table = await tableOf({ directory, name: 'workflow_executions' }, executions, [batch])
  writeFileSync(join(directory, 'other.csv'), 'a\n1\n')
  const opened = async () => {
    const connection = await openDatabase()
    await createTableView(connection, table)
    await createRunViews(connection, [])
    return { connection, files: table.files }
  }
  const { rows } = await boundedQuery(await opened(), 'SELECT count(*) FROM all_executions', bounds)
  expect(rows).toEqual([['3']])
  const other = boundedQuery(await opened(), `FROM '${join(directory, 'other.csv')}'`, bounds)
  await expect(other).rejects.toMatchObject({ code: 'sql_failed' })
})

test('DuckDB that is not installed is told with how it is', async () => {
  const missing = withDuckdb(() => Promise.reject(new Error('Cannot find package')))
  await expect(missing).rejects.toMatchObject({
    code: 'not_installed',
    fix: expect.stringMatching(/^npm install --save-dev @duckdb\/node-api@/),
  })
})
