import { beforeEach, describe, expect, test } from 'vitest'
import type { WorkflowCdcEvent } from '../../shared/cdc.ts'
import { signal, workflow } from '../../shared/define.ts'
import { WorkflowClient } from '../../shared/client.ts'
import type { TailedEvent } from '../../shared/tailing.ts'
import type { Finding, ToldHealth } from '../../shared/health.ts'
import { ask, TOKEN } from '../conformance/over-http.ts'
import { client, evict, historyOf, idOn, until, world } from '../conformance/world.ts'
import { changeEvents, register } from '../workers/registry.ts'
import { abort, abortAfter, rows } from './storage.ts'

const go = signal<number>('go')
const steps = workflow('steps', async (ctx, count: number) => {
  for (let step = 0; step < count; step += 1) await ctx.run(`step ${step}`, () => step)
  return ctx.waitForSignal(go)
})
const fan = workflow('fan', async (ctx, count: number) => {
  await Promise.all(Array.from({ length: count }, () => ctx.sleep('1h')))
})
register(steps, fan)

const shard = 0

/** Change events of the shard, by their sequence, as often as they came. */
function told(): Map<number, WorkflowCdcEvent[]> {
  return Map.groupBy(
    changeEvents.filter((event) => event.shard === shard),
    (event) => event.sequence!, // every event that was delivered has one
  )
}

async function recordedSequences(): Promise<number[]> {
  const found = await rows(shard, 'SELECT sequence FROM workflow_history ORDER BY sequence')
  return found.map(({ sequence }) => Number(sequence))
}

/** Waits until everything recorded has been told, and gives the numbers of both, in order. */
async function allTold(): Promise<{ recorded: number[]; numbers: number[] }> {
  const recorded = await recordedSequences()
  await until(() => recorded.every((sequence) => told().has(sequence)))
  return { recorded, numbers: [...told().keys()].toSorted((one, other) => one - other) }
}

const gapless = (count: number) => Array.from({ length: count }, (_, index) => index + 1)

const run = async (prefix: string, count: number) => {
  const handle = await client.start(steps, { workflowId: idOn(shard, prefix), input: count })
  await handle.signal(go, 1)
  await handle.result()
  return handle
}

/** Page by page, as `npm run doctor` asks. */
async function looked(repair: boolean): Promise<Finding[]> {
  const findings: Finding[] = []
  for (let cursor: string | undefined = ''; cursor !== undefined;) {
    const asked = { shard, repair, ...(cursor !== '' && { cursor }) }
    const headers = { authorization: `Bearer ${TOKEN}` }
    const answer = await ask('/api/v1/health', { method: 'POST', headers, body: JSON.stringify(asked) })
    expect(answer.status).toBe(200)
    const page = await answer.json<ToldHealth>()
    findings.push(...page.findings)
    cursor = page.cursor
  }
  return findings
}

describe('change events', () => {
  test('are one for each history event, numbered from 1 without a gap, with what identifies them', async () => {
    const handle = await run('one', 3)
    await allTold()
    const recorded = await historyOf(handle)
    const own = changeEvents.filter((event) => event.workflowId === handle.workflowId)
    expect(own.map(({ type }) => type)).toEqual(
      recorded.map(({ type }) => `workflow.${type.replace(/^workflow_/, '')}`),
    )
    expect(own.map(({ eventId }) => eventId)).toEqual(recorded.map((_, index) => index + 1))
    for (const event of own) {
      expect(event).toMatchObject({ namespace: 'default', shard, runId: handle.runId, workflowType: 'steps' })
      expect(event.id).toBe(`default/${shard}/${event.sequence}`)
    }
    const followed: WorkflowCdcEvent[] = []
    for await (const event of handle.events()) followed.push(event)
    expect(followed).toEqual(own)
  })

  test('come in the order of their numbers', async () => {
    await Promise.all(['a', 'b', 'c'].map((prefix) => run(prefix, 5)))
    await allTold()
    const firsts = [...told().values()].map(([first]) => changeEvents.indexOf(first!))
    expect(firsts).toEqual(firsts.toSorted((one, other) => one - other))
  })

  test('of a shard evicted again and again are all there, some twice', async () => {
    const runs = ['e1', 'e2', 'e3', 'e4'].map((prefix) => run(prefix, 6))
    for (let round = 0; round < 5; round += 1) await evict()
    await Promise.all(runs)
    const { recorded, numbers } = await allTold()
    expect(recorded).toEqual(gapless(recorded.length))
    expect(numbers).toEqual(recorded)
  })

  test('of a shard lost again and again are all there', async () => {
    for (let round = 0; round < 4; round += 1) {
      const runs = [1, 2, 3].map((n) =>
        client.start(steps, { workflowId: idOn(shard, `l${round}${n}`), input: 2 }),
      )
      await Promise.all(runs)
      await abort(shard)
    }
    await client.count()
    const { recorded, numbers } = await allTold()
    expect(recorded).toEqual(gapless(recorded.length))
    expect(numbers).toEqual(recorded)
  })
})

