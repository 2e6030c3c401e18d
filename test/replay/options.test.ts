import { describe, expect, test } from 'vitest'
import { DEFAULT_RETRY } from '../../shared/core/retry.ts'
import { callRules, recordedRules } from '../../shared/replay/options.ts'

describe('the rules of a call', () => {
  test('are the defaults where nothing is said', () => {
    const defaults = { retry: DEFAULT_RETRY, timeouts: { startToCloseMs: 600_000 }, cancellation: 'wait' }
    expect(callRules([])).toEqual(defaults)
    expect(callRules([undefined, {}])).toEqual(defaults)
  })

  test('are those of the last layer that names them, option by option', () => {
    const workflow = { timeout: '1m', taskQueue: 'slow', retry: { maxAttempts: 3 } } as const
    const definition = { taskQueue: 'mail', cancellation: 'try' } as const
    const call = { retry: { initialInterval: '2s' }, summary: 'to Ada' } as const
    expect(callRules([workflow, definition, call])).toEqual({
      retry: { ...DEFAULT_RETRY, initialMs: 2_000 },
      timeouts: { startToCloseMs: 60_000 },
      cancellation: 'try',
      taskQueue: 'mail',
      summary: 'to Ada',
    })
  })

  test('take every duration in milliseconds', () => {
    const { timeouts } = callRules([
      {
        startToCloseTimeout: '2m',
        scheduleToStartTimeout: 5,
        scheduleToCloseTimeout: '1h',
        heartbeatTimeout: '30s',
      },
    ])
    expect(timeouts).toEqual({
      startToCloseMs: 120_000,
      scheduleToStartMs: 5,
      scheduleToCloseMs: 3_600_000,
      heartbeatMs: 30_000,
    })
  })

  test('are recorded where they are not the defaults', () => {
    expect(recordedRules(callRules([]))).toEqual({})
    const named = { concurrencyKey: 'account-1', summary: 'to Ada' }
    expect(recordedRules(callRules([named]))).toEqual(named)
  })

  test('prefer startToCloseTimeout to its short name', () => {
    expect(callRules([{ timeout: '1m', startToCloseTimeout: '2m' }]).timeouts.startToCloseMs).toBe(120_000)
  })

  test('take the later of the two names, whichever it is', () => {
    const long = { startToCloseTimeout: '5m' } as const
    expect(callRules([long, { timeout: '1m' }, {}]).timeouts.startToCloseMs).toBe(60_000)
    expect(callRules([{ timeout: '1m' }, long]).timeouts.startToCloseMs).toBe(300_000)
  })

  test('take a whole retry policy', () => {
    const policy = {
      maxAttempts: 5,
      initialInterval: '1s',
      maxInterval: '1m',
      backoff: 'exponential',
      backoffCoefficient: 3,
      jitter: 0.5,
      nonRetryableErrors: ['Fatal'],
    } as const
    expect(callRules([{ retry: policy }]).retry).toEqual({
      maxAttempts: 5,
      initialMs: 1_000,
      maxMs: 60_000,
      backoff: 'exponential',
      coefficient: 3,
      jitter: 0.5,
      nonRetryable: ['Fatal'],
    })
  })

  test.each<[string, Parameters<typeof callRules>[0][number], string]>([
    ['no attempt at all', { retry: { maxAttempts: 0 } }, 'retry.maxAttempts'],
    ['half an attempt', { retry: { maxAttempts: 1.5 } }, 'retry.maxAttempts'],
    ['more jitter than there is', { retry: { jitter: 1.1 } }, 'retry.jitter'],
    ['negative jitter', { retry: { jitter: -0.1 } }, 'retry.jitter'],
    ['a shrinking back-off', { retry: { backoffCoefficient: 0.5 } }, 'retry.backoffCoefficient'],
    ['an endless back-off', { retry: { backoffCoefficient: Infinity } }, 'retry.backoffCoefficient'],
    ['a negative interval', { retry: { initialInterval: -1 } }, 'retry.initialInterval'],
    ['no concurrency key', { concurrencyKey: '' }, 'concurrencyKey'],
    ['a long concurrency key', { concurrencyKey: 'k'.repeat(201) }, 'concurrencyKey'],
    ['no duration', { heartbeatTimeout: 'soon' as never }, 'heartbeatTimeout'],
  ])('are refused with the place: %s', (_title, options, path) => {
    const refusal = { code: 'invalid_argument', path }
    expect(() => callRules([options])).toThrow(expect.objectContaining(refusal))
  })

  test('are refused with what they must be: Temporal has 0 for no limit', () => {
    const expected =
      'retry.maxAttempts must be a whole number from 1 on (without it there is no limit), not 0'
    expect(() => callRules([{ retry: { maxAttempts: 0 } }])).toThrow(expected)
  })
})
