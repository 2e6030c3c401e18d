import { describe, expect, test } from 'vitest'
import type { HistoryEvent } from '../../shared/core/events.ts'
import { closedStatus, isCommandEvent, isSilentEvent } from '../../shared/core/events.ts'
import { busy, failure, given, noon, open, started } from './runs.ts'

/** The calls of a run that are open, by kind. */
function calls(state: ReturnType<typeof given>) {
  const { activities, steps, timers, children, externals } = state
  return [activities, steps, timers, children, externals].map((kind) => [...kind.keys()])
}

describe('a run', () => {
  test('has not started before its first event, and counts its events', () => {
    expect(given()).toMatchObject({ started: null, closed: null, lastEventId: 0 })
    expect(given(started)).toMatchObject({ started, closed: null, lastEventId: 1, lastAt: noon })
    expect(busy().lastEventId).toBe(7)
  })

  test.each([
    ['completed', { type: 'workflow_completed', at: noon }],
    ['failed', { type: 'workflow_failed', at: noon, error: failure }],
    ['cancelled', { type: 'workflow_cancelled', at: noon, error: failure }],
    ['terminated', { type: 'workflow_terminated', at: noon }],
    ['timed_out', { type: 'workflow_timed_out', at: noon, kind: 'run' }],
  ] as const)('is closed as %s', (status, event) => {
    expect(given(started, event).closed).toBe(status)
    expect(closedStatus(event.type)).toBe(status)
  })

  test('remembers that its cancel was asked for, and the ids of its signals', () => {
    const state = given(
      started,
      { type: 'signal_received', at: noon, name: 'a', signalId: 's-1' },
      { type: 'signal_received', at: noon, name: 'a', signalId: 's-2' },
      { type: 'workflow_cancel_requested', at: noon },
    )
    expect([...state.signalIds]).toEqual(['s-1', 's-2'])
    expect(state.cancelRequested).toBe(true)
  })
})

describe('an open call', () => {
  test('is one of its kind, by its seq', () => {
    expect(calls(busy())).toEqual([[1], [2], [3], [4], [5, 6]])
    const { activities, timers, externals } = busy()
    expect(activities.get(1)).toEqual({ scheduled: open.activity, cancelRequested: false })
    expect(timers.get(3)).toBe(noon + 1_000)
    expect([externals.get(5), externals.get(6)]).toEqual(['signal', 'cancel'])
  })

  test.each<[HistoryEvent['type'], HistoryEvent]>(
    (
      [
        { type: 'activity_completed', at: noon, seq: 1, attempt: 1 },
        { type: 'activity_failed', at: noon, seq: 1, attempt: 1, error: failure },
        { type: 'activity_timed_out', at: noon, seq: 1, attempt: 1, kind: 'heartbeat' },
        { type: 'activity_cancelled', at: noon, seq: 1, attempt: 1 },
        { type: 'step_completed', at: noon, seq: 2, attempt: 1 },
        { type: 'step_failed', at: noon, seq: 2, attempt: 1, error: failure },
        { type: 'step_cancelled', at: noon, seq: 2, attempt: 1 },
        { type: 'timer_fired', at: noon, seq: 3 },
        { type: 'timer_cancelled', at: noon, seq: 3 },
        { type: 'child_start_failed', at: noon, seq: 4, error: failure },
        { type: 'child_completed', at: noon, seq: 4 },
        { type: 'child_failed', at: noon, seq: 4, error: failure },
        { type: 'child_cancelled', at: noon, seq: 4, error: failure },
        { type: 'child_timed_out', at: noon, seq: 4, error: failure },
        { type: 'child_terminated', at: noon, seq: 4, error: failure },
        { type: 'external_signal_delivered', at: noon, seq: 5 },
        { type: 'external_signal_failed', at: noon, seq: 5, error: failure },
        { type: 'external_cancel_delivered', at: noon, seq: 6 },
        { type: 'external_cancel_failed', at: noon, seq: 6, error: failure },
      ] satisfies HistoryEvent[]
    ).map((event) => [event.type, event]),
  )('ends with %s, and no other with it', (_type, event) => {
    const left = calls(busy()).map((seqs) => seqs.filter((seq) => !('seq' in event) || seq !== event.seq))
    expect(calls(busy(event))).toEqual(left)
  })

  test('goes on while its cancel is only asked for', () => {
    const state = busy(
      { type: 'activity_cancel_requested', at: noon, seq: 1 },
      { type: 'step_cancel_requested', at: noon, seq: 2 },
      { type: 'child_cancel_requested', at: noon, seq: 4 },
    )
    expect(state.activities.get(1)?.cancelRequested).toBe(true)
    expect(state.steps.get(2)?.cancelRequested).toBe(true)
    expect(state.children.get(4)?.cancelRequested).toBe(true)
  })

  test('of a child is known to have started once it has', () => {
    expect(busy().children.get(4)?.started).toBeNull()
    const state = busy({ type: 'child_started', at: noon, seq: 4, runId: 'c-1', shard: 1 })
    expect(state.children.get(4)?.started).toEqual({ runId: 'c-1', shard: 1 })
  })
})

describe('folding', () => {
  test('the same history twice gives the same state', () => {
    const more: HistoryEvent = { type: 'activity_completed', at: noon, seq: 1, attempt: 1 }
    expect(busy(more)).toEqual(busy(more))
  })

  test('is total: an end of a call that was never open changes nothing', () => {
    const stray: HistoryEvent[] = [
      { type: 'activity_cancel_requested', at: noon, seq: 9 },
      { type: 'child_started', at: noon, seq: 9, runId: 'c', shard: 0 },
      { type: 'timer_fired', at: noon, seq: 9 },
      { type: 'patch_recorded', at: noon, patchId: 'p' },
      { type: 'signals_discarded', at: noon, signalIds: ['s'], names: ['a'] },
    ]
    expect(calls(busy(...stray))).toEqual(calls(busy()))
  })
})

test('every event is either a command, an outcome or silent', () => {
  expect(Object.values(open).map((event) => isCommandEvent(event))).toEqual(Array(6).fill(true))
  expect([isCommandEvent(started), isSilentEvent(started)]).toEqual([false, false])
  expect(isSilentEvent({ type: 'workflow_terminated', at: noon })).toBe(true)
})
