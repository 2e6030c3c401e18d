import { describe, expect, test } from 'vitest'
import { decide, record } from '../../shared/core/decide.ts'
import type { HistoryEvent } from '../../shared/core/events.ts'
import type { Input } from '../../shared/core/inputs.ts'
import { evolve } from '../../shared/core/state.ts'
import { busy, failure, given, noon, started } from './runs.ts'

const start: Input = {
  type: 'start_workflow',
  workflowType: 'order',
  taskQueue: 'default',
  version: 'test',
  requestId: 'request-1',
}
const later = noon + 500

/** Every input of an open run, and what is recorded of it. */
const cases: [string, Input, Partial<HistoryEvent>][] = [
  [
    'a signal',
    { type: 'signal_workflow', name: 'paid', payload: 7, signalId: 's-1' },
    { type: 'signal_received', name: 'paid', payload: 7, signalId: 's-1' },
  ],
  [
    'a cancel request',
    { type: 'request_cancel', reason: 'late' },
    { type: 'workflow_cancel_requested', reason: 'late' },
  ],
  [
    'a termination',
    { type: 'terminate_workflow', reason: 'stuck' },
    { type: 'workflow_terminated', reason: 'stuck' },
  ],
  ['a deadline', { type: 'time_out_workflow' }, { type: 'workflow_timed_out', kind: 'execution' }],
  [
    'a result of an activity',
    { type: 'resolve_activity', seq: 1, attempt: 2, end: { kind: 'completed', result: 'r' } },
    { type: 'activity_completed', seq: 1, attempt: 2, result: 'r' },
  ],
  [
    'a failure of an activity',
    { type: 'resolve_activity', seq: 1, attempt: 3, end: { kind: 'failed', error: failure } },
    { type: 'activity_failed', seq: 1, attempt: 3, error: failure },
  ],
  [
    'a timeout of an activity',
    {
      type: 'resolve_activity',
      seq: 1,
      attempt: 1,
      end: { kind: 'timed_out', timeout: 'heartbeat', lastFailure: failure },
    },
    { type: 'activity_timed_out', seq: 1, attempt: 1, kind: 'heartbeat', lastFailure: failure },
  ],
  [
    'a cancelled activity',
    { type: 'resolve_activity', seq: 1, attempt: 1, end: { kind: 'cancelled' } },
    { type: 'activity_cancelled', seq: 1, attempt: 1 },
  ],
  [
    'a result of a step',
    { type: 'resolve_step', seq: 2, attempt: 1, end: { kind: 'completed', result: 1 } },
    { type: 'step_completed', seq: 2, attempt: 1, result: 1 },
  ],
  [
    'a failure of a step',
    { type: 'resolve_step', seq: 2, attempt: 1, end: { kind: 'failed', error: failure } },
    { type: 'step_failed', seq: 2, attempt: 1, error: failure },
  ],
  [
    'a cancelled step',
    { type: 'resolve_step', seq: 2, attempt: 2, end: { kind: 'cancelled' } },
    { type: 'step_cancelled', seq: 2, attempt: 2 },
  ],
  ['a timer', { type: 'fire_timer', seq: 3 }, { type: 'timer_fired', seq: 3 }],
  [
    'a child that has started',
    { type: 'confirm_child', seq: 4, runId: 'c-1', shard: 1 },
    { type: 'child_started', seq: 4, runId: 'c-1', shard: 1 },
  ],
  [
    'a child refused',
    { type: 'refuse_child', seq: 4, error: failure },
    { type: 'child_start_failed', seq: 4, error: failure },
  ],
  [
    'a child that completed',
    { type: 'close_child', seq: 4, status: 'completed', result: 'r' },
    { type: 'child_completed', seq: 4, result: 'r' },
  ],
  [
    'a child that failed',
    { type: 'close_child', seq: 4, status: 'failed', error: failure },
    { type: 'child_failed', seq: 4, error: failure },
  ],
  [
    'a child that was cancelled',
    { type: 'close_child', seq: 4, status: 'cancelled', error: failure },
    { type: 'child_cancelled', seq: 4, error: failure },
  ],
  [
    'a child that was terminated',
    { type: 'close_child', seq: 4, status: 'terminated', error: failure },
    { type: 'child_terminated', seq: 4, error: failure },
  ],
  [
    'a child that timed out',
    { type: 'close_child', seq: 4, status: 'timed_out', error: failure },
    { type: 'child_timed_out', seq: 4, error: failure },
  ],
  [
    'a signal delivered elsewhere',
    { type: 'resolve_external', seq: 5, what: 'signal' },
    { type: 'external_signal_delivered', seq: 5 },
  ],
  [
    'a cancel refused elsewhere',
    { type: 'resolve_external', seq: 6, what: 'cancel', error: failure },
    { type: 'external_cancel_failed', seq: 6, error: failure },
  ],
]

