import { describe, expect, test } from 'vitest'
import type { ArchiveSource } from '../../archiver/phases/context.ts'
import type { AcquireArchiveRequest } from '../../shared/archive.ts'
import { workflow } from '../../shared/define.ts'
import { PROTOCOL_VERSION } from '../../shared/protocol.ts'
import { batchesIn } from './snapshots.ts'
import { client, historyOf, until } from '../conformance/world.ts'
import { register } from '../workers/registry.ts'
import { bucket, watched } from './buckets.ts'
import { closedRuns, coldRows, coldTier, pass, release, source } from './passes.ts'

const goesCold = workflow('goesCold', async (ctx, input: string) => {
  await ctx.run('step', () => input)
  return { done: input }
})
const staysWarm = workflow('staysWarm', async (_ctx, input: string) => input)
register(goesCold, staysWarm)

describe('a pass', () => {
  test('takes closed runs through warm into cold, where every call answers as before', async () => {
    const ids = ['way-1', 'way-2', 'way-3', 'way-4', 'way-5']
    const runIds = await closedRuns(goesCold, ids)
    const before = await Promise.all(ids.map(read))
    expect(before[0]).toMatchObject({ described: { tier: 'hot' }, result: { done: 'way-1' } })
    const { summary } = await untilArchived(ids)
    expect(summary).toMatchObject({ failed: 0, backlog: 0 })
    const after = await Promise.all(ids.map(read))
    for (const [i, { described, ...rest }] of before.entries()) {
      expect(after[i]).toEqual({ ...rest, described: { ...described, tier: 'cold' } })
    }
    const cold = await coldRows()
    for (const [i, runId] of runIds.entries()) {
      expect(cold.executions.get(runId)).toBe(1)
      expect(cold.history.get(runId)).toBe(before[i]!.history.length)
    }
  })

  test('over an R2 that takes nothing archives nothing; runs go on, and all are archived once it takes them', async () => {
    const dead = watched((name, call) =>
      name === 'put' ? Promise.reject(new Error('R2 takes nothing')) : call(),
    )
    const ids = ['down-1', 'down-2', 'down-3']
    await closedRuns(goesCold, ids)
    const { summary, lines } = await pass({ bucket: dead, cold: coldTier(dead) })
    expect(summary.runs).toBe(0)
    expect(summary.failed).toBeGreaterThan(0)
    const message = expect.stringContaining('R2 takes nothing')
    expect(lines).toContainEqual(expect.objectContaining({ event: 'archive_failed', message }))
    const meanwhile = await client.execute(goesCold, { workflowId: 'while-down', input: 'while-down' })
    expect(meanwhile).toEqual({ done: 'while-down' })
    const before = await Promise.all(ids.map(read))
    expect(before.map(({ described }) => described.tier)).toEqual(['hot', 'hot', 'hot'])
    await untilArchived([...ids, 'while-down'])
    const after = await Promise.all(ids.map(read))
    expect(after.map(({ result, history }) => [result, history])).toEqual(
      before.map(({ result, history }) => [result, history]),
    )
  })

  test('of a release that is too far away says so, and holds no lease', async () => {
    const foreign: ArchiveSource = Object.create(source, {
      acquireArchive: {
        value: (request: AcquireArchiveRequest) =>
          source.acquireArchive({ ...request, v: PROTOCOL_VERSION + 2 } as AcquireArchiveRequest), // as that one sends it
      },
    })
    const { summary, lines } = await pass({ source: foreign, namespaces: ['default'] })
    expect(summary).toMatchObject({ shards: 0, failed: 1 })
    expect(lines[0]).toMatchObject({ event: 'archive_failed', code: 'protocol_mismatch' })
    expect((await pass({ namespaces: ['default'] })).summary.shards).toBeGreaterThan(0)
  })

  test('commits to each table once, whatever the number of runs and shards', async () => {
    const ids = Array.from({ length: 30 }, (_, i) => `once-${i}`)
    await closedRuns(goesCold, ids)
    const before = await batchesIn(coldTier())
    await untilArchived(ids)
    const commits = (await batchesIn(coldTier())).history.length - before.history.length
    expect(commits).toBe(1)
  })

  test('finds nothing more to do when it is run again', async () => {
    await untilArchived([])
    const { summary, lines } = await pass()
    expect(summary).toMatchObject({ batches: 0, cooledBatches: 0, failed: 0 })
    expect(lines.map(({ event }) => event)).toEqual(['archive_pass'])
  })

  test('leaves runs warm whose type stays warm', async () => {
    await closedRuns(staysWarm, ['stays-1'])
    await until(async () => {
      await pass()
      return (await client.getHandle('stays-1').describe()).tier === 'warm'
    })
    const { summary } = await pass()
    expect(summary.cooledBatches).toBe(0)
  })

  test('begins nothing after its deadline', async () => {
    await closedRuns(goesCold, ['late-1'])
    let calls = 0
    const now = (): number => (calls++ === 0 ? 0 : 1_000_000)
    const { summary } = await pass({ now, budgetMs: 1_000 })
    expect(summary).toMatchObject({ batches: 0, cooledBatches: 0 })
    expect((await client.getHandle('late-1').describe()).tier).toBe('hot')
  })
})

