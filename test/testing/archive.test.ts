/** Many closed runs against the code of today. What is listed and read is told by shards written by hand. */
import { describe, expect, test } from 'vitest'
import { WorkflowClient } from '../../shared/client.ts'
import type { HistoryEvent as RecordedEvent } from '../../shared/core/events.ts'
import { replayArchive } from '../../testing/index.ts'
import type { ReplayedRun } from '../../testing/index.ts'
import { Run } from '../replay/driver.ts'
import type { Ctx } from '../replay/driver.ts'
import { Namespace, ok, refused } from '../shared/namespace.ts'
import { order } from './client.ts'

const reserving = async (ctx: Ctx): Promise<unknown> => ctx.activity('reserve')
const charging = async (ctx: Ctx): Promise<unknown> => ctx.activity('charge')

interface Closed {
  readonly workflowId: string
  readonly runId: string
  readonly closedAt: number
  readonly history: readonly RecordedEvent[]
}

async function closedRun(index: number, fn: (ctx: Ctx) => Promise<unknown>): Promise<Closed> {
  const workflowId = `order-${index}`
  const runId = `01RUN${String(index).padStart(3, '0')}`
  const run = new Run(order(fn), { workflowId, runId })
  await run.start()
  await run.complete(1)
  return { workflowId, runId, closedAt: 1_000 + index, history: run.history }
}

/** All runs are on shard 0 for the list; a history is asked of the shard of its id. */
function shards(runs: readonly Closed[]) {
  const reading = { now: 0, most: 0 }
  const list = ({ to, limit, after }: { to: { shard: number }; limit: number; after?: { at: number } }) => {
    const rows = runs.filter(({ closedAt }) => to.shard === 0 && closedAt > (after?.at ?? 0)).slice(0, limit)
    const shown = rows.map(({ workflowId, runId, closedAt }) => {
      return { workflowId, runId, startedAt: 0, completedAt: closedAt, memo: {}, searchAttributes: {} }
    })
    return ok({ runs: shown })
  }
  const history = async ({ workflowId, fromEvent }: { workflowId: string; fromEvent: number }) => {
    reading.now += 1
    reading.most = Math.max(reading.most, reading.now)
    const run = runs.find((one) => one.workflowId === workflowId)!
    await Promise.resolve()
    reading.now -= 1
    if (run.history.length === 0) return refused('workflow_not_found')
    const event = run.history[fromEvent - 1]
    const nextEvent = fromEvent < run.history.length ? { nextEvent: fromEvent + 1 } : {}
    return ok({ runId: run.runId, events: [{ eventId: fromEvent, event }], ...nextEvent })
  }
  const namespace = new Namespace({ list, history })
  return { namespace, reading, client: new WorkflowClient(namespace) }
}

async function all(lines: AsyncIterable<ReplayedRun>): Promise<ReplayedRun[]> {
  const gathered: ReplayedRun[] = []
  for await (const line of lines) gathered.push(line)
  return gathered
}

describe('the runs of a workflow', () => {
  test('have a line each, in the order in which they closed, with what differs', async () => {
    const runs = await Promise.all(
      Array.from({ length: 11 }, (_, index) => closedRun(index, index % 5 === 3 ? charging : reserving)),
    )
    const { client } = shards(runs)
    const lines = await all(replayArchive({ client, workflow: order(reserving) }))
    expect(lines.map(({ workflowId, runId }) => [workflowId, runId])).toEqual(
      runs.map(({ workflowId, runId }) => [workflowId, runId]),
    )
    expect(lines.filter(({ ok: agrees }) => !agrees)).toEqual(
      [3, 8].map((index) => ({
        workflowId: `order-${index}`,
        runId: runs[index]!.runId,
        ok: false,
        eventId: 2,
        expected: 'activity_scheduled charge (call 1)',
        actual: 'activity_scheduled reserve (call 1)',
        error: { code: 'nondeterminism', message: expect.stringContaining('ctx.patched()') },
      })),
    )
    expect(lines[0]).toEqual({ workflowId: 'order-0', runId: '01RUN000', ok: true })
  })

  test('are listed as asked: of that type, closed, since then, in those tiers', async () => {
    const { namespace, client } = shards([])
    const since = new Date(500)
    await all(replayArchive({ client, workflow: order(reserving), since, tiers: ['warm', 'cold'] }))
    await all(replayArchive({ client, workflow: order(reserving) }))
    const requests = namespace.made('list').map(({ request }) => request)
    expect(requests[0]).toMatchObject({
      workflowType: 'order',
      orderBy: 'closedAt',
      closedAfter: 500,
      tiers: ['warm', 'cold'],
    })
    expect(requests.at(-1)).not.toHaveProperty('closedAfter')
    expect(requests.at(-1)).not.toHaveProperty('tiers')
  })

  test('are read a few at a time, page after page of the list', async () => {
    const runs = await Promise.all(Array.from({ length: 130 }, (_, index) => closedRun(index, reserving)))
    const { client, reading, namespace } = shards(runs)
    const lines = await all(replayArchive({ client, workflow: order(reserving) }))
    expect(lines).toHaveLength(130)
    expect(reading.most).toBeLessThanOrEqual(4)
    expect(namespace.made('list')).toHaveLength(8)
  })

  test('that are sampled are the same each time, and the others are not read', async () => {
    const runs = await Promise.all(Array.from({ length: 40 }, (_, index) => closedRun(index, reserving)))
    const { client, namespace } = shards(runs)
    const replay = (sample: number) => all(replayArchive({ client, workflow: order(reserving), sample }))
    const five = await replay(5)
    expect(five).toHaveLength(5)
    expect(namespace.made('history').length).toBe(5 * runs[0]!.history.length)
    expect(await replay(5)).toEqual(five)
    expect(await replay(0.3)).toEqual(await replay(0.3))
  })

  test('that cannot be read have a line that says so, without an event', async () => {
    const gone = { ...(await closedRun(1, reserving)), history: [] }
    const { client } = shards([await closedRun(0, reserving), gone, await closedRun(2, reserving)])
    const lines = await all(replayArchive({ client, workflow: order(reserving) }))
    expect(lines.map(({ ok: agrees }) => agrees)).toEqual([true, false, true])
    expect(lines[1]).toMatchObject({ error: { code: 'workflow_not_found' } })
    expect(lines[1]).not.toHaveProperty('eventId')
  })
})

describe('refused before anything is listed', () => {
  test.each([0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY])('a sample of %s', (sample) => {
    const { client } = shards([])
    expect(() => replayArchive({ client, workflow: order(reserving), sample })).toThrow(
      expect.objectContaining({ code: 'invalid_argument', path: 'sample' }),
    )
  })

  test('an instant that is none, and what is no workflow', () => {
    const { client } = shards([])
    expect(() => replayArchive({ client, workflow: order(reserving), since: 'soon' })).toThrow(
      expect.objectContaining({ path: 'since' }),
    )
    expect(() => replayArchive({ client, workflow: { ...order(reserving) } })).toThrow(
      expect.objectContaining({ code: 'invalid_argument' }),
    )
  })
})
