import { describe, expect, test } from 'vitest'
import {
  deleteTask,
  deleteTimer,
  insertTask,
  insertTimer,
  succeedTask,
} from '../../scheduler-do/store/tasks.ts'
import { deletePayload, insertPayload, pendingContent } from '../../scheduler-do/store/payloads.ts'
import { newTask } from '../../scheduler-do/new-task.ts'
import { appendHistory } from '../../scheduler-do/store/history.ts'
import { Sql } from '../../scheduler-do/store/sql.ts'
import { defineActivity, workflow } from '../../shared/define.ts'
import type { SearchAttributes } from '../../shared/attributes.ts'
import { client, idOn, world } from '../conformance/world.ts'
import { register } from '../workers/registry.ts'
import { inStorage } from './storage.ts'
import { passOn, toWarm } from './tiers.ts'

const work = defineActivity('work', (n: number) => n)
const scheduled = { type: 'activity_scheduled', at: 5, activityType: 'work', taskQueue: 'default' } as const
const oneStep = workflow('oneStep', async (ctx, step: number) => {
  await ctx.run('only', () => step)
})
const inline = workflow('inline', async (ctx, steps: number) => {
  for (let step = 0; step < steps; step += 1) await ctx.run('step', () => step)
})
const queued = workflow('queued', async (ctx, steps: number) => {
  for (let step = 0; step < steps; step += 1) await ctx.activity(work, { input: step })
})
register(work, oneStep, inline, queued)

/** Rows that shard 0 wrote while `act` ran, once it has told everybody. */
async function rowsOf(act: () => Promise<unknown>): Promise<number> {
  const before = await world.WORKFLOWS.stats('default', 0)
  await act()
  const after = await world.WORKFLOWS.stats('default', 0)
  return after.rowsWritten - before.rowsWritten
}

function rowsWithAttributes(workflowId: string, searchAttributes: SearchAttributes): Promise<number> {
  return rowsOf(async () => {
    const run = await client.start(oneStep, { workflowId: idOn(0, workflowId), input: 0, searchAttributes })
    await run.result()
  })
}

/** What one statement writes, by the cursor. */
async function writtenBy(use: (sql: Sql) => void): Promise<number> {
  return inStorage(0, (storage) => {
    const sql = new Sql(storage.sql)
    use(sql)
    sql.flush() // what was only gathered
    return sql.rowsWritten
  })
}

