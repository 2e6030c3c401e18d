/**
 * The reference deployment on local workerd, and all that the run asks of it. Only this file knows how closed runs come
 * into the cold tables, and under which addresses engines outside find these.
 */
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { createTestHarness } from 'wrangler'
import type { InteropApi, RecordedRun, Tiers } from './api.ts'

export interface Engine {
  /** Runs a round of orders until all of them have closed, and answers with their runs, read while they are hot. */
  work(round: Round): Promise<RecordedRun[]>
  /** Until every closed run is in the cold tables. */
  archive(): Promise<void>
  /** Until no warm object is left either. */
  expire(): Promise<void>
  /** Every run, as a client reads it now. */
  recorded(): Promise<RecordedRun[]>
  /** How often each table was compacted. */
  compactions(): ReadonlyMap<string, number>
  /** Lines of the archiver's log that say that something failed. */
  failures(): string[]
  /** Properties of an Iceberg REST catalog, those of its files included. */
  readonly catalog: Readonly<Record<string, string>>
  /** The folder of a table. */
  locationOf(table: string): string
  stop(): Promise<void>
}

export type Round = InteropApi['/work']['ask']

const CONFIGS = [
  'test/interop/workers/driver.wrangler.toml', // the first one is the primary: it answers HTTP
  'test/interop/workers/scheduler.wrangler.toml',
  'activity-worker/wrangler.toml',
  'activity-worker/shipping.wrangler.toml',
  'archiver/dev.wrangler.toml',
  'examples/orders/inventory.wrangler.toml',
]
const BUCKET = 'perdure-archive'
/** What archiver/dev.wrangler.toml has. */
const TOKEN = 'dev'

export async function startEngine(root: string): Promise<Engine> {
  const server = createTestHarness({
    root,
    workers: CONFIGS.map((config) => ({ configPath: join(root, config) })),
  })
  const { url } = await server.listen()
  const ask = askAt(url)
  const logged = (event: string): string[] =>
    server.getLogs().flatMap(({ message }) => (message.includes(`"event":"${event}"`) ? [message] : []))
  let passes = 0
  const pass = async (): Promise<Tiers> => {
    const tiers = await ask('/archive', {})
    passes++
    // Its log comes another way, and its last line tells that all of it is here.
    while (logged('archive_pass').length < passes) await pause(10)
    return tiers
  }
  return {
    work: async (round) => {
      await ask('/work', round)
      return await recorded(ask, `interop-${round.round}-`)
    },
    archive: () => passUntil(pass, ({ hot, warm }) => hot === 0 && warm === 0),
    expire: () => passUntil(pass, ({ hot, warm, objects }) => hot === 0 && warm === 0 && objects === 0),
    recorded: () => recorded(ask, 'interop-'),
    compactions: () => tally(logged('archive_compacted')),
    failures: () => logged('archive_failed'),
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

const ARCHIVED_WITHIN_MS = 120_000

async function passUntil(pass: () => Promise<Tiers>, done: (tiers: Tiers) => boolean): Promise<void> {
  const until = Date.now() + ARCHIVED_WITHIN_MS
  for (;;) {
    const tiers = await pass()
    if (done(tiers)) return
    if (Date.now() > until) throw new Error(`the archiver does not get on: ${JSON.stringify(tiers)}`)
    await pause(300)
  }
}

async function recorded(ask: Ask, idPrefix: string): Promise<RecordedRun[]> {
  const runs: RecordedRun[] = []
  let cursor: string | undefined
  do {
    const page = await ask('/recorded', { idPrefix, ...(cursor !== undefined && { cursor }) })
    runs.push(...page.runs)
    cursor = page.cursor
  } while (cursor !== undefined)
  return runs
}

function tally(lines: readonly string[]): Map<string, number> {
  const tables = lines.map((line) => (JSON.parse(line) as { table: string }).table) // as maintaining.ts logs it
  return new Map(
    Array.from(
      Map.groupBy(tables, (table) => table),
      ([table, all]) => [table, all.length],
    ),
  )
}
