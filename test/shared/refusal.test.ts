import { describe, expect, test } from 'vitest'
import { isPassing } from '../../shared/passing.ts'
import {
  ApplicationError,
  QueryNotRegisteredError,
  WorkflowAlreadyStartedError,
  WorkflowError,
  WorkflowNotFoundError,
} from '../../shared/errors.ts'
import { refusalError } from '../../shared/refusal.ts'

describe('a refusal', () => {
  test('of a start names the run that has the id', () => {
    const refusal = {
      ok: false,
      code: 'workflow_already_started',
      message: 'taken',
      facts: { runId: 'R1' },
    } as const
    const error = refusalError(refusal, 'order-1')
    expect(error).toBeInstanceOf(WorkflowAlreadyStartedError)
    expect(error).toMatchObject({
      code: 'workflow_already_started',
      workflowId: 'order-1',
      runId: 'R1',
      message: 'taken',
    })
  })

  test('of an unknown id names it', () => {
    const error = refusalError({ ok: false, code: 'workflow_not_found', message: 'unknown' }, 'order-1')
    expect(error).toBeInstanceOf(WorkflowNotFoundError)
    expect(error).toMatchObject({ workflowId: 'order-1', message: 'unknown' })
  })

  test('of an unknown query lists the known ones', () => {
    const facts = { known: ['status', 'total'] }
    const error = refusalError({ ok: false, code: 'query_not_registered', message: 'unknown', facts })
    expect(error).toBeInstanceOf(QueryNotRegisteredError)
    expect(error).toMatchObject({ known: ['status', 'total'] })
  })

  test('with the error that a query handler threw is that error', () => {
    const thrown = { name: 'ApplicationError', code: 'application_error', message: 'no total yet' }
    const error = refusalError({ ok: false, code: 'application_error', message: 'it threw', error: thrown })
    expect(error).toBeInstanceOf(ApplicationError)
    expect(error.message).toBe('no total yet')
  })

  test('of any other code keeps code, message, path and cause', () => {
    const error = refusalError({
      ok: false,
      code: 'blocked',
      message: 'the run is blocked',
      facts: { path: 'input.items' },
      error: { name: 'TypeError', code: 'application_error', message: 'inner' },
    })
    expect(error).toBeInstanceOf(WorkflowError)
    expect(error).toMatchObject({ code: 'blocked', message: 'the run is blocked', path: 'input.items' })
    expect(error.cause).toMatchObject({ message: 'inner' })
  })
})

/** Own properties as workerd 1.20261117 sets them, also on errors that crossed a service binding. */
const thrown = (message: string, flags: object = {}): Error => Object.assign(new Error(message), flags)

describe('what a client asks for again', () => {
  test.each([
    thrown('Error: evicted here', { durableObjectReset: true }),
    thrown('Application called abort() to reset Durable Object.', { durableObjectReset: true, remote: true }),
    thrown('Network connection lost.', { retryable: true }),
    thrown('Network connection lost.'),
    thrown('Durable Object is overloaded. Requests queued for too long.', { overloaded: true }),
    new WorkflowError('overloaded', 'too many inputs wait'),
  ])('%s', (error) => {
    expect(isPassing(error)).toBe(true)
  })

  test.each([
    thrown('own defect', { remote: true, durableObjectId: '40' }),
    new TypeError('The RPC receiver does not implement the method "nope".'),
    thrown('Serialized RPC arguments or return values are limited to 32MiB'),
    new WorkflowError('workflow_closed', 'completed'),
    new WorkflowError('shard_count_mismatch', '8, not 4'),
  ])('and what it does not: %s', (error) => {
    expect(isPassing(error)).toBe(false)
  })
})
