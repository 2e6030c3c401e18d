import { describe, expect, test } from 'vitest'
import type { RecordedEvent } from '../../dashboard/api/shapes.ts'
import { barsOf } from '../../dashboard/run/bars.ts'
import type { Bar } from '../../dashboard/run/bars.ts'
import type { HistoryEvent } from '../../shared/core/events.ts'
import { recorded } from '../replay/recordings.ts'

const open = { pending: [], closedAt: undefined }

describe('a timeline', () => {
  test('has a bar for each call, from where it was made to where it was answered', () => {
    const bars = barsOf(history(...recorded('order-completed.jsonl').history), open)
    expect(bars.map(shown)).toMatchInlineSnapshot(`
      [
        "activity reserveInventory: completed, attempt 1, events 2 3",
        "activity reserveInventory: completed, attempt 1, events 4 5",
        "activity reserveInventory: completed, attempt 1, events 6 7",
        "timer timer: cancelled, attempt 1, events 8 10",
        "signal payment: completed, attempt 1, events 9",
        "activity shipOrder: completed, attempt 1, events 11 12",
      ]
    `)
  })

  test('has what is left open end with its run', () => {
    const events = history(
      { type: 'timer_started', at: 1_000, seq: 1, fireAt: 9_000 },
      { type: 'workflow_terminated', at: 4_000 },
    )
    expect(barsOf(events, { pending: [], closedAt: 4_000 })).toMatchObject([
      { kind: 'timer', from: 1_000, to: 4_000, outcome: 'left open' },
    ])
  })

  test('shows the attempts of what is pending, and when the next one begins', () => {
    const events = history({
      type: 'activity_scheduled',
      at: 0,
      seq: 3,
      activityType: 'charge',
      taskQueue: 'q',
    })
    const lastError = { name: 'Error', message: 'declined', code: 'application_error' }
    const pending = [
      { activityId: 'run/3', activityType: 'charge', attempt: 4, nextAttemptAt: 8_000, lastError },
    ]
    expect(barsOf(events, { pending, closedAt: undefined })).toMatchObject([
      { outcome: 'open', to: null, attempt: 4, until: 8_000, lastError },
    ])
  })

  test('keeps the attempts of what has ended', () => {
    const events = history(
      { type: 'activity_scheduled', at: 0, seq: 1, activityType: 'charge', taskQueue: 'q' },
      { type: 'activity_completed', at: 5_000, seq: 1, attempt: 3 },
    )
    expect(barsOf(events, open)).toMatchObject([{ outcome: 'completed', attempt: 3, eventIds: [1, 2] }])
  })

  test('takes an event about a call of an earlier run for none of its own', () => {
    const events = history(
      { type: 'timer_started', at: 0, seq: 1, fireAt: 9_000 },
      { type: 'carried_child_closed', at: 1_000, parentRunId: 'before', seq: 1 },
    )
    expect(barsOf(events, open)).toMatchObject([{ kind: 'timer', eventIds: [1] }])
  })

  test.each([
    'everything-cancelled',
    'order-children',
    'messaging-completed',
    'scheduled',
    'steps-cancelled',
  ])('of %s has no bar that ends before it begins', (name) => {
    const bars = barsOf(history(...recorded(`${name}.jsonl`).history), open)
    expect(bars.length).toBeGreaterThan(0)
    expect(bars.filter(({ from, to }) => to !== null && to < from)).toEqual([])
  })
})

function shown({ kind, label, outcome, attempt, eventIds }: Bar): string {
  return `${kind} ${label}: ${outcome}, attempt ${attempt}, events ${eventIds.join(' ')}`
}

function history(...events: HistoryEvent[]): RecordedEvent[] {
  return events.map((event, place) => ({ eventId: place + 1, event }))
}
