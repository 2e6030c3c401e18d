import { describe, expect, test } from 'vitest'
import { deserializeError, serializeError } from '../../shared/core/failure.ts'
import { isNonRetryable, DEFAULT_RETRY } from '../../shared/core/retry.ts'
import {
  ActivityError,
  ApplicationError,
  CancelledError,
  ChildWorkflowError,
  NonDeterminismError,
  QueryNotRegisteredError,
  SignalTimeoutError,
  TerminatedError,
  TimeoutError,
  WorkerShutdownError,
  WorkflowAlreadyStartedError,
  WorkflowError,
  WorkflowFailedError,
  WorkflowNotFoundError,
} from '../../shared/errors.ts'
import type { SerializedError } from '../../shared/errors.ts'

/** Over one hop, which carries JSON. */
function hop(thrown: unknown): WorkflowError {
  return deserializeError(JSON.parse(JSON.stringify(serializeError(thrown))) as SerializedError)
}

const cause = new ApplicationError('no funds', { type: 'CardDeclined' })
const run = { workflowId: 'w', runId: 'r', status: 'timed_out' } as const

describe('an error of ours', () => {
  test.each<[string, WorkflowError]>([
    ['WorkflowError', new WorkflowError('invalid_argument', 'bad', { path: 'input.a', cause })],
    ['WorkflowError without path', new WorkflowError('overloaded', 'later')],
    ['ApplicationError', cause],
    [
      'ApplicationError with everything',
      new ApplicationError('m', {
        type: 'T',
        nonRetryable: true,
        retryAfter: '5 minutes',
        details: { at: new Date(5), ids: new Set([1n]), $type: 'x' },
        cause,
      }),
    ],
    ['ActivityError', new ActivityError('charge', 3, cause)],
    ['TimeoutError', new TimeoutError('heartbeat', 'no heartbeat', cause)],
    ['SignalTimeoutError', new SignalTimeoutError('approve', 'approve did not come')],
    ['CancelledError', new CancelledError('by operator')],
    ['CancelledError without reason', new CancelledError()],
    ['TerminatedError', new TerminatedError('by parent')],
    ['WorkerShutdownError', new WorkerShutdownError('deploy')],
    ['ChildWorkflowError', new ChildWorkflowError('child-1', cause)],
    ['WorkflowFailedError', new WorkflowFailedError(run, new TimeoutError('run', 'too long'))],
    ['WorkflowAlreadyStartedError', new WorkflowAlreadyStartedError('w', 'r', 'taken')],
    ['WorkflowNotFoundError', new WorkflowNotFoundError('w', 'gone')],
    [
      'NonDeterminismError',
      new NonDeterminismError(7, { expected: 'timer', actual: 'activity', message: 'look' }),
    ],
    ['QueryNotRegisteredError', new QueryNotRegisteredError('no such query', ['state', 'total'])],
  ])('%s comes back as its class with all its fields', (_title, error) => {
    const back = hop(error)
    expect(back.constructor).toBe(error.constructor)
    expect(Object.entries(back)).toEqual(Object.entries(error))
    expect([back.message, back.stack, String(back)]).toEqual([error.message, error.stack, String(error)])
    expect(back.cause).toEqual(error.cause)
    expect(serializeError(back)).toEqual(serializeError(error))
  })

  test('of a class of the user on top of ours keeps the type, the fields and the hint to retry', () => {
    class OutOfStock extends ApplicationError {
      override readonly name = 'OutOfStock'
      readonly sku = 'a-1'
      readonly describe = () => this.sku
    }
    const error = new OutOfStock('none left', { retryAfter: 5_000 })
    const back = hop(error) as OutOfStock
    expect(back).toBeInstanceOf(ApplicationError)
    expect(back).toMatchObject({ type: 'OutOfStock', sku: 'a-1', retryAfter: 5_000, message: 'none left' })
    expect('describe' in back).toBe(false)
    for (const each of [error, back]) {
      expect(isNonRetryable({ ...DEFAULT_RETRY, nonRetryable: ['OutOfStock'] }, serializeError(each))).toBe(
        true,
      )
    }
  })

  test('puts its fields into facts and its details as a payload', () => {
    const error = new ApplicationError('m', {
      type: 'T',
      nonRetryable: true,
      retryAfter: '1s',
      details: new Date(0),
    })
    expect(serializeError(error)).toEqual({
      name: 'ApplicationError',
      message: 'm',
      code: 'application_error',
      stack: error.stack,
      facts: { type: 'T', nonRetryable: true, retryAfter: '1s' },
      details: { $type: 'Date', value: '1970-01-01T00:00:00.000Z' },
    })
  })
})

