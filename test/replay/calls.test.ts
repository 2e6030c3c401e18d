import { describe, expect, test } from 'vitest'
import { CancelledError } from '../../shared/errors.ts'
import { Call, Calls } from '../../shared/replay/calls.ts'
import type { CallFacts } from '../../shared/replay/calls.ts'
import { Scope } from '../../shared/replay/scope.ts'
import { noon } from './driver.ts'

const facts: CallFacts = { kind: 'timer', name: 'sleep', since: noon }

/** A call of `scope` that notes what it is told. */
function noting(scope: Scope) {
  const told: string[] = []
  const call = new Call(facts, scope)
  call.promise.catch(() => {})
  call.onCancel = () => told.push('cancel')
  call.onRelease = () => told.push('release')
  return { call, told }
}

describe('a call', () => {
  test('hears of the cancel of its scope while it is open', () => {
    const scope = new Scope(null)
    const { told } = noting(scope)
    scope.cancel(new CancelledError())
    expect(told).toEqual(['cancel'])
  })

  test('that has settled is nothing to its scope', () => {
    const scope = new Scope(null)
    const { call, told } = noting(scope)
    call.resolve(1)
    scope.cancel(new CancelledError())
    scope.end()
    call.release()
    expect(told).toEqual([])
  })

  test('that was let go of is held by nobody: a run that lets go of timers for ever does not grow', () => {
    const scope = new Scope(null)
    const { call, told } = noting(scope)
    call.release()
    scope.cancel(new CancelledError())
    expect(told).toEqual(['release'])
  })

  test('is let go of once when its scope ends', () => {
    const scope = new Scope(new Scope(null))
    const { told } = noting(scope)
    scope.end()
    scope.end()
    expect(told).toEqual(['release'])
  })
})

describe('the open calls of a run', () => {
  test('are counted by kind: one that ends makes room for one of its kind only', () => {
    const calls = new Calls()
    const scope = new Scope(null)
    for (let seq = 1; seq <= 2_000; seq += 1) calls.add(seq, noting(scope).call)
    const refusal = expect.objectContaining({ code: 'limit_pending' })
    expect(() => calls.checkRoom('timer')).toThrow(refusal)
    expect(() => calls.checkRoom('step')).not.toThrow()
    expect(calls.take(7)?.facts).toEqual(facts)
    expect(calls.take(7)).toBeUndefined()
    expect(() => calls.checkRoom('timer')).not.toThrow()
    expect(calls.pending()).toHaveLength(1_999)
  })
})
