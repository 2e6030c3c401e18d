/** The client against a namespace written by hand: what it refuses, what it sends, and what it makes of lost answers. */
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { WorkflowClient, signal, workflow } from '../../shared/index.ts'
import type { ServiceBinding } from '../../shared/index.ts'
import { shardOf } from '../../shared/shard.ts'
import { PROTOCOL_VERSION } from '../../shared/protocol.ts'
import { Namespace, inTurn, lost, ok, refused, settled } from './namespace.ts'
import type { Verb } from './namespace.ts'

const order = workflow('order', async (_, input: { id: string }) => input.id)
beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

describe('a start', () => {
  test('goes to the shard of its workflow id with everything encoded', async () => {
    const namespace = new Namespace({ start: () => ok({ runId: 'R1' }) })
    const client = new WorkflowClient(namespace, { namespace: 'shop' })
    const handle = await client.start(order, {
      workflowId: 'order-1',
      input: { id: 'a' },
      executionTimeout: '1h',
      memo: { since: new Date(0) },
      searchAttributes: { region: 'eu', gone: null },
    })
    expect(handle).toMatchObject({ workflowId: 'order-1', runId: 'R1' })
    const shard = shardOf('order-1', 4)
    const [call] = namespace.made('start')
    expect(call!.object).toBe(`shop/${shard}`)
    expect(call!.request).toEqual({
      v: PROTOCOL_VERSION,
      to: { namespace: 'shop', shard, shards: 4 },
      workflowId: 'order-1',
      workflowType: 'order',
      input: { id: 'a' },
      idReuse: 'allow',
      idConflict: 'fail',
      executionTimeoutMs: 3_600_000,
      memo: { since: { $type: 'Date', value: '1970-01-01T00:00:00.000Z' } },
      searchAttributes: { region: 'eu' },
      requestId: expect.stringMatching(/^[0-9A-Z]{26}$/),
    })
  })

  test('without a workflow id gets one', async () => {
    const namespace = new Namespace({ start: () => ok({ runId: 'R1' }) })
    const handle = await new WorkflowClient(namespace).start('order', {})
    expect(handle.workflowId).toMatch(/^[0-9A-Z]{26}$/)
  })

  test('whose answer is lost is sent again on a new stub with the same request id', async () => {
    const namespace = new Namespace({ start: inTurn(lost(), refused('overloaded'), ok({ runId: 'R1' })) })
    const started = await settled(new WorkflowClient(namespace).start(order, { input: { id: 'a' } }))
    expect(started).toMatchObject({ status: 'fulfilled', value: { runId: 'R1' } })
    const calls = namespace.made('start')
    expect(new Set(calls.map((call) => call.stub)).size).toBe(3)
    expect(new Set(calls.map((call) => call.request.requestId)).size).toBe(1)
  })

  test('is given up after five attempts with a coded error', async () => {
    const namespace = new Namespace({
      start: inTurn(lost(), lost(), lost(), lost(), lost(), ok({ runId: 'R1' })),
    })
    const started = await settled(new WorkflowClient(namespace).start(order, { input: { id: 'a' } }))
    expect(started).toMatchObject({ status: 'rejected', reason: { code: 'internal' } })
    expect(namespace.made('start')).toHaveLength(5)
  })

  test('that is refused is not sent again', async () => {
    const namespace = new Namespace({ start: () => refused('workflow_already_started', { runId: 'R0' }) })
    const start = new WorkflowClient(namespace).start(order, { workflowId: 'order-1', input: { id: 'a' } })
    await expect(start).rejects.toMatchObject({
      code: 'workflow_already_started',
      workflowId: 'order-1',
      runId: 'R0',
    })
    expect(namespace.made('start')).toHaveLength(1)
  })

  test('with a signal joins an open run, and is one message however often it is sent', async () => {
    const namespace = new Namespace({ start: inTurn(lost(), ok({ runId: 'R1' })) })
    const options = { workflowId: 'order-1', input: { id: 'a' }, signal: signal<number>('paid'), payload: 5 }
    await settled(new WorkflowClient(namespace).signalWithStart(order, options))
    const [first, second] = namespace.made('start')
    const { requestId } = first!.request
    expect(first!.request).toMatchObject({
      idConflict: 'use-existing',
      signal: { name: 'paid', payload: 5, signalId: requestId },
    })
    expect(second!.request).toEqual(first!.request)
  })
})

describe('a delete', () => {
  test('names one run, and tells by when the cold tier has lost it, if it had it', async () => {
    const gone = inTurn(lost(), ok({ coldGoneBy: 86_400_000 }), ok({ coldGoneBy: null }))
    const namespace = new Namespace({ delete: gone })
    const client = new WorkflowClient(namespace)
    const first = await settled(client.delete('order-1', 'R1'))
    expect(first).toMatchObject({ value: { coldGoneBy: new Date(86_400_000) } })
    expect(await client.delete('order-1', 'R1')).toEqual({ coldGoneBy: null })
    const to = { namespace: 'default', shard: shardOf('order-1', 4), shards: 4 }
    const [{ request } = { request: null }] = namespace.made('delete')
    expect(request).toEqual({ v: PROTOCOL_VERSION, to, workflowId: 'order-1', runId: 'R1' })
  })

  test('of a run that runs, or of none, is refused', async () => {
    const client = new WorkflowClient(new Namespace({ delete: () => refused('workflow_running') }))
    await expect(client.delete('order-1', 'R1')).rejects.toMatchObject({ code: 'workflow_running' })
    await expect(client.delete('order-1', '')).rejects.toMatchObject({ path: 'runId' })
    await expect(client.delete('', 'R1')).rejects.toMatchObject({ path: 'workflowId' })
  })
})

