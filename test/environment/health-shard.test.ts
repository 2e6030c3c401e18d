/** A shard broken by hand, apart from what its runs wait for: what is found, and what of it is mended. */
import { describe, expect, test } from 'vitest'
import { breaking, expectEnd, go, lost, waiting, workflows, world } from './broken.ts'
import { findingsOf } from './health.ts'

describe('a history that is damaged', () => {
  test.each([
    [
      'UPDATE history SET first_event_id = 4 WHERE first_event_id = 3',
      'event 3 is missing: the next row begins with 4',
    ],
    ['DELETE FROM history WHERE first_event_id > 0', 'it has no history'],
    [`UPDATE history SET events = '[{' WHERE first_event_id = 3`, 'the row of event 3 is no JSON'],
    [
      'UPDATE history SET event_count = 5 WHERE first_event_id = 3',
      'the row of event 3 does not have the 5 events that it says',
    ],
    ['UPDATE history SET sequence = 1', 'event 3 has sequence 1, after 2'],
    [
      `UPDATE history SET events = replace(events, 'signal_received', 'signal_perceived')`,
      'event 3 is of no type that is known',
    ],
    [
      `UPDATE history SET events = replace(events, '"at":', '"at":-') WHERE first_event_id = 3`,
      'event 3 is earlier than the one before it',
    ],
  ])('is told and left as it is: %s', async (statements, what) => {
    const made = await world()
    const handle = await waiting(made, 'timer')
    await handle.signal(go, 'early')
    breaking(made, statements)
    const [found, ...more] = await findingsOf(made.platform, { repair: true })
    const broken = {
      code: 'history_broken',
      workflowId: 'timer',
      runId: handle.runId,
      what: `history: ${what}`,
    }
    expect([found, more]).toEqual([broken, []])
    await made.env.dispose()
  })
})

describe('rows of a run that has ended', () => {
  test.each(['workflow_activities', 'workflow_timers', 'workflow_signals', 'parked_inputs'])(
    'in %s are orphans, and go',
    async (table) => {
      const made = await world()
      const handle = await waiting(made, 'signal')
      await handle.signal(go, 'heard')
      const columns: Record<string, string> = {
        workflow_activities: `(run_id, seq, kind, workflow_id, activity_type, task_queue, status, attempt, scheduled_at, due_at, rules)
          SELECT run_id, 1, 'activity', workflow_id, 'works', 'default', 'scheduled', 1, 0, 9e15, '{}'`,
        workflow_timers: 'SELECT run_id, 1, workflow_id, 9000000000000000',
        workflow_signals: `SELECT run_id, 's', workflow_id, 'go', NULL, 0`,
        parked_inputs: `SELECT run_id, 1, '{"type":"fire_timer","seq":1}'`,
      }
      breaking(made, `INSERT INTO ${table} ${columns[table]} FROM workflows`)
      const found = {
        code: 'row_orphaned',
        runId: handle.runId,
        what: `${table}: the run of these rows has ended, or is not there`,
      }
      expect(await findingsOf(made.platform)).toEqual([found])
      expect(await findingsOf(made.platform, { repair: true })).toEqual([{ ...found, repaired: true }])
    },
  )

  test('in history are told, and stay: nobody knows what they were', async () => {
    const made = await world()
    await waiting(made, 'timer')
    breaking(made, `INSERT INTO history VALUES ('no-run', 1, 99, 1, '[{}]')`)
    const what = 'history: the run of these rows has ended, or is not there'
    expect(await findingsOf(made.platform, { repair: true })).toEqual([
      { code: 'row_orphaned', runId: 'no-run', what },
    ])
    breaking(made, `DELETE FROM history WHERE run_id = 'no-run'`)
  })

  test('say how it ended', async () => {
    const made = await world()
    const handle = await waiting(made, 'signal')
    await handle.signal(go, 'heard')
    breaking(made, `UPDATE workflows SET status = 'failed', result = NULL, history_bytes = 1`)
    const what = 'workflows: status, result, history_bytes are not what history says'
    expect(await findingsOf(made.platform, { repair: true })).toMatchObject([
      { code: 'run_differs', what, repaired: true },
    ])
    expect(await handle.describe()).toMatchObject({ status: 'completed', result: 'heard' })
  })
})

