import { describe, expect, expectTypeOf, test } from 'vitest'
import { toCdcEvent } from '../../shared/cdc.ts'
import type { WorkflowCdcEvent } from '../../shared/cdc.ts'
import { DEFAULT_RETRY } from '../../shared/core/retry.ts'
import type { HistoryEvent } from '../../shared/core/events.ts'

const noon = Date.UTC(2026, 0, 1, 12)
const error = { name: 'Error', code: 'application_error', message: 'SECRET' }
const source = {
  namespace: 'default',
  shard: 3,
  sequence: 17,
  workflowId: 'order-123',
  runId: 'R1',
  workflowType: 'processOrder',
  taskQueue: 'orders',
  startedAt: noon,
}
const base = {
  id: 'default/3/17',
  namespace: 'default',
  shard: 3,
  sequence: 17,
  timestamp: '2026-01-01T12:00:01.000Z',
  workflowId: 'order-123',
  runId: 'R1',
  workflowType: 'processOrder',
  taskQueue: 'orders',
  eventId: 5,
  schemaVersion: 1,
}
const at = noon + 1_000

describe('the change event of', () => {
  test.each<[HistoryEvent, object]>([
    [
      {
        type: 'workflow_started',
        at,
        workflowType: 'processOrder',
        taskQueue: 'orders',
        input: 'SECRET',
        memo: { note: 'SECRET' },
        searchAttributes: { region: 'SECRET' },
        version: '1',
        requestId: 'q-1',
      },
      { type: 'workflow.started' },
    ],
    [
      { type: 'workflow_completed', at, result: 'SECRET' },
      { type: 'workflow.completed', status: 'completed', durationMs: 1_000 },
    ],
    [
      { type: 'workflow_failed', at, error },
      { type: 'workflow.failed', status: 'failed', durationMs: 1_000 },
    ],
    [
      { type: 'workflow_timed_out', at, kind: 'execution' },
      { type: 'workflow.timed_out', status: 'timed_out', durationMs: 1_000, kind: 'execution' },
    ],
    [{ type: 'workflow_cancel_requested', at, reason: 'SECRET' }, { type: 'workflow.cancel_requested' }],
    [
      {
        type: 'activity_scheduled',
        at,
        seq: 2,
        activityType: 'reserve',
        taskQueue: 'stock',
        input: 'SECRET',
        retry: DEFAULT_RETRY,
        timeouts: { startToCloseMs: 1 },
        cancellation: 'wait',
      },
      { type: 'workflow.activity_scheduled', seq: 2, activityType: 'reserve' },
    ],
    [
      {
        type: 'step_scheduled',
        at,
        seq: 3,
        name: 'price',
        retry: DEFAULT_RETRY,
        timeouts: { startToCloseMs: 1 },
      },
      { type: 'workflow.step_scheduled', seq: 3, name: 'price' },
    ],
    [{ type: 'memo_upserted', at, memo: { a: 'SECRET' } }, { type: 'workflow.memo_upserted' }],
    [
      { type: 'search_attributes_upserted', at, searchAttributes: { a: 'SECRET' } },
      { type: 'workflow.search_attributes_upserted' },
    ],
    [
      { type: 'update_accepted', at, updateId: 'u-1', name: 'add', args: ['SECRET'] },
      { type: 'workflow.update_accepted', updateId: 'u-1', name: 'add' },
    ],
    [
      { type: 'signal_received', at, name: 'payment', payload: 'SECRET', signalId: 's-1' },
      { type: 'workflow.signal_received', name: 'payment' },
    ],
    [
      { type: 'signals_discarded', at, signalIds: ['s-1'], names: ['payment'] },
      { type: 'workflow.signals_discarded', names: ['payment'] },
    ],
    [
      {
        type: 'child_requested',
        at,
        seq: 4,
        workflowId: 'ship-1',
        workflowType: 'ship',
        input: 'SECRET',
        parentClosePolicy: 'terminate',
        cancellation: 'wait',
        idReuse: 'allow',
        idConflict: 'fail',
      },
      { type: 'workflow.child_requested', seq: 4, child: { workflowId: 'ship-1', workflowType: 'ship' } },
    ],
    [
      { type: 'child_failed', at, seq: 4, error },
      { type: 'workflow.child_failed', seq: 4 },
    ],
    [
      { type: 'external_signal_requested', at, seq: 5, workflowId: 'other-1', name: 'go', payload: 'SECRET' },
      { type: 'workflow.external_signal_requested', seq: 5, name: 'go', target: { workflowId: 'other-1' } },
    ],
    [
      { type: 'patch_recorded', at, patchId: 'p-1' },
      { type: 'workflow.patch_recorded', patchId: 'p-1' },
    ],
  ])('$type says what happened and holds no payload', (event, expected) => {
    const told = toCdcEvent(source, 5, event)
    expect(told).toEqual({ ...base, ...expected })
    expect(JSON.stringify(told)).not.toContain('SECRET')
  })

  test('an activity’s outcome names the activity, which its history event does not', () => {
    const event: HistoryEvent = { type: 'activity_completed', at, seq: 2, attempt: 1, result: 'SECRET' }
    const expected = { type: 'workflow.activity_completed', seq: 2, attempt: 1, activityType: 'reserve' }
    expect(toCdcEvent({ ...source, activityType: 'reserve' }, 5, event)).toEqual({ ...base, ...expected })
    expect(() => toCdcEvent(source, 5, event)).toThrow('activityType')
  })

  test('an activity’s failure does too', () => {
    const event: HistoryEvent = { type: 'activity_failed', at, seq: 2, attempt: 3, error }
    const expected = { type: 'workflow.activity_failed', seq: 2, attempt: 3, activityType: 'reserve' }
    expect(toCdcEvent({ ...source, activityType: 'reserve' }, 5, event)).toEqual({ ...base, ...expected })
  })
})

function durationOf(event: WorkflowCdcEvent): number | undefined {
  if (event.type === 'workflow.activity_completed') expectTypeOf(event.activityType).toEqualTypeOf<string>()
  return event.type === 'workflow.completed' ? event.durationMs : undefined
}

test('consumers tell change events apart by type', () => {
  expect(durationOf(toCdcEvent(source, 5, { type: 'workflow_completed', at }))).toBe(1_000)
})
