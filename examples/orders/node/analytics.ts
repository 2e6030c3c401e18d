/** The day once more, as DuckDB finds it in the Parquet files of the cold tables: two of the queries of ../../analytics. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { DuckDBConnection } from '@duckdb/node-api'
import { openArchive } from '../../../cli/sql/archive.ts'
import { asJson, query } from '../../../cli/sql/query.ts'

export interface Analytics {
  runs: number
  /** Rows of history, and how many of them are there for the first time. */
  events: number
  distinctEvents: number
  revenue: { country: string; orders: number; shipped: number; revenue: number }[]
  durations: { workflow_type: string; runs: number; p50_ms: number; p95_ms: number }[]
}

const QUERIES = join(import.meta.dirname, '../../analytics')
/** What archiver/dev.wrangler.toml has. */
const TOKEN = 'dev'

/** Of the runs whose ids begin with `workflows`: the tables have those of earlier days, too. */
export async function analyse(url: string, workflows: string, cache: string): Promise<Analytics> {
  const { connection } = await openArchive({ url, token: TOKEN }, cache)
  try {
    for (const name of ['workflow_executions', 'workflow_history']) {
      // A temporary table is found before a view of the same name.
      const rows = `SELECT * FROM main.${name} WHERE starts_with(workflow_id, $workflows)`
      await connection.run(`CREATE TEMP TABLE ${name} AS ${rows}`, { workflows })
    }
    const [runs] = await rowsOf<{ n: number }>(connection, 'SELECT count(*) AS n FROM workflow_executions')
    const [events] = await rowsOf<{ n: number; d: number }>(
      connection,
      'SELECT count(*) AS n, count(DISTINCT (run_id, event_id)) AS d FROM workflow_history',
    )
    return {
      runs: runs?.n ?? 0,
      events: events?.n ?? 0,
      distinctEvents: events?.d ?? 0,
      revenue: await rowsOf(connection, queryOf('revenue-per-country')),
      durations: await rowsOf(connection, queryOf('slowest-types')),
    }
  } finally {
    connection.closeSync()
  }
}

function queryOf(name: string): string {
  return readFileSync(join(QUERIES, `${name}.sql`), 'utf8')
}

async function rowsOf<Row>(connection: DuckDBConnection, sql: string): Promise<Row[]> {
  return JSON.parse(asJson(await query(connection, sql))) as Row[] // the columns that the statement names
}
