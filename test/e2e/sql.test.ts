/** `npm run sql` over the Workers of `npm run dev`: runs of each tier, found by DuckDB as a client is told of them. */
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createTestHarness } from 'wrangler'
import packageJson from '../../package.json' with { type: 'json' }
import type { InteropApi, RecordedRun } from '../../scripts/interop/api.ts'
import { node, ROOT } from './wrangler.ts'

const server = createTestHarness({
  root: ROOT,
  workers: [
    ...[...packageJson.scripts.dev.matchAll(/ -c (\S+)/g)].map(([, configPath = '']) => ({ configPath })),
    { configPath: 'test/interop/workers/driver.wrangler.toml' },
  ],
})
let url: string
let archived: RecordedRun[]
let hot: RecordedRun[]

beforeAll(async () => {
  url = (await server.listen()).url.origin
  await ask('/work', { round: 1, first: 1, orders: 6 })
  await archive()
  await ask('/work', { round: 2, first: 2, orders: 1 })
  archived = (await ask('/recorded', { idPrefix: 'interop-1-' })).runs
  hot = (await ask('/recorded', { idPrefix: 'interop-2-' })).runs
})

afterAll(() => server.close())

describe('npm run sql', () => {
  test('finds the runs of every tier, each once', async () => {
    const told = [...archived, ...hot].map(({ tier, execution }) => ({
      workflow_id: execution.workflowId,
      run_id: execution.runId,
      status: execution.status,
      tier,
    }))
    const rows = await sql(
      'SELECT workflow_id, run_id, status, tier FROM all_executions ORDER BY workflow_id',
    )
    expect(rows).toEqual(told.toSorted((one, other) => (one.workflow_id < other.workflow_id ? -1 : 1)))
    expect(told.map(({ tier }) => tier).toSorted()).toEqual([...archived.map(() => 'cold'), 'hot'])
  })

  test('adds up the payloads of what was archived', async () => {
    const rows = await sql('--file', 'examples/analytics/revenue-per-country.sql')
    const countries = Map.groupBy(archived, ({ execution }) =>
      String(execution.searchAttributes?.['country']),
    )
    const expected = Array.from(countries, ([country, runs]) => ({ country, orders: runs.length }))
    expect(expected.length).toBeGreaterThan(2)
    expect(rows).toHaveLength(expected.length)
    expect(rows).toEqual(expect.arrayContaining(expected.map((row) => expect.objectContaining(row))))
  })

  test('reads the histories, payloads and all', async () => {
    const [{ execution, events } = fail()] = archived
    const statement = `SELECT event_id, event_type, event_data FROM workflow_history
      WHERE run_id = '${execution.runId}' ORDER BY event_id`
    const rows = (await sql(statement)) as { event_id: number; event_type: string; event_data: string }[]
    const found = rows.map((row) => ({ ...row, event_data: JSON.parse(row.event_data) as unknown }))
    const told = events.map(({ eventId, type, data }) => ({
      event_id: eventId,
      event_type: type,
      event_data: data,
    }))
    expect(found).toEqual(told)
  })

  test('says what is wrong with a token, and with a statement', async () => {
    const refused = await run('SELECT 1', '--token', 'wrong')
    expect(refused.output).toMatch(/^unauthorized: /)
    const wrong = await run('SELECT nothing FROM nowhere')
    expect(wrong.output).toMatch(/^sql_failed: [^]*nowhere/)
    expect([refused.status, wrong.status]).toEqual([1, 1])
    expect(wrong.output).not.toContain('    at ')
  })
})

async function ask<Path extends keyof InteropApi>(
  path: Path,
  body: InteropApi[Path]['ask'],
): Promise<InteropApi[Path]['answer']> {
  const driver = server.getWorker('perdure-interop-driver')
  const answer = await driver.fetch(`http://driver${path}`, { method: 'POST', body: JSON.stringify(body) })
  const text = await answer.text()
  if (!answer.ok) throw new Error(`${path}: ${text}`)
  return JSON.parse(text)
}

/** Passes of the archiver until every run is cold. */
async function archive(): Promise<void> {
  for (;;) {
    const { hot: hotRuns, warm } = await ask('/archive', {})
    if (hotRuns === 0 && warm === 0) return
    await sleep(200)
  }
}

async function run(...options: string[]) {
  return await node([join(ROOT, 'cli/index.ts'), 'sql', '--url', url, ...options])
}

async function sql(...options: string[]): Promise<unknown> {
  const { status, output } = await run('--json', ...options)
  if (status !== 0) throw new Error(output)
  return JSON.parse(output)
}

function fail(): never {
  throw new Error('nothing was archived')
}