describe("the application's own error", () => {
  test('comes back as an ApplicationError with its name as the type, its stack and its causes', () => {
    const error = new TypeError('x is undefined', { cause: new RangeError('inner', { cause: 'root' }) })
    const back = hop(error)
    expect(back).toBeInstanceOf(ApplicationError)
    expect(back).toMatchObject({ type: 'TypeError', code: 'application_error', nonRetryable: false })
    expect([back.name, back.message, back.stack]).toEqual(['ApplicationError', error.message, error.stack])
    expect(back.cause).toMatchObject({ type: 'RangeError', message: 'inner' })
    expect((back.cause as Error).cause).toMatchObject({ message: 'root' })
  })

  test('keeps its type over many hops', () => {
    expect(hop(hop(hop(new TypeError('x'))))).toMatchObject({ type: 'TypeError', message: 'x' })
  })

  test('keeps its details, or else the plain fields a person looks for', () => {
    const error = Object.assign(new Error('m'), { details: { tries: 2n }, code: 'E' })
    expect(hop(error)).toMatchObject({ details: { tries: 2n } })
    const request = { headers: { authorization: 'secret' } }
    const failed = Object.assign(new Error('m'), { code: 'ECONNREFUSED', status: 503, request })
    expect(serializeError(failed)).toMatchObject({ code: 'application_error' })
    expect(serializeError(failed).details).toEqual({ code: 'ECONNREFUSED', status: 503 })
  })

  test('that holds several errors keeps them', () => {
    const back = hop(new AggregateError([new TypeError('a'), 'b'], 'all failed')) as ApplicationError
    expect(back).toMatchObject({ type: 'AggregateError', details: { errors: [new TypeError('a'), 'b'] } })
  })
})

describe('whatever else was thrown', () => {
  const { proxy, revoke } = Proxy.revocable({}, {})
  revoke()
  const trap = {
    get message() {
      throw new Error('trap')
    },
  }
  test.each<[string, unknown, string]>([
    ['a string', 'boom', 'boom'],
    ['nothing', undefined, 'undefined'],
    ['null', null, 'null'],
    ['a number', 5, '5'],
    ['a symbol', Symbol('s'), 'Symbol(s)'],
    ['an object', { status: 500 }, '{"status":500}'],
    ['an object with a message', { message: 'boom' }, 'boom'],
    ['an object that has no text', Object.create(null), '[object Object]'],
    ['a getter that throws', trap, 'a value was thrown that cannot be read'],
    ['a revoked proxy', proxy, 'a value was thrown that cannot be read'],
  ])('%s is an application error with a message', (_title, thrown, message) => {
    expect(serializeError(thrown)).toMatchObject({ name: 'Error', message, code: 'application_error' })
    expect(hop(thrown)).toBeInstanceOf(ApplicationError)
  })

  test('an object is kept as the details', () => {
    expect(hop({ status: 500, at: new Date(5) })).toMatchObject({ details: { status: 500, at: new Date(5) } })
  })
})