test('a start is the first event of a run, whatever the start carries', () => {
  const input = { ...start, input: { id: 1 }, memo: { note: 'm' }, executionDeadlineAt: noon + 5 }
  const { type: _, ...facts } = input
  expect(decide(given(), input, noon)).toEqual([{ type: 'workflow_started', at: noon, ...facts }])
})

describe('an input of an open run is recorded once', () => {
  test.each(cases)('%s', (_title, input, event) => {
    expect(decide(busy(), input, later)).toEqual([{ at: later, ...event }])
  })
})

describe('a second time, it changes nothing', () => {
  test.each(cases)('%s', (_title, input) => {
    const state = busy()
    for (const event of decide(state, input, later)) evolve(state, event)
    expect(decide(state, input, later)).toEqual([])
  })

  test('a start', () => {
    expect(decide(given(started), start, later)).toEqual([])
  })

  test('a cancel request with another reason', () => {
    const state = given(started, { type: 'workflow_cancel_requested', at: noon })
    expect(decide(state, { type: 'request_cancel', reason: 'again' }, later)).toEqual([])
  })

  test('a signal with the id of one received, under another name', () => {
    const state = given(started, { type: 'signal_received', at: noon, name: 'paid', signalId: 's-1' })
    expect(decide(state, { type: 'signal_workflow', name: 'other', signalId: 's-1' }, later)).toEqual([])
  })

  test('another end of a call that has ended', () => {
    const state = busy({ type: 'activity_completed', at: noon, seq: 1, attempt: 1 })
    const input: Input = {
      type: 'resolve_activity',
      seq: 1,
      attempt: 1,
      end: { kind: 'failed', error: failure },
    }
    expect(decide(state, input, later)).toEqual([])
  })

  test('a start of a child that has started, confirmed or refused', () => {
    const state = busy({ type: 'child_started', at: noon, seq: 4, runId: 'c-1', shard: 0 })
    expect(decide(state, { type: 'confirm_child', seq: 4, runId: 'c-2', shard: 1 }, later)).toEqual([])
    expect(decide(state, { type: 'refuse_child', seq: 4, error: failure }, later)).toEqual([])
  })
})

describe('before the start and after the close, nothing is recorded', () => {
  const closings: HistoryEvent[] = [
    { type: 'workflow_completed', at: noon },
    { type: 'workflow_failed', at: noon, error: failure },
    { type: 'workflow_cancelled', at: noon, error: failure },
    { type: 'workflow_terminated', at: noon },
    { type: 'workflow_timed_out', at: noon, kind: 'run' },
  ]

  test.each(cases)('%s', (_title, input) => {
    expect(decide(given(), input, later)).toEqual([])
    for (const closing of closings) expect(decide(busy(closing), input, later)).toEqual([])
  })
})

describe('what answers no open call is nothing', () => {
  test.each<[string, Input]>([
    [
      'an activity never scheduled',
      { type: 'resolve_activity', seq: 9, attempt: 1, end: { kind: 'cancelled' } },
    ],
    ['the seq of another kind', { type: 'resolve_activity', seq: 2, attempt: 1, end: { kind: 'completed' } }],
    ['a timer that was cancelled', { type: 'fire_timer', seq: 9 }],
    ['a cancel where a signal was asked for', { type: 'resolve_external', seq: 5, what: 'cancel' }],
  ])('%s', (_title, input) => {
    expect(decide(busy(), input, later)).toEqual([])
  })

  test('a timer that its run cancelled', () => {
    const state = busy({ type: 'timer_cancelled', at: noon, seq: 3 })
    expect(decide(state, { type: 'fire_timer', seq: 3 }, later)).toEqual([])
  })
})

describe('the time of an event', () => {
  test('never goes back, whatever the clock says', () => {
    const state = given({ ...started, at: later })
    expect(decide(state, { type: 'request_cancel' }, noon)).toMatchObject([{ at: later }])
    expect(decide(state, { type: 'request_cancel' }, later + 1)).toMatchObject([{ at: later + 1 }])
  })

  test('is the same for the commands that an input led to', () => {
    const state = given({ ...started, at: later })
    const commands = [
      { type: 'timer_started', seq: 1, fireAt: later + 5 },
      { type: 'workflow_completed', result: 1 },
    ] as const
    expect(record(state, commands, noon)).toEqual(commands.map((command) => ({ ...command, at: later })))
  })
})

test('a child that closed without an error still says that it failed', () => {
  const [event] = decide(busy(), { type: 'close_child', seq: 4, status: 'terminated' }, noon)
  expect(event).toMatchObject({ type: 'child_terminated', error: { message: 'terminated' } })
})

test('what was not given is not recorded', () => {
  const [signal] = decide(given(started), { type: 'signal_workflow', name: 'a', signalId: 's' }, noon)
  expect(signal).not.toHaveProperty('payload')
  const [end] = decide(busy(), { type: 'resolve_step', seq: 2, attempt: 1, end: { kind: 'completed' } }, noon)
  expect(end).not.toHaveProperty('result')
  const [cancel] = decide(given(started), { type: 'request_cancel' }, noon)
  expect(cancel).not.toHaveProperty('reason')
})
