/** The Workers of `npm run dev`, over what a day of the demo has left: closed runs in every tier, and stock to sell. */
import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { serveSql } from '../../cli/sql/serve.ts'
import { freePort, startSession } from '../../scripts/local/session.ts'

const ROOT = resolve(import.meta.dirname, '../..')
const CONFIGS = [
  'wrangler.toml',
  'activity-worker/wrangler.toml',
  'activity-worker/shipping.wrangler.toml',
  'archiver/dev.wrangler.toml',
  'examples/orders/inventory.wrangler.toml',
]
const TOKEN = 'dev'

export interface Deployment {
  readonly url: string
  readonly token: string
  /** A route of the API, such as `POST /workflows`. */
  ask<T>(route: string, body?: unknown): Promise<T>
  stop(): Promise<void>
}

export async function deploy({ demo }: { demo: boolean }): Promise<Deployment> {
  const state = mkdtempSync(join(tmpdir(), 'perdure-dashboard-'))
  if (demo)
    await promisify(execFile)(process.execPath, ['examples/orders/demo.ts', '--state', state], { cwd: ROOT })
  const port = await freePort()
  const sql = await serveSql({
    server: { url: `http://127.0.0.1:${port}`, token: TOKEN },
    directory: join(state, 'sql-cache'),
    say: (line) => console.error(line),
  })
  const vars = { API_TOKEN: TOKEN, SQL_URL: sql.url }
  const session = await startSession({ state, configs: CONFIGS, vars, port, ready })
  return {
    url: session.url,
    token: TOKEN,
    ask: (route, body) => ask(session.url, route, body),
    stop: async () => {
      await session.kill()
      await sql.close()
      rmSync(state, { recursive: true })
    },
  }
}

async function ready(url: string): Promise<void> {
  await ask(url, 'GET /workflow-count')
}

async function ask<T>(url: string, route: string, body?: unknown): Promise<T> {
  const [method = 'GET', path = ''] = route.split(' ')
  const response = await fetch(`${url}/api/v1${path}`, {
    method,
    headers: { authorization: `Bearer ${TOKEN}`, 'content-type': 'application/json' },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  })
  const text = await response.text()
  if (!response.ok) throw new Error(`${route}: ${response.status} ${text}`)
  return (text === '' ? undefined : JSON.parse(text)) as T // the caller knows the route
}
