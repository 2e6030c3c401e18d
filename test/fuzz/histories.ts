/** Histories: the machine over inputs in any order, and files of history that somebody has edited. */
import * as fc from 'fast-check'
import type { HistoryEvent } from '../../shared/core/events.ts'
import { decide } from '../../shared/core/decide.ts'
import type { Input } from '../../shared/core/inputs.ts'
import { emptyState, evolve } from '../../shared/core/state.ts'
import { toCdcEvent } from '../../shared/cdc.ts'
import type { Json } from '../../shared/payload.ts'
import { replayHistory } from '../../testing/index.ts'
import { definitionOf, names, recorded, textOf } from '../replay/recordings.ts'
import { hostileJson, hostileText } from './hostile.ts'
import { mutatedJson, mutatedText } from './mutated.ts'
import { awaitedVerdict, holds, target } from './target.ts'
import type { Target } from './target.ts'

const files = names.map((name) => ({ ...recorded(name), text: textOf(name) }))
const file = fc.constantFrom(...files)
const text = fc.constantFrom('', 'a', '__proto__', 'request-1', '01RUN')
const seq = fc.nat(12)
const at = fc.constantFrom(0, 1_767_268_800_000, 2 ** 53)
const failure = fc.constant({ name: 'Error', message: 'm', code: 'application_error' })
const payload = hostileJson

function input<T extends Input['type']>(
  type: T,
  fields: { [K in Exclude<keyof Extract<Input, { type: T }>, 'type'>]?: fc.Arbitrary<unknown> },
): fc.Arbitrary<Input> {
  return fc
    .record(fields as Record<string, fc.Arbitrary<unknown>>)
    .map((made) => ({ type, ...made }) as unknown as Input) // each field by an arbitrary of its own
}

const end = fc.oneof(
  fc.record({ kind: fc.constant('completed'), result: payload }),
  fc.record({ kind: fc.constant('failed'), error: failure }),
  fc.record({ kind: fc.constant('cancelled') }),
)
const inputs: fc.Arbitrary<Input> = fc.oneof(
  input('start_workflow', {
    workflowType: text,
    taskQueue: text,
    version: text,
    requestId: text,
    input: payload,
  }),
  input('signal_workflow', { name: text, payload, signalId: text }),
  input('update_workflow', { updateId: text, name: text, args: payload }),
  input('request_cancel', { reason: text }),
  input('terminate_workflow', { nextRunId: text }),
  input('time_out_workflow', {}),
  input('pause_workflow', { reason: text }),
  input('resume_workflow', {}),
  input('end_start_delay', {}),
  input('resolve_activity', { seq, attempt: seq, end }),
  input('resolve_activity', {
    seq,
    attempt: seq,
    end: fc.constant({ kind: 'timed_out', timeout: 'heartbeat' }),
  }),
  input('resolve_step', { seq, attempt: seq, end }),
  input('fire_timer', { seq }),
  input('confirm_child', { seq, runId: text, shard: seq }),
  input('confirm_child', { seq, runId: text, shard: seq, parentRunId: text }),
  input('refuse_child', { seq, error: failure }),
  input('close_child', { seq, status: fc.constantFrom('completed', 'failed', 'timed_out'), result: payload }),
  input('close_child', { seq, parentRunId: text, status: fc.constant('terminated'), error: failure }),
  input('resolve_external', { seq, what: fc.constantFrom('signal', 'cancel') }),
  input('resolve_external', { seq, what: fc.constant('signal'), error: failure }),
)

/** Events of any of the files, in any order, some of them twice. */
const shuffled = fc
  .tuple(file, file, fc.array(fc.nat(), { maxLength: 12 }), fc.boolean())
  .map(([one, other, places, begun]): HistoryEvent[] => {
    const all = [...one.history, ...other.history]
    return [...(begun ? one.history.slice(0, 1) : []), ...places.map((place) => all[place % all.length]!)]
  })

const line = fc.tuple(file, fc.nat(), hostileJson).chain(([{ text: whole, header }, place, json]) => {
  const lines = whole.trim().split('\n')
  const which = place % lines.length
  const damaged = fc.oneof(
    mutatedJson(fc.constant(JSON.parse(lines[which]!) as Json)).map(jsonText),
    mutatedText(fc.constant(lines[which]!)),
    fc.constant(jsonText(json)),
    fc.constant(''),
    fc.constant(`${lines[which]}\n${lines[which]}`),
  )
  return damaged.map((other) => ({ header, history: lines.with(which, other).join('\n') }))
})

function jsonText(json: Json): string {
  try {
    return JSON.stringify(json)
  } catch {
    return '['.repeat(100_000) + ']'.repeat(100_000) // nested too deep for JSON.stringify
  }
}

export const historyTargets: readonly Target[] = [
  target(
    { name: 'history-decide', weight: 150 },
    fc.tuple(shuffled, fc.array(fc.tuple(inputs, at), { maxLength: 8 })),
    ([history, given]) => {
      const state = history.reduce(evolve, emptyState('order-1', '01RUN'))
      let events = 0
      for (const [one, now] of given) {
        const before = state.lastAt
        for (const event of decide(state, one, now)) {
          holds(event.at >= before, 'time does not go back')
          evolve(state, event)
          events++
        }
      }
      holds(state.lastEventId === history.length + events, 'every event has a number')
      return events > 0 ? 'accepted' : 'refused'
    },
  ),
  target({ name: 'history-cdc', weight: 40 }, fc.tuple(shuffled, hostileText), ([history, name]) => {
    const source = {
      namespace: name,
      shard: 0,
      sequence: 1,
      workflowId: name,
      runId: '01RUN',
      workflowType: name,
    }
    for (const [index, event] of history.entries()) {
      const told = toCdcEvent(
        { ...source, taskQueue: name, startedAt: 0, activityType: 'a' },
        index + 1,
        event,
      )
      holds(!('input' in told) && !('result' in told) && !('payload' in told), 'no payload is told of')
    }
    return 'accepted'
  }),
  target({ name: 'history-replay', weight: 15 }, line, ({ header, history }) =>
    awaitedVerdict(() => replayHistory(definitionOf(header), history)),
  ),
]
