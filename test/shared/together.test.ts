/** Calls of one moment, against a namespace written by hand: what goes in one, and what each is answered. */
import { describe, expect, test, vi } from 'vitest'
import { WorkflowClient } from '../../shared/index.ts'
import { MAX_TOGETHER } from '../../shared/together.ts'
import type { Tell, Told, TogetherRequest } from '../../shared/together.ts'
import { Namespace, inTurn, lost, ok, refused } from './namespace.ts'

interface Asked {
  calls: { verb: string; request: { workflowId: string } }[]
}

/** Answers the call of each place. */
type Answers = (request: TogetherRequest, tell: Tell) => unknown

const all: Answers = ({ calls }) => ok(calls.map((_, place): Told => [place, { ok: true, value: null }]))

function namespaceOf(together: Answers, verbs: ConstructorParameters<typeof Namespace>[0] = {}) {
  const namespace = new Namespace({ signal: () => ok(null), cancel: () => ok(null), ...verbs, together })
  const client = new WorkflowClient(namespace, { shards: 1 })
  const signalled = (...ids: string[]) =>
    Promise.allSettled(ids.map((id) => client.getHandle(id).signal('s', 1, { signalId: `to ${id}` })))
  /** The ids that each call was about. */
  const asked = (): string[][] =>
    namespace
      .made('together')
      .map(({ request }) => (request as Asked).calls.map((call) => `${call.verb} ${call.request.workflowId}`))
  return { namespace, client, signalled, asked }
}

const statuses = (settled: PromiseSettledResult<unknown>[]) => settled.map(({ status }) => status)

describe('calls of one moment', () => {
  test('to a shard go in one', async () => {
    const { namespace, client, asked } = namespaceOf(all)
    const [a, b] = [client.getHandle('a'), client.getHandle('b')]
    await Promise.all([a.signal('s', 1), b.signal('s', 1), a.cancel()])
    expect(asked().map((calls) => calls.toSorted())).toEqual([['cancel a', 'signal a', 'signal b']])
    expect(namespace.calls).toHaveLength(1)
  })

  test('to several shards go in one for each', async () => {
    const { namespace } = namespaceOf(all)
    const client = new WorkflowClient(namespace, { shards: 4 })
    const ids = Array.from({ length: 40 }, (_, index) => `w-${index}`)
    await Promise.all(ids.map((id) => client.getHandle(id).signal('s', 1)))
    const calls = namespace.made('together')
    expect(calls.map(({ object }) => object).toSorted()).toEqual([0, 1, 2, 3].map((n) => `default/${n}`))
    expect(calls.flatMap(({ request }) => (request as Asked).calls)).toHaveLength(40)
  })

  test('have each their own answer', async () => {
    const { signalled } = namespaceOf(() =>
      ok([
        [2, ok(null)],
        [0, ok(null)],
        [1, refused('workflow_not_found')],
      ]),
    )
    const [a, b, c] = await signalled('a', 'b', 'c')
    expect([a!.status, c!.status]).toEqual(['fulfilled', 'fulfilled'])
    expect(b).toMatchObject({ status: 'rejected', reason: { code: 'workflow_not_found', workflowId: 'b' } })
  })

  test('are answered as soon as the shard has told, before the others are', async () => {
    const { promise, resolve } = Promise.withResolvers<unknown>()
    const { client } = namespaceOf((_, tell) => {
      tell([[1, { ok: true, value: null }]])
      return promise
    })
    const slow = client.getHandle('slow').signal('s', 1)
    await client.getHandle('quick').signal('s', 1)
    resolve(ok([[0, refused('workflow_closed')]]))
    await expect(slow).rejects.toMatchObject({ code: 'workflow_closed' })
  })

  test('are no more of them than one message carries, and no longer', async () => {
    const { asked, signalled, client } = namespaceOf(all)
    await signalled(...Array.from({ length: MAX_TOGETHER + 2 }, (_, index) => `w-${index}`))
    expect(asked().map((calls) => calls.length)).toEqual([MAX_TOGETHER, 2])
    const long = 'x'.repeat(100_000)
    await Promise.all(Array.from({ length: 60 }, (_, i) => client.getHandle(`w-${i}`).signal('s', long)))
    expect(
      asked()
        .slice(2)
        .map((calls) => calls.length),
    ).toEqual([41, 19])
  })
})

