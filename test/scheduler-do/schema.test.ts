import { describe, expect, test } from 'vitest'
import migrations from '../../migrations/migrations.js'
import { migrateStore } from '../../scheduler-do/store/migrate.ts'
import { signal, workflow } from '../../shared/define.ts'
import { client, historyOf, idOn } from '../conformance/world.ts'
import { register } from '../workers/registry.ts'
import { inStorage, rows } from './storage.ts'

const go = signal<number>('go')
const waits = workflow('waits', async (ctx) => {
  await ctx.sleep('1h')
  return ctx.waitForSignal(go)
})
const quick = workflow('quick', async (ctx) => ctx.run('one', () => 1))
register(waits, quick)

const TABLES = [
  'archive_batches',
  'archive_deletions',
  'archive_garbage',
  'archive_holds',
  'archive_segments',
  'concurrency_keys',
  'held_deliveries',
  'history',
  'meta',
  'outbox',
  'parked_inputs',
  'payload_copies',
  'payloads',
  'peers',
  'schedules',
  'workflow_activities',
  'workflow_ids',
  'workflow_signals',
  'workflow_timers',
  'workflows',
]
const OWN = `name NOT LIKE '\\_\\_%' ESCAPE '\\' AND name NOT LIKE 'sqlite%' AND name NOT LIKE '\\_cf%' ESCAPE '\\'`

describe('the hot schema', () => {
  test('has the tables that are written down, each WITHOUT ROWID', async () => {
    const found = await rows(
      0,
      `SELECT name, sql FROM sqlite_master WHERE type = 'table' AND ${OWN} ORDER BY name`,
    )
    expect(found.map(({ name }) => name)).toEqual(TABLES)
    for (const { sql } of found) expect(sql).toMatch(/WITHOUT ROWID$/)
  })

  test('has two indexes and one for each attribute, all of a part of the runs', async () => {
    const found = await rows(
      0,
      `SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL ORDER BY name`,
    )
    const attributes = ['customerId', 'express', 'promisedFor', 'total'].map((name) => `attribute_${name}`)
    expect(found.map(({ name }) => name)).toEqual([...attributes, 'workflows_closed_hot', 'workflows_open'])
    for (const { sql } of found) expect(sql).toMatch(/ WHERE /)
  })

  test('is applied once, and applying it again changes nothing', async () => {
    const schema = `SELECT type, name, sql FROM sqlite_master ORDER BY name`
    const before = await rows(1, schema)
    await inStorage(1, (storage) => migrateStore(storage, migrations))
    await inStorage(1, (storage) => migrateStore(storage, migrations))
    expect(await rows(1, schema)).toEqual(before)
    expect(before.map(({ name }) => name)).toEqual(expect.arrayContaining([...TABLES, 'workflow_history']))
  })

  test('lets one run of an id be open, and any number be closed', async () => {
    const columns =
      'run_id, workflow_id, workflow_type, status, started_at, completed_at, task_queue, version, request_id'
    const insert = (storage: DurableObjectStorage, runId: string, completedAt: number | null) =>
      storage.sql.exec(
        `INSERT INTO workflows (${columns}) VALUES (?, 'twice', 't', 's', 0, ?, 'q', 'v', 'r')`,
        runId,
        completedAt,
      )
    await inStorage(0, (storage) => {
      insert(storage, 'one', 1)
      insert(storage, 'two', 2)
      insert(storage, 'three', null)
      expect(() => insert(storage, 'four', null)).toThrow(/UNIQUE/)
      storage.sql.exec(`DELETE FROM workflows WHERE workflow_id = 'twice'`)
    })
  })
})

describe('the view workflow_history', () => {
  test('shows the founding document’s columns, row by event', async () => {
    const workflowId = idOn(0, 'view')
    const run = await client.start(waits, { workflowId, input: undefined })
    await run.signal(go, 7)
    const found = await rows(
      0,
      `SELECT * FROM workflow_history WHERE run_id = ? ORDER BY event_id`,
      run.runId,
    )
    const { events } = { events: await historyOf(run) }
    expect(found.map(({ event_id, event_type }) => [event_id, event_type])).toEqual([
      [1, 'workflow_started'],
      [2, 'timer_started'],
      [3, 'signal_received'],
    ])
    const columns = ['workflow_id', 'run_id', 'event_id', 'event_type', 'event_data', 'timestamp', 'sequence']
    expect(Object.keys(found[0]!)).toEqual(columns)
    const data = found.map(
      ({ event_data }) => JSON.parse(event_data as string) as { at: number; payload?: unknown },
    )
    expect(data[2]).toMatchObject({ type: 'signal_received', name: 'go', payload: 7 })
    expect(found.map(({ timestamp }) => timestamp)).toEqual(data.map(({ at }) => at))
    expect(events).toHaveLength(3)
    const sequences = found.map(({ sequence }) => Number(sequence))
    expect(sequences[1]).toBe(sequences[0]! + 1)
  })

  test('answers plain SQL over payloads', async () => {
    const workflowId = idOn(0, 'sql')
    const run = await client.start(quick, { workflowId, input: undefined })
    await run.result()
    const statement = `SELECT event_data ->> '$.result' AS result FROM workflow_history
      WHERE workflow_id = ? AND event_type = 'workflow_completed'`
    expect(await rows(0, statement, workflowId)).toEqual([{ result: 1 }])
  })
})
