/** Runs that have lost what makes them go on: found, mended and reported. */
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import type { Finding } from '../../shared/health.ts'
import { breaking, expectEnd, lost, waiting, world } from './broken.ts'
import type { Kind } from './broken.ts'
import { findingsOf } from './health.ts'

const told = vi.spyOn(console, 'log')
beforeEach(() => told.mockClear())
afterEach(() => told.mockClear())

/** What the watchdog has logged. */
function reports(): unknown[] {
  const lines = told.mock.calls.map(([line]) => JSON.parse(String(line)) as Record<string, unknown>)
  return lines
    .filter(({ event }) => event === 'watchdog_found')
    .map(({ code, repaired }) => ({ code, repaired }))
}

/** Breaks, by what has lost its cause: the statements, and what is said of it. */
const MENDED: [kind: Kind, statements: string, found: Pick<Finding, 'code' | 'what'>][] = [
  [
    'timer',
    'DELETE FROM workflow_timers',
    { code: 'cause_missing', what: 'workflow_timers: timer 1, due at 2026-03-03T00:00:00.000Z, has no row' },
  ],
  [
    'timer',
    'UPDATE workflow_timers SET fire_at = fire_at + 86400000',
    {
      code: 'cause_missing',
      what: 'workflow_timers: timer 1, due at 2026-03-03T00:00:00.000Z, has a row that says 2026-03-04T00:00:00.000Z',
    },
  ],
  [
    'timer',
    `INSERT INTO workflow_timers SELECT run_id, 9, workflow_id, 0 FROM workflows`,
    { code: 'row_stray', what: 'workflow_timers: 9 is nothing that the run waits for' },
  ],
  [
    'activity',
    'DELETE FROM workflow_activities',
    { code: 'cause_missing', what: 'workflow_activities: activity 1 (works) has no row' },
  ],
  [
    'keyed',
    'DELETE FROM workflow_activities',
    { code: 'cause_missing', what: 'workflow_activities: activity 1 (works) has no row' },
  ],
  [
    'keyed',
    'DELETE FROM workflow_activities; DELETE FROM concurrency_keys',
    { code: 'cause_missing', what: 'workflow_activities: activity 1 (works) has no row' },
  ],
  [
    'activity',
    'UPDATE workflow_activities SET seq = 9',
    { code: 'cause_missing', what: 'workflow_activities: activity 1 (works) has no row' },
  ],
  [
    'step',
    'UPDATE workflows SET cause = NULL',
    {
      code: 'cause_missing',
      what: 'workflows: step 1 is open, and cause is null: no wake would load the run',
    },
  ],
  [
    'signal',
    'UPDATE workflows SET deadline_at = NULL',
    { code: 'run_differs', what: 'workflows: deadline_at is not what history says' },
  ],
  [
    'signal',
    `UPDATE workflows SET memo = NULL, version = 'x'`,
    { code: 'run_differs', what: 'workflows: memo, version are not what history says' },
  ],
  [
    'signal',
    `INSERT INTO workflow_signals SELECT run_id, 's', workflow_id, 'go', NULL, 0 FROM workflows`,
    { code: 'row_stray', what: 'workflow_signals: s is nothing that the run waits for' },
  ],
  ['signal', 'DELETE FROM workflow_ids', { code: 'id_differs', what: 'workflow_ids has no row for its id' }],
]

describe.each(MENDED)('a run that waits for a %s, after %s', (kind, statements, { code, what }) => {
  test('is found and mended by the check that is asked to', async () => {
    const made = await world()
    const handle = await waiting(made, kind)
    breaking(made, statements)
    const found = { code, workflowId: kind, runId: handle.runId, what }
    expect(await findingsOf(made.platform)).toContainEqual(found)
    expect(await findingsOf(made.platform, { repair: true })).toContainEqual({ ...found, repaired: true })
    expect(await findingsOf(made.platform)).toEqual([])
    await expectEnd(kind, handle, made)
  })

  test('is found, mended and reported by the watchdog of a shard that wakes', async () => {
    const made = await world()
    const handle = await waiting(made, kind)
    breaking(made, statements)
    await lost(made)
    await handle.describe()
    await made.env.settle()
    expect(reports()).toContainEqual({ code, repaired: true })
    expect(await findingsOf(made.platform)).toEqual([])
    await expectEnd(kind, handle, made)
  })
})

test('a paused run whose timer has fallen due long ago is well: it fires when the run is resumed', async () => {
  const made = await world()
  const handle = await waiting(made, 'timer')
  await handle.pause()
  await made.env.advance('5d')
  await lost(made)
  await handle.describe()
  await made.env.advance('1h')
  expect(await findingsOf(made.platform)).toEqual([])
  expect(reports()).toEqual([])
  await handle.resume()
  await made.env.settle()
  expect(await handle.result()).toBe('slept')
})
