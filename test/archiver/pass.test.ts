import { describe, expect, test } from 'vitest'
import { runPass, type ArchiveSource, type PassOptions } from '../../archiver/pass.ts'
import { defaultLimits } from '../../archiver/plan.ts'
import { readRun } from '../../archiver/warm.ts'
import { noon, orderRuns, seeded } from './batches.ts'
import { bucket, watched } from './buckets.ts'
import { shardsWith, type Shards } from './shards.ts'

describe('a pass', () => {
  test('moves every closed run of every shard into the warm tier, and says what it did', async () => {
    const world = world6('every')
    const lines: string[] = []
    const summary = await runPass(options('every', world, { log: (line) => lines.push(line) }))
    await expectAllArchivedOnce(world)
    expect(summary).toMatchObject({ shards: 6, batches: 12, runs: 60, rows: 900, failed: 0 })
    const logged = lines.map((line) => JSON.parse(line) as Record<string, unknown>)
    expect(logged.filter(({ event }) => event === 'archive_batch')).toHaveLength(12)
    expect(logged.at(-1)).toMatchObject({ event: 'archive_pass', ...summary, unfinished: 0 })
  })

  test('works on four shards at once', async () => {
    const world = world6('four')
    let open = 0
    let most = 0
    const slow: ArchiveSource = {
      ...world,
      proposeArchive: async (request) => {
        most = Math.max(most, ++open)
        await scheduler.wait(1)
        open--
        return await world.proposeArchive(request)
      },
    }
    await runPass(options('four', slow))
    expect(most).toBe(4)
  })

  test('leaves a shard that fails and goes on with the others', async () => {
    const world = world6('fails')
    const lines: string[] = []
    const broken: ArchiveSource = {
      ...world,
      proposeArchive: (request) =>
        request.to.shard === 2
          ? Promise.resolve({ ok: false, code: 'overloaded', message: 'later' })
          : world.proposeArchive(request),
    }
    const summary = await runPass(options('fails', broken, { log: (line) => lines.push(line) }))
    expect(summary).toMatchObject({ failed: 1, runs: 50 })
    expect(world.shards.map(({ hot }) => hot.length)).toEqual([0, 0, 10, 0, 0, 0])
    const failure = lines
      .map((line) => JSON.parse(line) as Record<string, unknown>)
      .find(({ event }) => event === 'archive_failed')
    expect(failure).toMatchObject({ namespace: 'fails', shard: 2, code: 'overloaded', message: 'later' })
  })

  test('leaves a namespace whose shard count is not to be had', async () => {
    const world = world6('known')
    const source: ArchiveSource = {
      ...world,
      shardCount: (namespace) =>
        namespace === 'unknown'
          ? Promise.reject(new Error('no such namespace'))
          : world.shardCount(namespace),
    }
    const summary = await runPass({ ...options('known', source), namespaces: ['unknown', 'known'] })
    expect(summary).toMatchObject({ failed: 1, runs: 60 })
  })

  test('ends with its budget, and every shard has had a turn before any has a second', async () => {
    const world = world6('budget')
    let now = noon
    const slow: ArchiveSource = {
      ...world,
      proposeArchive: (request) => {
        now += 1_000
        return world.proposeArchive(request)
      },
    }
    const summary = await runPass(options('budget', slow, { budgetMs: 6_000, now: () => now }))
    expect(summary.batches).toBeLessThan(12)
    expect(Math.min(...world.shards.map(({ archived }) => archived.length))).toBe(5)
    await runPass(options('budget', world))
    await expectAllArchivedOnce(world)
  })

  test('gives up on a shard that proposes what it has confirmed, or what is another shard’s', async () => {
    const world = world6('repeats')
    const repeats: ArchiveSource = {
      ...world,
      confirmArchive: (request) =>
        request.to.shard === 1 ? Promise.resolve({ ok: true, value: null }) : world.confirmArchive(request),
      proposeArchive: (request) =>
        world.proposeArchive(
          request.to.shard === 4 ? { ...request, to: { ...request.to, shard: 5 } } : request,
        ),
    }
    expect(await runPass(options('repeats', repeats))).toMatchObject({ failed: 2 })
  })
})

