import { describe, expect, test } from 'vitest'
import { decide } from '../../shared/core/decide.ts'
import type { HistoryEvent } from '../../shared/core/events.ts'
import { payloadOf } from '../../shared/core/events.ts'
import type { Input, UpdateRefusal } from '../../shared/core/inputs.ts'
import { inputPayload } from '../../shared/core/inputs.ts'
import { updatesFull } from '../../shared/core/state.ts'
import { failure, given, noon, started } from './runs.ts'

const asked = (updateId: string, refusal?: UpdateRefusal): Input => ({
  type: 'update_workflow',
  updateId,
  name: 'add',
  args: [1],
  ...(refusal && { refusal }),
})
const accepted = (updateId: string): HistoryEvent => ({
  type: 'update_accepted',
  at: noon,
  updateId,
  name: 'add',
  args: [1],
})
const completed: HistoryEvent = { type: 'update_completed', at: noon, updateId: 'u-1', result: 2 }
const failed: HistoryEvent = { type: 'update_failed', at: noon, updateId: 'u-2', error: failure }

describe('an update', () => {
  test('is accepted once, whether it is under way or has ended', () => {
    expect(decide(given(started), asked('u-1'), noon)).toEqual([accepted('u-1')])
    expect(decide(given(started, accepted('u-1')), asked('u-1'), noon)).toEqual([])
    expect(decide(given(started, accepted('u-1'), completed), asked('u-1'), noon)).toEqual([])
  })

  test('that the code refuses leaves nothing, nor does one of a run that is not open', () => {
    const refusal = { code: 'update_rejected', message: 'no' } as const
    expect(decide(given(started), asked('u-1', refusal), noon)).toEqual([])
    expect(decide(given(), asked('u-1'), noon)).toEqual([])
    expect(decide(given(started, { type: 'workflow_completed', at: noon }), asked('u-1'), noon)).toEqual([])
  })

  test('is no eleventh in flight', () => {
    const state = given(started, ...Array.from({ length: 10 }, (_, i) => accepted(`u-${i}`)))
    expect(updatesFull(state)).toBe(true)
    expect(decide(state, asked('u-10'), noon)).toEqual([])
    const room = given(started, ...Array.from({ length: 10 }, (_, i) => accepted(`u-${i}`)), completed)
    expect(updatesFull(room)).toBe(false)
    expect(decide(room, asked('u-10'), noon)).toEqual([accepted('u-10')])
  })

  test('is known with its end, and carries one payload', () => {
    const state = given(started, accepted('u-1'), accepted('u-2'), accepted('u-3'), completed, failed)
    expect([...state.updates]).toEqual([
      ['u-1', completed],
      ['u-2', failed],
      ['u-3', null],
    ])
    expect(state.updatesInFlight).toBe(1)
    expect(payloadOf(accepted('u-1'))).toEqual([1])
    expect(inputPayload(asked('u-1'))).toEqual([1])
  })
})