describe('a failure is bounded', () => {
  test('details that are no payload are kept as text', () => {
    expect(detailed({ status: 500, retry: () => 1 })).toBe('{"status":500}')
    expect(detailed(/a+/)).toBe('/a+/')
    expect(detailed(Symbol('s'))).toBe('Symbol(s)')
    const cycle: Record<string, unknown> = {}
    cycle['self'] = cycle
    expect(detailed(cycle)).toBe('[object Object]')
    expect(detailed(Object.assign(Object.create(null), { cycle }))).toBe('[object Object]')
  })

  test('texts are cut, and never inside a character', () => {
    const error = new Error('😀'.repeat(10_000))
    error.name = 'n'.repeat(10_000)
    error.stack = `x${'😀'.repeat(10_000)}`
    const { name, message, stack } = serializeError(error)
    expect([name.length, message.length, stack?.length]).toEqual([8_192, 8_192, 8_192])
    expect(stack?.isWellFormed()).toBe(true)
  })

  test('a cause that is its own cause ends the chain', () => {
    const [outer, inner] = [new Error('outer'), new Error('inner')]
    outer.cause = inner
    inner.cause = outer
    const serialized = serializeError(outer)
    expect(serialized).toMatchObject({ message: 'outer', cause: { message: 'inner' } })
    expect(serialized.cause?.cause).toBe(undefined)
  })

  test('a long chain is cut after 16 causes, on both sides', () => {
    let error = new Error('0')
    let serialized: SerializedError = { name: 'Error', message: '0', code: 'application_error' }
    for (let i = 1; i <= 5_000; i++) {
      error = new Error(String(i), { cause: error })
      serialized = { name: 'Error', message: String(i), code: 'application_error', cause: serialized }
    }
    expect(causes(serializeError(error))).toBe(16)
    expect(causes(deserializeError(serialized))).toBe(16)
  })

  test('the most that fits stays below a megabyte', () => {
    const fields = Object.fromEntries(Array.from({ length: 20 }, (_, i) => [`f${i}`, '\u0000'.repeat(9_000)]))
    let error: Error = new Error('root')
    for (let i = 0; i < 20; i++) {
      error = Object.assign(
        new ApplicationError('m'.repeat(9_000), { cause: error, details: fields }),
        fields,
      )
      error.stack = 's'.repeat(9_000)
    }
    expect(JSON.stringify(serializeError(error)).length).toBeLessThan(1_000_000)
  })

  test('facts that decide are stored before details that are large', () => {
    const error = new ApplicationError('m', { type: 'T', nonRetryable: true, details: 'x'.repeat(500_000) })
    const serialized = serializeError(error)
    expect(serialized.facts).toEqual({ type: 'T', nonRetryable: true })
    expect(serialized.details).toBe('x'.repeat(8_192))
  })
})

describe('a failure from another release', () => {
  test.each<[string]>([
    ['timeout'],
    ['activity_failed'],
    ['child_failed'],
    ['workflow_failed'],
    ['nondeterminism'],
    ['workflow_not_found'],
    ['workflow_already_started'],
    ['query_not_registered'],
    ['a_code_of_tomorrow'],
  ])('%s without the facts of its class is a WorkflowError with the code', (code) => {
    const back = deserializeError({ name: 'X', message: 'm', code })
    expect(back.constructor).toBe(WorkflowError)
    expect(back).toMatchObject({ code, message: 'm', stack: 'X: m' })
  })

  test('with a tag that is not known here keeps the rest', () => {
    const details = { $type: 'Temporal', value: 'x' }
    const back = deserializeError({
      name: 'Error',
      message: 'm',
      code: 'application_error',
      details,
      facts: { a: details },
    })
    expect(back).toMatchObject({ message: 'm', details, a: details })
  })

  test('cannot give the rebuilt error a prototype or replace its methods', () => {
    const facts = JSON.parse('{"__proto__":{"polluted":1},"toString":"x","constructor":"x"}') as Record<
      string,
      unknown
    >
    const back = deserializeError({ name: 'Error', message: 'm', code: 'application_error', facts })
    expect(back).toBeInstanceOf(ApplicationError)
    expect([String(back), 'polluted' in back]).toEqual(['ApplicationError: m', false])
  })

  test('a wrapper whose cause was cut still has one', () => {
    const facts = { activityType: 'charge', attempt: 2 }
    const back = deserializeError({ name: 'ActivityError', message: 'm', code: 'activity_failed', facts })
    expect(back).toBeInstanceOf(ActivityError)
    expect(back.cause).toBeInstanceOf(WorkflowError)
  })
})

function detailed(details: unknown): unknown {
  return serializeError(new ApplicationError('m', { details })).details
}

function causes(error: { cause?: unknown }): number {
  let count = 0
  for (let next = error.cause; next !== undefined; next = (next as { cause?: unknown }).cause) count++
  return count
}
