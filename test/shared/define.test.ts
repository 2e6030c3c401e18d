import { describe, expect, test } from 'vitest'
import { activityOf, workflowOf } from '../../shared/define.ts'
import type { ActivityOptions } from '../../shared/index.ts'
import { activity, defineActivity, query, signal, update, workflow } from '../../shared/index.ts'

const invalid = (path: string): object => expect.objectContaining({ code: 'invalid_argument', path })

const fn = async (): Promise<string> => 'done'

describe('a definition', () => {
  test('of an activity keeps its function and defaults for the engine', () => {
    const definition = defineActivity('finish', fn, { timeout: '5s' })
    expect(definition).toEqual({ kind: 'activity', name: 'finish' })
    expect(activityOf(definition)).toEqual({ name: 'finish', fn, defaults: { timeout: '5s' } })
    expect(activityOf(activity('other', fn)).defaults).toEqual({})
  })

  test('of a workflow keeps its function and options, in both forms', () => {
    const paid = signal<number>('paid')
    expect(workflowOf(workflow('plain', fn))).toEqual({ name: 'plain', fn, options: {} })
    const definition = workflow('full', { messages: { paid }, taskQueue: 'orders' }, fn)
    expect(definition.messages).toEqual({ paid })
    expect(workflowOf(definition)).toEqual({
      name: 'full',
      fn,
      options: { messages: { paid }, taskQueue: 'orders' },
    })
  })

  test('of a message is its kind and name', () => {
    expect(signal('paid')).toEqual({ kind: 'signal', name: 'paid' })
    expect(query<number>('total')).toEqual({ kind: 'query', name: 'total' })
    expect(update<void, [string]>('rename')).toEqual({ kind: 'update', name: 'rename' })
  })

  test('cannot be changed after it was made', () => {
    const definition = workflow('fixed', async () => {})
    expect(() => Object.assign(definition, { name: 'other' })).toThrow(TypeError)
  })
})

describe('a definition is refused', () => {
  test.each(['', 'x'.repeat(201), 7, undefined])('with the name %j', (name) => {
    const bad = name as string // callers without types
    expect(() => defineActivity(bad, () => 1)).toThrow(invalid('name'))
    expect(() => workflow(bad, async () => 1)).toThrow(invalid('name'))
    expect(() => signal(bad)).toThrow(invalid('name'))
    expect(() => query(bad)).toThrow(invalid('name'))
    expect(() => update(bad)).toThrow(invalid('name'))
  })

  test('without a function', () => {
    expect(() => defineActivity('a', undefined as never)).toThrow(invalid('fn'))
    expect(() => workflow('w', {}, undefined as never)).toThrow(invalid('fn'))
  })

  test('by the engine when it was not made by this package', () => {
    expect(() => activityOf({ kind: 'activity', name: 'handmade' })).toThrow(invalid('activity'))
    expect(() => workflowOf({ kind: 'workflow', name: 'handmade', messages: {} })).toThrow(
      invalid('workflow'),
    )
    expect(() => workflowOf(undefined as never)).toThrow(invalid('workflow'))
  })

  test('by the engine when it is of the other kind', () => {
    const definition = defineActivity('a', () => 1)
    expect(() => workflowOf(definition as never)).toThrow(invalid('workflow'))
    expect(() => activityOf(workflow('w', async () => 1) as never)).toThrow(invalid('activity'))
  })
})

describe('options of an activity are refused where it is defined', () => {
  test.each<[path: string, options: object]>([
    ['timeout', { timeout: '5 minuets' }],
    ['startToCloseTimeout', { startToCloseTimeout: '5 minuets' }],
    ['scheduleToStartTimeout', { scheduleToStartTimeout: -1 }],
    ['scheduleToCloseTimeout', { scheduleToCloseTimeout: NaN }],
    ['heartbeatTimeout', { heartbeatTimeout: '' }],
    ['taskQueue', { taskQueue: '' }],
    ['concurrencyKey', { concurrencyKey: 'x'.repeat(201) }],
    ['priority', { priority: 1_001 }],
    ['cancellation', { cancellation: 'later' }],
    ['retry', { retry: 'often' }],
    ['retry.maxAttempts', { retry: { maxAttempts: 0 } }],
    ['retry.maxAttempts', { retry: { maxAttempts: null } }],
    ['retry.initialInterval', { retry: { initialInterval: '1 sec' } }],
    ['retry.maxInterval', { retry: { maxInterval: 'long' } }],
    ['retry.backoff', { retry: { backoff: 'cubic' } }],
    ['retry.backoffCoefficient', { retry: { backoffCoefficient: 0.5 } }],
    ['retry.jitter', { retry: { jitter: 2 } }],
    ['retry.nonRetryableErrors', { retry: { nonRetryableErrors: 'Fatal' } }],
    ['options', ['5m']],
  ])('%s, of %j', (path, options) => {
    expect(() => defineActivity('reserve', fn, options)).toThrow(invalid(path))
    expect(() => defineActivity('reserve', fn, options)).toThrow(`activity reserve: ${path} must be `)
  })

  test('and what a call may have is taken', () => {
    for (const options of ALLOWED) expect(() => defineActivity('reserve', fn, options)).not.toThrow()
  })
})

describe('options of a workflow are refused where it is defined', () => {
  test.each<[path: string, options: object]>([
    ['executionTimeout', { executionTimeout: '1 dya' }],
    ['taskQueue', { taskQueue: '' }],
    ['versioning', { versioning: 'pined' }],
    ['retry.maxAttempts', { retry: { maxAttempts: 1.5 } }],
    ['activityDefaults', { activityDefaults: '5m' }],
    ['activityDefaults.startToCloseTimeout', { activityDefaults: { startToCloseTimeout: '5 minuets' } }],
    ['activityDefaults.retry.jitter', { activityDefaults: { retry: { jitter: -1 } } }],
  ])('%s, of %j', (path, options) => {
    expect(() => workflow('order', options, fn)).toThrow(invalid(path))
    expect(() => workflow('order', options, fn)).toThrow(`workflow order: ${path} must be `)
  })

  test('and what its runs may have is taken', () => {
    for (const activityDefaults of ALLOWED)
      expect(() => workflow('order', { activityDefaults }, fn)).not.toThrow()
    const retry = { maxAttempts: 3 }
    const full = { executionTimeout: '30 days', taskQueue: 'orders', versioning: 'pinned', retry } as const
    expect(() => workflow('order', full, fn)).not.toThrow()
  })
})

/** The last two come from callers without types: a call reads them as nothing. */
const ALLOWED: readonly ActivityOptions[] = [
  {},
  { timeout: 0, scheduleToStartTimeout: '1.5 hours', scheduleToCloseTimeout: '2w', heartbeatTimeout: 100 },
  { taskQueue: 'mail', concurrencyKey: 'account/7', priority: -1_000, cancellation: 'abandon', summary: '' },
  { retry: { maxAttempts: 1, initialInterval: 0, maxInterval: '1m', backoffCoefficient: 1, jitter: 0 } },
  { retry: { maxAttempts: Number.MAX_VALUE, backoff: 'linear', nonRetryableErrors: [] } },
  { retry: null, cancellation: null } as never,
  null as never,
]
