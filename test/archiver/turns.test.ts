import { describe, expect, test } from 'vitest'
import type { HistoryEvent } from '../../shared/core/events.ts'
import { eventsOf, Poisoned } from '../../archiver/rows.ts'
import { noon, oddRuns, seeded } from './batches.ts'

describe('the events of a turn', () => {
  test.each([1, 2, 3])('are cut out of its text as they were written, seed %i', (seed) => {
    for (const { history, ...run } of oddRuns(40, seeded(seed))) {
      const events = eventsOf({ ...run, events: [] }, [JSON.stringify(history)])
      expect(events).toEqual(history.map(rowOf))
    }
  })

  test.each([
    ['spread over lines', (events: object[]) => JSON.stringify(events, null, 1)],
    ['spaced before', (events: object[]) => ` ${JSON.stringify(events)}`],
    ['spaced behind', (events: object[]) => `${JSON.stringify(events).slice(0, -1)} ]\n`],
    ['with the type last', (events: object[]) => JSON.stringify(events.map(withTypeLast))],
    [
      'with an escaped type',
      (events: object[]) => JSON.stringify(events).replaceAll('"signal_', '"\\u0073ignal_'),
    ],
    [
      'with the type twice',
      (events: object[]) => JSON.stringify(events).replaceAll('{"type"', '{"type":"x","type"'),
    ],
  ])('are the same when it is %s', (_how, write) => {
    const events = eventsOf(run, [write(awkward)])
    expect(events.map(({ type, at }) => ({ type, at }))).toEqual(
      awkward.map(({ type, at }) => ({ type, at })),
    )
    expect(events.map(({ data }) => JSON.parse(data) as unknown)).toEqual(
      awkward.map((event) => JSON.parse(rowOf(event).data) as unknown),
    )
  })

  test.each([
    '',
    '[',
    '{}',
    '[1]',
    '[{"type":"timer_fired"}]',
    '[{"type":"timer_fired","at":1.5}]',
    '[{"type":"t","at":1}',
  ])('of no events, %j, poison their run', (turn) => {
    expect(() => eventsOf(run, [turn])).toThrow(Poisoned)
  })
})

const run = {
  workflowId: 'w',
  runId: 'r',
  workflowType: 'order',
  taskQueue: 'orders',
  closedAt: noon,
  historyLength: 4,
  events: [],
}

/** Braces, quotes and backslashes where a scanner might take them for something else. */
const awkward: HistoryEvent[] = [
  { type: 'signal_received', at: noon, name: '}{', payload: { a: ['}', { '{"': '\\"}' }] }, signalId: '\\' },
  { type: 'workflow_completed', at: noon },
  {
    type: 'signal_received',
    at: noon,
    name: '{"type":"x","at":1}',
    payload: [{ type: 'x', at: 1 }],
    signalId: '"',
  },
  { type: 'signal_received', at: noon, name: '\\\\"', payload: null, signalId: '"},{"type":"' },
]

function rowOf({ type, at, ...data }: HistoryEvent): { type: string; at: number; data: string } {
  return { type, at, data: JSON.stringify(data) }
}

function withTypeLast(event: object): object {
  return Object.fromEntries(Object.entries(event).toReversed())
}
