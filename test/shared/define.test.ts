import { describe, expect, test } from 'vitest'
import { activityOf, workflowOf } from '../../shared/define.ts'
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