describe('one statement writes', () => {
  test('one row of history, whatever the turn held', async () => {
    const events = Array.from({ length: 50 }, (_, n) => ({ type: 'timer_fired', at: n, seq: n }) as const)
    const turn = { runId: 'rows', firstEventId: 1, sequence: 1_000_000, events }
    expect(await writtenBy((sql) => appendHistory(sql, turn))).toBe(1)
    expect(await writtenBy((sql) => sql.run(`DELETE FROM history WHERE run_id = 'rows'`))).toBe(1)
  })

  test('one row per MiB of a large payload, once, and as many when it is an object', async () => {
    const payload = { runId: 'rows', sha256: 'hash', content: new Uint8Array(2 * 1024 * 1024 + 1) }
    expect(await writtenBy((sql) => insertPayload(sql, payload))).toBe(3)
    expect(await writtenBy((sql) => insertPayload(sql, payload))).toBe(0)
    const found = await inStorage(0, ({ sql }) => pendingContent(new Sql(sql), 'rows', 'hash')?.byteLength)
    expect(found).toBe(2 * 1024 * 1024 + 1)
    expect(await writtenBy((sql) => deletePayload(sql, 'rows', 'hash'))).toBe(3)
  })

  test('one row for a timer, and one when it is over', async () => {
    const timer = { runId: 'rows', workflowId: 'w', seq: 1, fireAt: 5 }
    expect(await writtenBy((sql) => insertTimer(sql, timer))).toBe(1)
    expect(await writtenBy((sql) => deleteTimer(sql, 'rows', 1))).toBe(1)
    expect(await writtenBy((sql) => deleteTimer(sql, 'rows', 1))).toBe(0)
  })

  test('one row for an activity, for each that takes its row over, and when that is over', async () => {
    const run = { workflowId: 'w', runId: 'rows' }
    const taskOf = (seq: number) => newTask(run, { ...scheduled, seq }, 5)
    expect(await writtenBy((sql) => insertTask(sql, taskOf(1), 'one'))).toBe(1)
    expect(await writtenBy((sql) => succeedTask(sql, 1, { task: taskOf(2), input: undefined }))).toBe(1)
    const found = await inStorage(0, ({ sql }) =>
      sql.exec(`SELECT seq, input FROM workflow_activities WHERE run_id = 'rows'`).toArray(),
    )
    expect(found).toEqual([{ seq: 2, input: null }])
    expect(await writtenBy((sql) => deleteTask(sql, 'rows', 2))).toBe(1)
  })

  test('two rows of history for a turn too large for one, in order', async () => {
    const text = 'x'.repeat(300_000)
    const events = [1, 2, 3].map((at) => ({ type: 'workflow_terminated', at, reason: text }) as const)
    const turn = { runId: 'large', firstEventId: 5, sequence: 2_000_000, events }
    expect(await writtenBy((sql) => appendHistory(sql, turn))).toBe(3)
    const found = await inStorage(0, ({ sql }) =>
      sql.exec(`SELECT first_event_id, sequence, event_count FROM history WHERE run_id = 'large'`).toArray(),
    )
    expect(found).toEqual([
      { first_event_id: 5, sequence: 2_000_000, event_count: 1 },
      { first_event_id: 6, sequence: 2_000_001, event_count: 1 },
      { first_event_id: 7, sequence: 2_000_002, event_count: 1 },
    ])
    await inStorage(0, ({ sql }) => void sql.exec(`DELETE FROM history WHERE run_id = 'large'`))
  })
})

function executed(definition: typeof inline, prefix: string, steps: number): Promise<unknown> {
  return client.execute(definition, { workflowId: idOn(0, prefix), input: steps })
}

/** A second that passes meanwhile writes the position of the change events once more: the least is what it takes. */
async function least(measured: (round: string) => Promise<number>): Promise<number> {
  const rows: number[] = []
  for (const round of ['a', 'b', 'c']) rows.push(await measured(round))
  return Math.min(...rows)
}

describe('rows written', () => {
  test('by the start and the end of a run of one step', async () => {
    await executed(oneStep, 'warm-up', 0)
    const rows = await rowsOf(() => executed(oneStep, 'one', 0))
    expect(rows).toBeLessThanOrEqual(8)
  })

  test('by a run for each search attribute that is declared, lists aside', async () => {
    const plain = await rowsWithAttributes('undeclared', { region: 'eu', labels: ['a', 'b'] })
    expect(await rowsWithAttributes('declared', { customerId: 'c-1', total: 5 })).toBe(plain + 2)
  })

  test('by a run of one step on its way to the archive, beside what its batch costs', async () => {
    const by = await passOn(0)
    await toWarm(by, idOn(0, 'warm-up'), idOn(0, 'one'))
    const archived = async (prefix: string, runs: number) => {
      const ids = Array.from({ length: runs }, (_, n) => idOn(0, `${prefix}-${n}`))
      await Promise.all(ids.map((workflowId) => client.execute(oneStep, { workflowId, input: 0 })))
      await world.WORKFLOWS.advance(1_000) // writes the position of the change events down
      return rowsOf(() => toWarm(by, ...ids))
    }
    const few = await least((round) => archived(`few-${round}`, 5))
    const many = await least((round) => archived(`many-${round}`, 25))
    // Its row, and its two rows of history.
    expect((many - few) / 20).toBe(3)
    expect(few - 5 * 3).toBe(5)
  })

  test('by an inline step of a run of fifty', async () => {
    const rows = await rowsOf(() => executed(inline, 'inline', 50))
    expect(rows / 50).toBeLessThanOrEqual(2)
  })

  test('by a queued step of a run of fifty', async () => {
    const rows = await least((round) => rowsOf(() => executed(queued, `queued-${round}`, 50)))
    expect(rows / 50).toBeLessThanOrEqual(2.5)
  })
})