describe('whoever follows the namespace', () => {
  test('is told what the sink is told, in order and once, though the shard is evicted and lost', async () => {
    await run('earlier', 1)
    const { recorded } = await allTold()
    const before: TailedEvent[] = []
    for await (const event of client.events({ live: false })) before.push(event)
    expect(before.filter((event) => event.shard === shard).map(({ sequence }) => sequence)).toEqual(recorded)
    const bound: TailedEvent[] = []
    for await (const event of new WorkflowClient(world.WORKFLOWS).events({ live: false })) bound.push(event)
    expect(bound).toHaveLength(before.length)
    const events = client.events({ after: before.at(-1)!.cursor })
    const first = events.next()
    const runs = ['f1', 'f2', 'f3'].map((prefix) => run(prefix, 4))
    await evict()
    await Promise.all(runs)
    await abort(shard)
    await run('f4', 1)
    await allTold()
    const own = changeEvents.filter(({ workflowId }) => /^f\d-/.test(workflowId))
    const expected = [...new Map(own.map((event) => [event.sequence, event])).values()]
    const heard: TailedEvent[] = [(await first).value]
    while (heard.length < expected.length) heard.push((await events.next()).value)
    await events.return(undefined)
    expect(heard.map(({ cursor, ...event }) => [typeof cursor, event])).toEqual(
      expected.map((event) => ['string', event]),
    )
  })
})

test('a stream over HTTP is told each event of a run once, though the shard is evicted and lost', async () => {
  const workflowId = idOn(shard, 'streamed')
  const handle = await client.start(steps, { workflowId, input: 3 })
  const headers = { authorization: `Bearer ${TOKEN}` }
  const response = await ask(`/api/v1/events?workflowId=${workflowId}`, { headers })
  expect(response.headers.get('content-type')).toContain('text/event-stream')
  const following = response.text()
  await evict()
  await handle.signal(go, 1)
  await abort(shard)
  await handle.result()
  const blocks = (await following).split('\n\n').filter((block) => block.startsWith('event: '))
  const all: WorkflowCdcEvent[] = []
  for await (const event of handle.events()) all.push(event)
  expect(blocks).toEqual(
    all.map((event) => `event: ${event.type}\ndata: ${JSON.stringify(event)}\nid: ${event.sequence}`),
  )
})

describe('a position in the middle of a turn', () => {
  beforeEach(async () => {
    await allTold()
  })

  test('is where delivery goes on after a wake: the rest of the turn is told again', async () => {
    const handle = await client.start(fan, { workflowId: idOn(shard, 'fan'), input: 20 })
    await allTold()
    const last = Math.max(...told().keys())
    const before = changeEvents.length
    await abortAfter(shard, ({ sql }) => {
      sql.exec(
        `INSERT INTO meta VALUES ('cdc_position', ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value`,
        `${last - 5}`,
      )
    })
    await handle.describe()
    await until(() => changeEvents.slice(before).some(({ sequence }) => sequence === last))
    const again = changeEvents.slice(before).map(({ sequence }) => sequence!)
    expect(again).toEqual(expect.arrayContaining([last - 4, last - 3, last - 2, last - 1, last]))
  })
})

describe('a position', () => {
  test('is written down, so that a wake does not tell everything again', async () => {
    await run('position', 1)
    const { recorded } = await allTold()
    await world.WORKFLOWS.advance(2_000)
    await client.start(steps, { workflowId: idOn(shard, 'position-after'), input: 0 })
    const [row] = await rows(shard, `SELECT value FROM meta WHERE key = 'cdc_position'`)
    const position = Number(row?.['value'])
    expect(position).toBeGreaterThanOrEqual(recorded.length)
    await allTold()
    const before = changeEvents.length
    await abort(shard)
    await client.count()
    await allTold()
    const again = changeEvents.slice(before).map(({ sequence }) => sequence!)
    expect(Math.min(Infinity, ...again)).toBeGreaterThan(position)
  })
})

describe('a written position behind the last event', () => {
  test('is found over HTTP and set back, so that what happens from then on is told', async () => {
    await run('ahead', 1)
    await allTold()
    await evict()
    expect(await looked(false)).toEqual([])
    await abortAfter(shard, ({ sql }) => {
      sql.exec(`UPDATE meta SET value = '999999' WHERE key = 'cdc_position'`)
    })
    expect(await looked(true)).toMatchObject([{ code: 'position_ahead', repaired: true }])
    await run('behind', 1)
    const { recorded, numbers } = await allTold()
    expect(numbers).toEqual(recorded)
  })
})
