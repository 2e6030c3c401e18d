/**
 * The reference deployment on local workerd, and all that the run asks of it. Only this file knows how closed runs come
 * into the cold tables, and under which addresses engines outside find these.
 */
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { createTestHarness } from 'wrangler'
import type { InteropApi, RecordedRun } from './api.ts'

export interface Engine {
  /** Runs a round of orders until all of them have closed; answers how many runs that made. */
  work(round: number, orders: number): Promise<number>
  /** Until every closed run is in the cold tables. */
  archive(): Promise<void>
  /** Every run, as a client reads it. */
  recorded(): Promise<RecordedRun[]>
  /** Properties of an Iceberg REST catalog, those of its files included. */
  readonly catalog: Readonly<Record<string, string>>
  /** The folder of a table. */
  locationOf(table: string): string
  stop(): Promise<void>
}

const CONFIGS = [
  'test/interop/workers/driver.wrangler.toml', // the first one is the primary: it answers HTTP
  'wrangler.toml',
  'activity-worker/wrangler.toml',
  'activity-worker/shipping.wrangler.toml',
  'archiver/wrangler.toml',
  'examples/orders/inventory.wrangler.toml',
]
const BUCKET = 'perdure-archive'
const TOKEN = 'interop'
const ARCHIVED_WITHIN_MS = 120_000

export async function startEngine(root: string): Promise<Engine> {
  const server = createTestHarness({
    root,
    workers: CONFIGS.map((config) => ({ configPath: join(root, config), vars: { API_TOKEN: TOKEN } })),
  })
  const { url } = await server.listen()
  const ask = askAt(url)
  return {
    work: async (round, orders) => (await ask('/work', { round, orders })).runs,
    archive: () => archive(ask),
    recorded: () => recorded(ask),
    catalog: {
      uri: new URL('/iceberg', url).href,
      warehouse: BUCKET,
      token: TOKEN,
      's3.endpoint': new URL('/cdn-cgi/local/r2/s3', url).href,
      's3.access-key-id': 'local',
      's3.secret-access-key': 'local-secret',
      's3.region': 'auto',
    },
    locationOf: (table) => `s3://${BUCKET}/iceberg/durable/${table}`,
    stop: () => server.close(),
  }
}

type Ask = <Path extends keyof InteropApi>(
  path: Path,
  body: InteropApi[Path]['ask'],
) => Promise<InteropApi[Path]['answer']>

function askAt(url: URL): Ask {
  return async (path, body) => {
    const response = await fetch(new URL(path, url), { method: 'POST', body: JSON.stringify(body) })
    if (!response.ok) throw new Error(`${path}: ${await response.text()}`)
    return JSON.parse(await response.text())
  }
}

/** Passes until nothing is left to move. */
async function archive(ask: Ask): Promise<void> {
  const until = Date.now() + ARCHIVED_WITHIN_MS
  for (;;) {
    const { hot, warm, cold } = await ask('/archive', {})
    if (hot === 0 && warm === 0) return
    if (Date.now() > until) {
      throw new Error(`${hot} runs are still hot and ${warm} warm, ${cold} are cold`)
    }
    await pause(300)
  }
}

async function recorded(ask: Ask): Promise<RecordedRun[]> {
  const runs: RecordedRun[] = []
  let cursor: string | undefined
  do {
    const page = await ask('/recorded', cursor === undefined ? {} : { cursor })
    runs.push(...page.runs)
    cursor = page.cursor
  } while (cursor !== undefined)
  return runs
}
