/** Databases that earlier releases left: opened, migrated, and every run brought to its end. */
import { afterEach, describe, expect, test } from 'vitest'
import type { Runtime } from '../../scheduler-do/runtime.ts'
import { environmentWithPlatform } from '../../testing/environment.ts'
import { migrations } from '../../testing/simulated/migrations.ts'
import { releases, thaw } from './databases/dump.ts'
import { finish, RESULTS, SHARDS, works, workflows } from './databases/scenario.ts'
import { findingsOf } from './health.ts'

const ROOT = 'test/databases'
const ended: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const end of ended.splice(0)) await end()
})

async function opened(release: string, schema?: Runtime['migrations']) {
  const { at, disks } = thaw(`${ROOT}/${release}`)
  const options = { workflows, activities: [works], shards: SHARDS, startTime: at }
  const made = await environmentWithPlatform(options, { disks, ...(schema && { schema }) })
  ended.push(() => made.env.dispose())
  return { ...made, disks }
}

type Opened = Awaited<ReturnType<typeof opened>>

/** The migrations of this release and one more. */
async function later(sql: readonly string[]): Promise<Runtime['migrations']> {
  const { journal, migrations: texts } = await migrations()
  const idx = journal.entries.length
  const last = journal.entries.at(-1)
  const entry = { ...last!, idx, when: (last?.when ?? 0) + 1, tag: `${String(idx).padStart(4, '0')}_planted` }
  const planted = { [`m${String(idx).padStart(4, '0')}`]: sql.join('\n--> statement-breakpoint\n') }
  return {
    journal: { ...journal, entries: [...journal.entries, entry] },
    migrations: { ...texts, ...planted },
  }
}

function tablesOf({ disks }: Opened): string[] {
  const own = `name NOT LIKE '\\_\\_%' ESCAPE '\\' AND name NOT LIKE 'sqlite%'`
  const rows = disks
    .get('default/0')
    ?.database.prepare(`SELECT name FROM sqlite_master WHERE type = 'table' AND ${own}`)
  return (rows?.all() ?? []).map(({ name }) => String(name))
}

/** What the runs come to, on shards that are sound before and after. */
async function ends({ env, platform }: Opened): Promise<unknown> {
  expect(await findingsOf(platform)).toEqual([])
  await finish(env)
  const results = Object.keys(RESULTS).map(
    async (id) => [id, await env.client.getHandle(id).result()] as const,
  )
  const found = Object.fromEntries(await Promise.all(results))
  expect(await env.client.count({ status: 'running' })).toBe(0)
  expect(await findingsOf(platform)).toEqual([])
  return found
}

describe.each(releases(ROOT))('a database of release %s', (release) => {
  test('has runs in every state', async () => {
    const made = await opened(release)
    // Before anything wakes: what is blocked finds its code again.
    const all = [...made.disks.values()].map(({ database }) => database)
    const has = (table: string) =>
      all.some((one) => one.prepare(`SELECT 1 FROM ${table}`).get() !== undefined)
    expect(tablesOf(made).filter(has).toSorted()).toEqual(FILLED)
    const of = async (id: string) => await made.env.client.getHandle(id).describe()
    expect(await of('paused')).toMatchObject({ status: 'paused' })
    expect(await of('acted')).toMatchObject({ pendingActivities: [{ activityType: 'works' }] })
  })

  test('is sound, and its runs come to their ends', async () => {
    expect(await ends(await opened(release))).toEqual(RESULTS)
  })

  test('keeps all it has through a migration that adds to every table, and so does code that does not know of it', async () => {
    const tables = tablesOf(await opened(release))
    const planted = await later(
      tables.map((table) => `ALTER TABLE ${table} ADD COLUMN planted text DEFAULT 'kept';`),
    )
    const migrated = await opened(release, planted)
    expect(await ends(migrated)).toEqual(RESULTS)
    for (const shard of ['default/0', 'default/1'])
      for (const { planted: value } of migrated.disks
        .get(shard)!
        .database.prepare('SELECT planted FROM workflows')
        .all())
        expect(value).toBe('kept')
  })
})

const FILLED = [
  'archive_batches',
  'concurrency_keys',
  'history',
  'meta',
  'outbox',
  'parked_inputs',
  'peers',
  'schedules',
  'workflow_activities',
  'workflow_ids',
  'workflow_signals',
  'workflow_timers',
  'workflows',
]

describe('a database that a later release has migrated', () => {
  const [release = ''] = releases(ROOT)

  test('is served by code of the release before, which runs everything to its end', async () => {
    const tables = tablesOf(await opened(release))
    const planted = await later(
      tables.map((table) => `ALTER TABLE ${table} ADD COLUMN planted text DEFAULT 'kept';`),
    )
    const migrated = await opened(release, planted)
    await migrated.env.client.count({})
    await migrated.env.evict()
    const { disks } = migrated
    const at = migrated.platform.timeline.now()
    const options = { workflows, activities: [works], shards: SHARDS, startTime: at }
    const back = await environmentWithPlatform(options, { disks })
    expect(await ends({ ...back, disks })).toEqual(RESULTS)
  })

  test('and contracted refuses code that is older than that, whose alarms wait for newer code', async () => {
    const contracting = `INSERT INTO meta (key, value) VALUES ('min_code', '99');`
    const { disks, platform, env } = await opened(release, await later([contracting]))
    await expect(env.client.getHandle('slept').describe()).rejects.toMatchObject({ code: 'schema_too_new' })
    const before = disks.get('default/0')?.database.prepare('SELECT * FROM workflows').all()
    await env.advance('1h')
    expect(disks.get('default/0')?.database.prepare('SELECT * FROM workflows').all()).toEqual(before)
    expect(disks.get('default/0')?.alarmAt).toBeGreaterThan(platform.timeline.now())
  })
})
