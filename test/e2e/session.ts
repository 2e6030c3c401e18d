/** The Workers of these tests in a `wrangler dev` session. */
import { askAt, type Ask } from '../../scripts/local/ask.ts'
import { startSession as start, type Session as Started } from '../../scripts/local/session.ts'
import type { DriverApi } from './workers/api.ts'

export interface Session extends Started {
  readonly ask: Ask<DriverApi>
}

/** The first one is the primary: it answers HTTP. */
export const WORKERS = ['driver', 'scheduler', 'activity-worker', 'effects']

export async function startSession(state: string, workers = WORKERS): Promise<Session> {
  const configs = workers.map((name) => `test/e2e/workers/${name}.wrangler.toml`)
  const session = await start({ state, configs, ready: answers })
  return { ...session, ask: askAt<DriverApi>(session.url) }
}

/** Only the ledger is asked: no shard is woken by it. */
async function answers(url: string): Promise<void> {
  await askAt<DriverApi>(url)('/effects', { prefix: '-' })
}