describe('a shard', () => {
  test('whose alarm is lost is armed again', async () => {
    const made = await world()
    const handle = await waiting(made, 'timer')
    const { platform, env } = made
    platform.object('default/0').disarm()
    const what = 'alarm: something is due at 2026-03-03T00:00:00.000Z, and none is armed'
    expect(await findingsOf(platform)).toEqual([{ code: 'not_armed', what }])
    expect(await findingsOf(platform, { repair: true })).toEqual([
      { code: 'not_armed', what, repaired: true },
    ])
    await expectEnd('timer', handle, made)
    await env.settle()
  })

  test('that lost its alarm and is asked anything once it is overdue rings after all', async () => {
    const made = await world()
    const handle = await waiting(made, 'timer')
    const { platform, env } = made
    platform.object('default/0').disarm()
    await env.advance('3d')
    expect(await handle.describe()).toMatchObject({ status: 'running' })
    await waiting(made, 'signal')
    await env.advance('1s')
    expect(await handle.result()).toBe('slept')
  })

  test('whose memory does not know of a row takes it up', async () => {
    const made = await world()
    const handle = await waiting(made, 'timer')
    const { platform } = made
    breaking(made, `UPDATE history SET events = '[' || events`)
    breaking(made, 'CREATE TABLE aside AS SELECT * FROM workflow_timers; DELETE FROM workflow_timers')
    await lost(made)
    expect(await findingsOf(platform)).toMatchObject([{ code: 'history_broken' }])
    breaking(made, 'INSERT INTO workflow_timers SELECT * FROM aside; DROP TABLE aside')
    breaking(made, 'UPDATE history SET events = substr(events, 2)')
    const what = 'timer 1: known from rows, and not to the memory of the shard'
    const found = { code: 'not_armed', workflowId: 'timer', runId: handle.runId, what, repaired: true }
    expect(await findingsOf(platform, { repair: true })).toEqual([found])
    await expectEnd('timer', handle, made)
  })

  test('keeps no place at a key for an activity that is over', async () => {
    const made = await world()
    const handle = await waiting(made, 'keyed')
    breaking(
      made,
      `INSERT INTO concurrency_keys SELECT task_queue, 'two', 1, replace(holder, '"seq":1', '"seq":7') FROM concurrency_keys`,
    )
    await lost(made)
    const what = 'concurrency_keys: activity 7 has a place at a key of default, and it is not pending'
    const found = { code: 'key_stale', workflowId: 'keyed', runId: handle.runId, what, repaired: true }
    expect(await findingsOf(made.platform, { repair: true })).toEqual([found])
  })

  test.each([
    [
      `UPDATE schedules SET due_at = NULL, state = json_set(state, '$.dueAt', NULL)`,
      'it is due at no time, and by its times at 2026-03-01T09:00:00.000Z',
    ],
    ['UPDATE schedules SET due_at = NULL', 'due_at is no time, and its state 2026-03-01T09:00:00.000Z'],
  ])('gives a schedule its next time: %s', async (statement, differs) => {
    const made = await world()
    const { env, platform } = made
    const { timer } = workflows
    await env.client.schedules.create({ scheduleId: 'nine', spec: { cron: '0 9 * * *' }, workflow: timer })
    breaking(made, statement)
    await lost(made)
    const found = { code: 'schedule_differs', what: `schedules: of nine, ${differs}`, repaired: true }
    expect(await findingsOf(platform, { repair: true })).toEqual([found])
    await env.advance('10h')
    expect(await env.client.count({ workflowType: 'timer' })).toBe(1)
  })
})
