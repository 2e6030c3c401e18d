/**
 * `npm run sql -- "SELECT ..."`: DuckDB over the archive of a running `npm run dev`.
 *
 *   npm run sql -- "SELECT status, count(*) FROM all_executions GROUP BY ALL"
 *   npm run sql -- --file examples/analytics/revenue-per-country.sql --json
 *
 * Views: workflow_executions and workflow_history (the cold tables), hot_executions (runs that are not there yet), and
 * all_executions. --url names another server than http://localhost:8787; --token or API_TOKEN another token than that of
 * archiver/dev.wrangler.toml.
 */
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { openArchive } from './sql/archive.ts'
import { SqlError } from './sql/error.ts'
import { hotRows } from './sql/hot.ts'
import { asJson, asTable, query } from './sql/query.ts'
import type { Server } from './sql/server.ts'
import { createRunViews } from './sql/views.ts'

const CACHE = resolve(import.meta.dirname, '../.wrangler/sql-cache')

try {
  await main()
} catch (error) {
  if (!(error instanceof SqlError)) throw error
  console.error(`${error.code}: ${error.message}`)
  process.exitCode = 1
}

async function main(): Promise<void> {
  const { sql, server, json } = command()
  const hot = await hotRows(server) // first: what becomes cold meanwhile is then in both, and not in neither
  if (hot === null)
    throw new SqlError('server_failed', `${server.url} lists no runs: its archiver has no API_TOKEN`)
  const connection = await openArchive(server, CACHE)
  await createRunViews(connection, hot)
  const result = await query(connection, sql)
  console.log(json ? asJson(result) : asTable(result))
}

function command(): { sql: string; server: Server; json: boolean } {
  const { values, positionals } = parsed()
  const sql = values.file === undefined ? positionals.join(' ') : contentOf(values.file)
  if (sql.trim() === '') throw new SqlError('usage', 'npm run sql -- "SELECT ..." or --file FILE')
  const url = values.url.replace(/\/+$/, '')
  return { sql, json: values.json, server: { url, token: values.token ?? process.env['API_TOKEN'] ?? 'dev' } }
}

function parsed() {
  try {
    return parseArgs({
      allowPositionals: true,
      options: {
        url: { type: 'string', default: 'http://localhost:8787' },
        token: { type: 'string' },
        file: { type: 'string' },
        json: { type: 'boolean', default: false },
      },
    })
  } catch (cause) {
    throw new SqlError('usage', cause instanceof Error ? cause.message : String(cause), { cause })
  }
}

function contentOf(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (cause) {
    throw new SqlError('usage', `${file} cannot be read`, { cause })
  }
}
