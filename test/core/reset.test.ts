import { expect, test } from 'vitest'
import { heardAgain, resetHistory, resetPoint } from '../../shared/core/reset.ts'
import type { HistoryEvent } from '../../shared/core/events.ts'
import { given, noon, open, started } from './runs.ts'

const signalled: HistoryEvent = { type: 'signal_received', at: noon, name: 'go', signalId: 's-1', payload: 1 }
const ended: HistoryEvent = { type: 'workflow_completed', at: noon }
const history = [started, open.activity, open.step, open.child, signalled, ended]
const reset = { from: '01OLD', runId: '01NEW', eventId: 4, reason: 'r', requestId: 'q', now: noon + 5 }

test.each([
  [{ toEvent: 1 }, 1],
  [{ toEvent: 5 }, 5],
  [{ toActivity: 'reserve' }, 1],
  [{ toActivity: '01RUN/1' }, 1],
  [{ toActivity: 'fetch' }, 2],
])('a reset %j keeps the events up to %i', (to, eventId) => {
  expect(resetPoint(history, to)).toEqual({ ok: true, eventId })
})

test.each([
  [{ toEvent: 0 }, 'toEvent'],
  [{ toEvent: 6 }, 'toEvent'],
  [{}, 'toEvent'],
  [{ toActivity: 'pack' }, 'toActivity'],
])('a reset %j is refused by its path %s', (to, path) => {
  expect(resetPoint(history, to)).toMatchObject({ ok: false, path })
})

test('what the end discards is no event that a reset can keep', () => {
  const discarded: HistoryEvent = { type: 'signals_discarded', at: noon, signalIds: ['s-1'], names: ['go'] }
  const whole = [started, signalled, discarded, ended]
  expect(resetPoint(whole, { toEvent: 2 })).toEqual({ ok: true, eventId: 2 })
  expect(resetPoint(whole, { toEvent: 3 })).toMatchObject({ ok: false, path: 'toEvent' })
})

test('the history taken over is the old one, but for what names the run and what counts from now', () => {
  const deadline = { ...started, executionDeadlineAt: noon + 100 }
  const [first, ...later] = resetHistory([deadline, ...history.slice(1)], reset)
  expect(first).toMatchObject({ firstRunId: '01OLD', previousRunId: '01OLD', seed: '01OLD', requestId: 'q' })
  expect(first).toMatchObject({ at: noon, resetAt: noon + 5, executionDeadlineAt: noon + 105 })
  expect(later).toEqual([
    ...history.slice(1, 4),
    {
      type: 'workflow_reset',
      at: noon + 5,
      runId: '01OLD',
      toEvent: 4,
      seed: '01NEW',
      callsKept: 3,
      reason: 'r',
    },
  ])
})

test('signals behind the point are heard again, and the ends of children from before it', () => {
  const state = given(...resetHistory(history, reset))
  const closed: HistoryEvent = { type: 'child_completed', at: noon, seq: 4, result: 2 }
  const other: HistoryEvent = { type: 'child_completed', at: noon, seq: 9, result: 2 }
  expect(heardAgain(state, [signalled, closed, other, ended])).toEqual([
    { type: 'signal_workflow', name: 'go', signalId: 's-1', payload: 1 },
    { type: 'close_child', seq: 4, parentRunId: '01OLD', status: 'completed', result: 2 },
  ])
})