describe('a pass that is killed', () => {
  test('between put and confirm is finished by the next, with the object that is there', async () => {
    const world = shardsWith([orderRuns(10, seeded(41), 'killed')], 10)
    const killed: ArchiveSource = { ...world, confirmArchive: () => Promise.reject(new Error('killed')) }
    expect(await runPass(options('killed', killed))).toMatchObject({ failed: 1, runs: 0 })
    const [object] = (await bucket.list({ prefix: 'warm/killed/' })).objects
    expect(world.shards[0]!.hot).toHaveLength(10)
    await runPass(options('killed', world))
    await expectAllArchivedOnce(world)
    expect(world.shards[0]!.archived[0]!.locator).toMatchObject({ object: object!.key, etag: object!.etag })
  })

  test.each(['before', 'after'] as const)(
    '%s any of its calls archives each run exactly once in the end',
    async (when) => {
      let call = 0
      while (await killedAt(call, when)) call++
      expect(call).toBeGreaterThan(12)
    },
  )

  test('twice at once does no harm', async () => {
    const world = world6('twice')
    const both = await Promise.all([runPass(options('twice', world)), runPass(options('twice', world))])
    expect(both.map(({ failed }) => failed)).toEqual([0, 0])
    await expectAllArchivedOnce(world)
  })
})

/** Six shards with ten runs each, five to a batch. */
function world6(name: string): Shards {
  return shardsWith(
    Array.from({ length: 6 }, (_, shard) => orderRuns(10, seeded(shard), `${name}-${shard}`)),
    5,
  )
}

function options(namespace: string, source: ArchiveSource, change: Partial<PassOptions> = {}): PassOptions {
  return {
    bucket,
    source,
    namespaces: [namespace],
    limits: defaultLimits,
    budgetMs: 20_000,
    now: () => Date.now(),
    log: () => undefined,
    ...change,
  }
}

/** A pass that dies at its `call`th call, then one that does not. False when the first ended before that call. */
async function killedAt(call: number, when: 'before' | 'after'): Promise<boolean> {
  const namespace = `${when}-${call}`
  const world = shardsWith(
    [orderRuns(2, seeded(call), namespace), orderRuns(1, seeded(call), `${namespace}-b`)],
    2,
  )
  let calls = 0
  const around = async <T>(made: () => Promise<T>): Promise<T> => {
    const mine = calls++
    if (mine > call || (mine === call && when === 'before')) throw new Error('killed')
    const answer = await made()
    if (mine === call) throw new Error('killed')
    return answer
  }
  const source: ArchiveSource = {
    shardCount: (name) => around(() => world.shardCount(name)),
    proposeArchive: (request) => around(() => world.proposeArchive(request)),
    confirmArchive: (request) => around(() => world.confirmArchive(request)),
  }
  const dying = { ...options(namespace, source), bucket: watched((_, made) => around(made)) }
  // Small objects: a batch is several puts.
  const limits = { ...defaultLimits, objectBytes: 1 }
  const { failed } = await runPass({ ...dying, limits })
  await runPass({ ...options(namespace, world), limits })
  await expectAllArchivedOnce(world)
  return failed > 0
}

async function expectAllArchivedOnce(world: Shards): Promise<void> {
  for (const { hot, open, archived } of world.shards) {
    expect(hot).toEqual([])
    expect(open).toBeNull()
    expect(new Set(archived.map(({ run }) => run.execution.runId)).size).toBe(archived.length)
    for (const { run, locator } of archived) {
      const { workflowId, runId } = run.execution
      const bytes = await readRun(bucket, { workflowId, runId, locator })
      expect(JSON.parse(new TextDecoder().decode(bytes))).toEqual(run.events)
    }
  }
}