describe('two passes at once', () => {
  test('are one pass: the other is told who holds the lease', async () => {
    await source.acquireArchive({ namespace: 'default', holder: 'someone', ttlMs: 60_000 })
    const { summary, lines } = await pass()
    expect(summary.shards).toBe(0)
    expect(lines[0]).toMatchObject({ event: 'archive_skipped', namespace: 'default' })
    await release('someone')
  })

  test('of which the first has lost its lease: it changes nothing more', async () => {
    const ids = ['fenced-1', 'fenced-2', 'fenced-3']
    const runIds = await closedRuns(goesCold, ids)
    let overtaken = false
    // The first pass sleeps in its first put until the second one has done everything.
    const slow = watched(async (name, call) => {
      if (name === 'put' && !overtaken) {
        overtaken = true
        await release('first')
        await untilArchived(ids)
      }
      return await call()
    })
    const first = await pass({ bucket: slow, newId: firstIds() })
    expect(first.lines.some(({ code }) => code === 'lease_lost')).toBe(true)
    const cold = await coldRows()
    for (const runId of runIds) expect(cold.executions.get(runId)).toBe(1)
    for (const id of ids) expect(await client.getHandle(id).result()).toEqual({ done: id })
  })
})

describe('a catalog', () => {
  test('that commits and then loses the answer has been committed to once', async () => {
    const ids = ['unknown-1', 'unknown-2']
    const runIds = await closedRuns(goesCold, ids)
    let lost = 0
    const forgetful = watched(async (name, call, [key]) => {
      const answer = await call()
      if (name !== 'put' || !String(key).endsWith('version-hint.text') || lost++ % 2 === 1) return answer
      throw new Error('Network connection lost.')
    })
    await untilArchived(ids, { cold: coldTier(forgetful) })
    expect(lost).toBeGreaterThan(0)
    const cold = await coldRows()
    for (const runId of runIds) expect(cold.executions.get(runId)).toBe(1)
  })
})

test('a warm object that is damaged before it is cold is reported, and its batch is not marked cold', async () => {
  await closedRuns(goesCold, ['damaged-1'])
  await until(async () => {
    await pass({ cold: null })
    return (await client.getHandle('damaged-1').describe()).tier === 'warm'
  })
  const { objects } = await bucket.list({ prefix: 'warm/default/', include: ['customMetadata'] })
  const last = objects.toSorted((a, b) => Number(a.uploaded) - Number(b.uploaded)).at(-1)!
  const whole = new Uint8Array(await (await bucket.get(last.key))!.arrayBuffer())
  await bucket.put(last.key, whole.slice(0, 500), { customMetadata: last.customMetadata! })
  const { summary, lines } = await pass()
  expect(summary.failed).toBe(1)
  expect(lines).toContainEqual(expect.objectContaining({ event: 'archive_failed', fault: 'object_corrupt' }))
  expect(
    (await client
      .getHandle('damaged-1')
      .describe()
      .catch((error: Error) => error)) as unknown,
  ).toBeInstanceOf(Error)
})

function firstIds(): () => string {
  let made = 0
  return () => (made++ === 0 ? 'first' : crypto.randomUUID())
}

async function read(workflowId: string) {
  const handle = client.getHandle(workflowId)
  const [described, history, result] = [
    await handle.describe(),
    await historyOf(handle),
    await handle.result(),
  ]
  return { described, history, result }
}

/** Passes until the runs are cold: what is archived must have reached the change-event sink first. */
async function untilArchived(ids: readonly string[], changed: Parameters<typeof pass>[0] = {}) {
  return await until(async () => {
    const ran = await pass(changed)
    const tiers = await Promise.all(ids.map(async (id) => (await client.getHandle(id).describe()).tier))
    return tiers.every((tier) => tier === 'cold') && ran
  })
}
