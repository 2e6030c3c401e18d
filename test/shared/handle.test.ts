/** Handles and lists against a namespace written by hand. */
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { TimeoutError, WorkflowClient, WorkflowFailedError } from '../../shared/index.ts'
import { Namespace, inTurn, lost, ok, refused, settled } from './namespace.ts'

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

async function collected<T>(items: AsyncIterable<T>): Promise<T[]> {
  const list: T[] = []
  for await (const item of items) list.push(item)
  return list
}

const running = ok({ status: 'running', runId: 'R1' })
const held = async ({ waitMs }: { waitMs: number }): Promise<unknown> => {
  await new Promise((resolve) => setTimeout(resolve, waitMs))
  return running
}

describe('a result', () => {
  const completed = ok({
    status: 'completed',
    runId: 'R1',
    result: { $type: 'Date', value: '1970-01-01T00:00:00.000Z' },
  })

  test('is polled for, of the run that the first poll found, and decoded', async () => {
    const namespace = new Namespace({ result: inTurn(running, running, completed) })
    const result = await new WorkflowClient(namespace).getHandle('a').result()
    expect(result).toEqual(new Date(0))
    expect(namespace.made('result').map(({ request }) => [request.runId, request.waitMs])).toEqual([
      [undefined, 20_000],
      ['R1', 20_000],
      ['R1', 20_000],
    ])
  })

  test('of a run that failed is the failure', async () => {
    const error = { name: 'ApplicationError', code: 'application_error', message: 'out of stock' }
    const namespace = new Namespace({ result: () => ok({ status: 'failed', runId: 'R1', error }) })
    const failure: unknown = await new WorkflowClient(namespace)
      .getHandle('a')
      .result()
      .catch((e: unknown) => e)
    expect(failure).toBeInstanceOf(WorkflowFailedError)
    expect(failure).toMatchObject({
      workflowId: 'a',
      runId: 'R1',
      status: 'failed',
      cause: { message: 'out of stock' },
    })
  })

  test('outlives any number of polls that were cut while they were held', async () => {
    let polls = 0
    const cut = async (): Promise<unknown> => {
      if (++polls > 20) return completed
      await new Promise((resolve) => setTimeout(resolve, 5_000))
      throw lost()
    }
    const result = await settled(new WorkflowClient(new Namespace({ result: cut })).getHandle('a').result())
    expect(result).toMatchObject({ status: 'fulfilled' })
  })

  test('ends with a TimeoutError when its time is over', async () => {
    const namespace = new Namespace({ result: held })
    const result = await settled(new WorkflowClient(namespace).getHandle('a').result({ timeout: '30s' }))
    expect(result).toMatchObject({ status: 'rejected', reason: expect.any(TimeoutError) })
    expect(result).toMatchObject({ reason: { kind: 'result' } })
    expect(namespace.made('result').map(({ request }) => request.waitMs)).toEqual([20_000, 10_000])
  })

  test('ends in time even when no shard answers', async () => {
    const silent = new Namespace({ result: () => new Promise(() => {}) })
    const result = await settled(new WorkflowClient(silent).getHandle('a').result({ timeout: '30s' }))
    expect(result).toMatchObject({ status: 'rejected', reason: { kind: 'result' } })
  })

  test('ends with the reason of the caller’s signal', async () => {
    const silent = new Namespace({ result: () => new Promise(() => {}) })
    const stop = new AbortController()
    const result = settled(new WorkflowClient(silent).getHandle('a').result({ signal: stop.signal }))
    const reason = new Error('the user left')
    stop.abort(reason)
    expect(await result).toEqual({ status: 'rejected', reason })
  })
})

describe('a terminate', () => {
  test('whose answer was lost has happened when the run is found closed', async () => {
    const namespace = new Namespace({ terminate: inTurn(lost(), refused('workflow_closed')) })
    const terminated = await settled(new WorkflowClient(namespace).terminate('a', 'enough'))
    expect(terminated).toMatchObject({ status: 'fulfilled' })
  })

  test('of a closed run is refused', async () => {
    const namespace = new Namespace({ terminate: () => refused('workflow_closed') })
    await expect(new WorkflowClient(namespace).terminate('a')).rejects.toMatchObject({
      code: 'workflow_closed',
    })
  })
})

const event = (eventId: number): object => ({
  eventId,
  event: {
    type: 'signal_received',
    at: 0,
    name: 's',
    signalId: `s-${eventId}`,
    payload: { $type: 'Set', value: [1] },
  },
})

describe('a history', () => {
  test('is read page by page, of one run, payloads decoded', async () => {
    const namespace = new Namespace({
      history: inTurn(
        ok({ runId: 'R1', events: [event(2), event(3)], nextEvent: 4 }),
        ok({ runId: 'R1', events: [event(4)] }),
      ),
    })
    const events = await collected(new WorkflowClient(namespace).getHandle('a').history({ fromEvent: 2 }))
    expect(events).toHaveLength(3)
    expect(events[0]).toEqual({
      eventId: 2,
      type: 'signal_received',
      timestamp: new Date(0),
      data: { name: 's', signalId: 's-2', payload: new Set([1]) },
    })
    expect(namespace.made('history').map(({ request }) => [request.runId, request.fromEvent])).toEqual([
      [undefined, 2],
      ['R1', 4],
    ])
  })

  test('names its run in the data of the first event', async () => {
    const started = { type: 'workflow_started', at: 0, workflowType: 'order', input: 1 }
    const namespace = new Namespace({
      history: () => ok({ runId: 'R1', events: [{ eventId: 1, event: started }, event(2)] }),
    })
    const [first, second] = await collected(new WorkflowClient(namespace).getHandle('a').history())
    expect(first!.data).toEqual({ workflowId: 'a', runId: 'R1', workflowType: 'order', input: 1 })
    expect(second!.data).not.toHaveProperty('runId')
  })
})

const rows = (to: { shard: number }): object[] => [
  {
    workflowId: `w-${to.shard}`,
    runId: `R${to.shard}`,
    startedAt: to.shard,
    memo: {},
    searchAttributes: {},
  },
]

const list = ({ to, after }: { to: { shard: number }; after?: { at: number } }): object =>
  ok({ runs: rows(to).filter(() => after === undefined || to.shard < after.at) })

/** Each shard counts in two parts. */
const count = ({ rest }: { rest?: object }): object =>
  ok(rest ? { count: 1 } : { count: 2, rest: { from: 4, to: 9 } })

describe('a list', () => {
  test('awaited is a page, iterated is every run of every shard', async () => {
    const client = new WorkflowClient(new Namespace({ list, count }))
    const page = await client.list({ limit: 3 })
    expect(page.map((row) => row.runId)).toEqual(['R3', 'R2', 'R1'])
    const all = await collected(client.list({ limit: 3 }))
    expect(all.map((row) => row.runId)).toEqual(['R3', 'R2', 'R1', 'R0'])
    expect(await client.count({ status: 'running' })).toBe(12)
  })

  test('refuses a bad filter when it is awaited', async () => {
    const client = new WorkflowClient(new Namespace({}))
    await expect(client.list({ limit: 0 })).rejects.toMatchObject({ path: 'limit' })
    await expect(client.count({ cursor: 'bad' })).rejects.toMatchObject({ path: 'cursor' })
  })
})