describe('what cannot be is refused before anything is sent', () => {
  const bytes = 'ü'.repeat(500)
  test.each<[string, object]>([
    ['workflowId', { workflowId: '' }],
    ['workflowId', { workflowId: `${bytes}x` }],
    ['workflowId', { workflowId: 'lone \ud800' }],
    ['workflowId', { workflowId: 7 }],
    ['taskQueue', { taskQueue: '' }],
    ['idReuse', { idReuse: 'sometimes' }],
    ['idConflict', { idConflict: 'sometimes' }],
    ['executionTimeout', { executionTimeout: 'soon' }],
    ['requestId', { requestId: '' }],
    ['searchAttributes.region', { searchAttributes: { region: { deep: 1 } } }],
    ['memo.fn', { memo: { fn: () => 1 } }],
    ['input.fn', { input: { fn: () => 1 } }],
    ['input', { input: 'x'.repeat(33 * 1024 * 1024) }],
    ['signal', { signal: '' }],
    ['payload.fn', { payload: { fn: () => 1 } }],
  ])('%s of a start', async (path, options) => {
    const namespace = new Namespace({})
    const start = new WorkflowClient(namespace).signalWithStart(order, {
      signal: 's',
      input: { id: 'a' },
      ...options,
    })
    await expect(start).rejects.toMatchObject({ path })
    expect(namespace.calls).toEqual([])
  })

  test('an id of exactly 1,000 bytes is taken', async () => {
    const namespace = new Namespace({ start: () => ok({ runId: 'R1' }) })
    const handle = await new WorkflowClient(namespace).start('order', { workflowId: bytes })
    expect(handle.workflowId).toBe(bytes)
  })

  test('names, ids and reasons given to a handle', async () => {
    const client = new WorkflowClient(new Namespace({}))
    const handle = client.getHandle('order-1')
    await expect(handle.query('')).rejects.toMatchObject({ path: 'query' })
    await expect(handle.query('q', 1, () => 1)).rejects.toMatchObject({ path: 'args[1]' })
    await expect(handle.signal('s', 1, { signalId: '' })).rejects.toMatchObject({ path: 'signalId' })
    await expect(handle.cancel('x'.repeat(2_001))).rejects.toMatchObject({ path: 'reason' })
    await expect(handle.result({ timeout: -1 })).rejects.toMatchObject({ path: 'timeout' })
    expect(() => client.getHandle('')).toThrow(expect.objectContaining({ path: 'workflowId' }))
    await expect(client.describe('')).rejects.toMatchObject({ path: 'workflowId' })
  })

  test('what the client is made of', () => {
    const nothing = {} as unknown as ServiceBinding // what an unconfigured binding gives
    expect(() => new WorkflowClient(nothing)).toThrow(expect.objectContaining({ path: 'connection' }))
    expect(() => new WorkflowClient(undefined as never)).toThrow(
      expect.objectContaining({ path: 'connection' }),
    )
    const namespace = new Namespace({})
    expect(() => new WorkflowClient(namespace, { namespace: 'a/b' })).toThrow(
      expect.objectContaining({ path: 'namespace' }),
    )
    expect(() => new WorkflowClient(namespace, { shards: 0 })).toThrow(
      expect.objectContaining({ path: 'shards' }),
    )
  })
})

const anything = (): never => {
  throw new TypeError('The RPC receiver does not implement the method')
}

describe('the shard count', () => {
  test('is asked of shard 0 once, and again after it could not be had', async () => {
    const namespace = new Namespace({
      shardCount: inTurn(new Error('own defect'), 4, 4),
      signal: () => ok(null),
    })
    const client = new WorkflowClient(namespace)
    await expect(client.getHandle('a').signal('s')).rejects.toMatchObject({ code: 'internal' })
    await Promise.all([client.getHandle('a').signal('s'), client.getHandle('b').signal('s')])
    expect(namespace.made('shardCount').map((call) => call.object)).toEqual(['default/0', 'default/0'])
  })

  test('given as an option is what shards are told, and nobody is asked', async () => {
    const namespace = new Namespace({ signal: () => refused('shard_count_mismatch') })
    const client = new WorkflowClient(namespace, { shards: 16 })
    await expect(client.getHandle('a').signal('s')).rejects.toMatchObject({ code: 'shard_count_mismatch' })
    expect(namespace.made('shardCount')).toEqual([])
    expect(namespace.made('signal')[0]!.request.to).toEqual({
      namespace: 'default',
      shard: shardOf('a', 16),
      shards: 16,
    })
  })

  test('a service binding is called itself, though every name is a function of it', async () => {
    const asked: unknown[] = []
    const verbs: Record<string, Verb> = {
      shardCount: () => 4,
      signal: (request) => (asked.push(request), ok(null)),
    }
    const binding = new Proxy({}, { get: (_, verb) => verbs[String(verb)] ?? anything, has: () => true })
    await new WorkflowClient(binding as ServiceBinding).getHandle('a').signal('s', 1, { signalId: 's-1' })
    expect(asked).toEqual([
      {
        v: PROTOCOL_VERSION,
        to: { namespace: 'default', shard: shardOf('a', 4), shards: 4 },
        workflowId: 'a',
        name: 's',
        payload: 1,
        signalId: 's-1',
      },
    ])
  })
})
