import { expect, test } from 'vitest'
import type { WarmObject } from '../../shared/archive.ts'
import { workflow } from '../../shared/define.ts'
import { client, idOn, until } from '../conformance/world.ts'
import { rows } from '../scheduler-do/storage.ts'
import { register } from '../workers/registry.ts'
import { bucket } from './buckets.ts'
import { Killer } from './killer.ts'
import { closedRuns, coldRows, coldTier, pass, release, settled } from './passes.ts'

const goesCold = workflow('goesCold', async (ctx, input: string) => {
  await ctx.run('step', () => input)
  return { done: input }
})
const expires = workflow('expires', async (_ctx, input: string) => ({ expired: input }))
register(goesCold, expires)

const TYPES = { stays: goesCold, again: goesCold, deleted: goesCold, expires }
type Round = Record<keyof typeof TYPES, { id: string; runId: string }>

/**
 * The pass is killed at its first call, then at its second, and so on until it lives to its end. A read from R2 is no point
 * of its own: it leaves what the call before it did. Every pass has runs to archive on both shards, one whose warm age is
 * over, and one of the pass before that was deleted.
 */
test('92 archive/exactly once: killed at any await and run again, a pass has archived each run exactly once', async ({
  annotate,
}) => {
  const visited: string[] = []
  const deleted: string[] = []
  for (let point = 1; ; point++) {
    const round = await closedRound(point)
    await pass({ cold: coldTier(bucket, `crash-${point}`) })
    await client.delete(round.deleted.id, round.deleted.runId)
    deleted.push(round.deleted.runId)
    const next = await closedRound(point, 'next-')
    const killer = new Killer(point)
    await pass(killer.world(`crash-${point}`))
    await release('killed')
    await recover(point, next)
    await expectEachOnce(point, [round, next])
    if (killer.killedAt === null) break
    visited.push(killer.killedAt)
  }
  await annotate(`${visited.length} crash points: ${visited.join(', ')}`)
  expect(visited.length).toBeGreaterThan(50)
  expect(await warmKeys()).toEqual(await keysOfShards())
}, 1_200_000) // a minute and a half alone on a slow machine, four times that beside others

/** Runs on both shards, closed, and told of to the change-event sink: the next pass finds them. */
async function closedRound(point: number, prefix = ''): Promise<Round> {
  const names = Object.keys(TYPES) as (keyof typeof TYPES)[]
  const runs = names.map(async (name, i) => {
    const id = idOn(i % 2, `crash-${point}-${prefix}${name}`)
    const [runId] = await closedRuns(TYPES[name], [id])
    return [name, { id, runId: runId! }] as const
  })
  const round = Object.fromEntries(await Promise.all(runs)) as Round
  const runIds = Object.values(round).map(({ runId }) => runId)
  await settled(runIds)
  return round
}

async function recover(point: number, next: Round): Promise<void> {
  const cold = coldTier(bucket, `crash-${point}`)
  await until(async () => {
    const { summary } = await pass({ cold })
    expect(summary.failed).toBe(0)
    const { length } = await client.list({ idPrefix: `crash-${point}-next-`, tiers: ['cold'] })
    return length === Object.keys(next).length
  })
}

async function expectEachOnce(point: number, [round, next]: [Round, Round]): Promise<void> {
  const { history, executions } = await coldRows(coldTier(bucket, `crash-${point}`))
  const kept = [round.stays, round.again, round.expires, ...Object.values(next)].map(({ runId }) => runId)
  expect(new Map(executions)).toEqual(new Map(kept.map((runId) => [runId, 1])))
  expect([...history.keys()].toSorted()).toEqual(kept.toSorted())
  for (const { runId, id } of [round.stays, next.stays]) {
    const described = await client.getHandle(id, runId).describe()
    expect(described).toMatchObject({ tier: 'cold', result: { done: id }, historyEvents: history.get(runId) })
  }
  await expect(client.getHandle(round.deleted.id).describe()).rejects.toThrow('is known here')
}

async function warmKeys(): Promise<string[]> {
  const keys: string[] = []
  let cursor: string | undefined
  do {
    const listed = await bucket.list({ prefix: 'warm/', ...(cursor !== undefined && { cursor }) })
    keys.push(...listed.objects.map(({ key }) => key))
    cursor = listed.truncated ? listed.cursor : undefined
  } while (cursor !== undefined)
  return keys.toSorted()
}

async function keysOfShards(): Promise<string[]> {
  const batches = [
    ...(await rows(0, 'SELECT objects FROM archive_batches')),
    ...(await rows(1, 'SELECT objects FROM archive_batches')),
  ]
  const objects = batches.flatMap(({ objects: text }) => JSON.parse(text as string) as WarmObject[])
  return objects.map(({ object }) => object).toSorted()
}