describe('a call', () => {
  test('that is alone goes as what it is', async () => {
    const { namespace, signalled } = namespaceOf(all)
    await signalled('a')
    await signalled('b')
    expect(namespace.calls.map(({ verb }) => verb)).toEqual(['signal', 'signal'])
    expect(new Set(namespace.calls.map(({ stub }) => stub)).size).toBe(2)
  })

  test('that may bring much back goes alone', async () => {
    const page = { runId: 'R1', events: [] }
    const { namespace, client } = namespaceOf(all, { history: () => ok(page) })
    const read = (id: string) => client.getHandle(id).history()[Symbol.asyncIterator]().next()
    expect(await Promise.all([read('a'), read('b')])).toMatchObject([{ done: true }, { done: true }])
    expect(namespace.calls.map(({ verb }) => verb)).toEqual(['history', 'history'])
  })

  test('that holds what is no JSON goes alone, and leaves the others be', async () => {
    const { namespace, client } = namespaceOf(
      ({ calls }) => ok(calls.map((_, place) => [place, ok({ runId: `R${place}` })])),
      { start: () => refused('invalid_argument', { path: 'retry' }) },
    )
    const retry = { maxAttempts: 5n as unknown as number }
    const starts = [
      client.start('a', {}),
      client.start('b', { retry }),
      client.start('c', {}),
      client.start('d', {}),
    ]
    const settled = await Promise.allSettled(starts)
    expect(settled[1]).toMatchObject({ reason: { code: 'invalid_argument' } })
    expect(namespace.calls.map(({ verb }) => verb)).toEqual(['start', 'start', 'together'])
    expect([settled[2], settled[3]]).toMatchObject([{ value: { runId: 'R0' } }, { value: { runId: 'R1' } }])
  })

  test('that broke is asked again alone, and hears how', async () => {
    const broken = new Error('Durable Object storage operation exceeded timeout')
    const { signalled } = namespaceOf(
      () =>
        ok([
          [0, ok(null)],
          [1, null],
        ]),
      { signal: inTurn(broken) },
    )
    const [a, b] = await signalled('a', 'b')
    expect(a!.status).toBe('fulfilled')
    expect(b).toMatchObject({ reason: { code: 'internal', message: expect.stringContaining('exceeded') } })
  })

  test('left by a request that was cut off goes with the next one', async () => {
    const { signalled, asked } = namespaceOf(all)
    const cut = vi.spyOn(globalThis, 'queueMicrotask').mockImplementationOnce(() => {})
    const left = signalled('a')
    for (let turn = 0; turn < 20; turn += 1) await Promise.resolve()
    cut.mockRestore()
    expect(asked()).toEqual([])
    await Promise.all([left, signalled('b')])
    expect(asked()).toEqual([['signal a', 'signal b']])
  })
})

describe('where the one call', () => {
  test('cannot be made, for what one of them holds, each goes alone and hears of its own', async () => {
    const uncloned = new DOMException('() => 1 could not be cloned.', 'DataCloneError')
    const { client, namespace } = namespaceOf(
      () => {
        throw uncloned
      },
      { start: inTurn(uncloned, ok({ runId: 'R1' })) },
    )
    const [bad, good] = await Promise.allSettled([client.start('a', {}), client.start('b', {})])
    expect(bad).toMatchObject({ reason: { code: 'internal', message: expect.stringContaining('cloned') } })
    expect(good).toMatchObject({ value: { runId: 'R1' } })
    expect(namespace.made('start')).toHaveLength(2)
  })

  test('is lost, each is asked again by itself, with the same id', async () => {
    vi.useFakeTimers()
    const { namespace, signalled } = namespaceOf(inTurn(lost()) as Answers)
    const settled = signalled('a', 'b')
    await vi.runAllTimersAsync()
    expect(statuses(await settled)).toEqual(['fulfilled', 'fulfilled'])
    const again = namespace.made('signal').map(({ request }) => request.signalId)
    expect(new Set(again)).toEqual(new Set(['to a', 'to b']))
    vi.useRealTimers()
  })

  test('is lost after some were told, those are not asked again', async () => {
    vi.useFakeTimers()
    const { namespace, signalled } = namespaceOf((_, tell) => {
      tell([[0, { ok: true, value: null }]])
      throw lost()
    })
    const settled = signalled('a', 'b')
    await vi.runAllTimersAsync()
    expect(statuses(await settled)).toEqual(['fulfilled', 'fulfilled'])
    expect(namespace.made('signal').map(({ request }) => request.signalId)).toEqual(['to b'])
    vi.useRealTimers()
  })

  test('is refused, each is', async () => {
    const { signalled } = namespaceOf(() => refused('shard_count_mismatch'))
    const refusal = { status: 'rejected', reason: { code: 'shard_count_mismatch' } }
    expect(await signalled('a', 'b')).toMatchObject([refusal, refusal])
  })

  test('is unheard of, as before this release, each goes alone', async () => {
    const { namespace, signalled } = namespaceOf(() => {
      throw new TypeError('The RPC receiver does not implement the method "together".')
    })
    expect(statuses(await signalled('a', 'b'))).toEqual(['fulfilled', 'fulfilled'])
    expect(namespace.made('signal')).toHaveLength(2)
  })
})
