import { expect, test } from 'vitest'
import type { WarmObject } from '../../shared/archive.ts'
import { workflow } from '../../shared/define.ts'
import type { ArchiveSource } from '../../archiver/phases/context.ts'
import { client, historyOf, idOn, until } from '../conformance/world.ts'
import { rows } from '../scheduler-do/storage.ts'
import { changeEvents, register } from '../workers/registry.ts'
import { bucket, watched } from './buckets.ts'
import { closedRuns, coldRows, coldTier, pass, release, source } from './passes.ts'

const goesCold = workflow('goesCold', async (ctx, input: string) => {
  await ctx.run('step', () => input)
  return { done: input }
})
const expires = workflow('expires', async (_ctx, input: string) => ({ expired: input }))
register(goesCold, expires)

interface Round {
  readonly cold: string[]
  readonly expired: string
}

/**
 * The pass is killed at its first await, then at its second, and so on until it lives to its end: once before the call
 * has had its effect, once after it. Every pass has something to do in every phase: runs to archive on both shards, a run
 * whose warm age is over, a run that was deleted, small files to compact.
 */
test('killed at any await and run again, a pass has archived each run exactly once', async ({ annotate }) => {
  const visited: string[] = []
  const rounds: Round[] = []
  const deleted = new Set<string>()
  for (const effect of ['before', 'after'] as const) {
    for (let point = 1; ; point++) {
      const round = await closedRound(rounds.length)
      await forget(rounds.at(-1), deleted)
      const killer = new Killer(point, effect)
      await pass({ ...killer.world(), newId: killer.newId })
      rounds.push(round)
      if (killer.killedAt === null) break
      visited.push(`${effect} ${killer.killedAt}`)
      await release('killed')
      await recover(round)
    }
    await release('killed')
  }
  await annotate(`${visited.length} crash points: ${[...new Set(visited)].join(', ')}`)
  expect(visited.length).toBeGreaterThan(60)
  await expectEachOnce(rounds, deleted)
}, 300_000)

class Killed extends Error {}

/** Lets calls through up to a point; from then on nothing has any effect, as of a process that is no more. */
class Killer {
  readonly #point: number
  readonly #effect: 'before' | 'after'
  #calls = 0
  #made = 0
  killedAt: string | null = null

  constructor(point: number, effect: 'before' | 'after') {
    this.#point = point
    this.#effect = effect
  }

  readonly newId = (): string => (this.#made++ === 0 ? 'killed' : crypto.randomUUID())

  world() {
    const over = watched((name, call) => this.#call(`R2 ${name}`, call))
    const shards = new Proxy(source, {
      get: (target, name) => (request: unknown) =>
        this.#call(String(name), () => Reflect.get(target, name).call(target, request)),
    }) as ArchiveSource
    return { bucket: over, source: shards, cold: coldTier(over) }
  }

  async #call(name: string, call: () => Promise<unknown>): Promise<unknown> {
    if (this.killedAt !== null) throw new Killed()
    if (++this.#calls < this.#point) return await call()
    this.killedAt = name
    if (this.#effect === 'after') await call()
    throw new Killed()
  }
}

/** Runs on both shards, closed, and told of to the change-event sink: the next pass finds them. */
async function closedRound(number: number): Promise<Round> {
  const cold = [idOn(0, `crash-${number}-a`), idOn(1, `crash-${number}-b`)]
  const expired = idOn(number % 2, `crash-${number}-x`)
  const runIds = [...(await closedRuns(goesCold, cold)), ...(await closedRuns(expires, [expired]))]
  await until(() =>
    runIds.every((runId) =>
      changeEvents.some((event) => event.runId === runId && event.type === 'workflow.completed'),
    ),
  )
  return { cold, expired }
}

/** Deletes a run of the round before. */
async function forget(round: Round | undefined, deleted: Set<string>): Promise<void> {
  const [id] = round?.cold ?? []
  if (id === undefined) return
  const { runId } = await client.getHandle(id).describe()
  await client.delete(id, runId)
  deleted.add(runId)
}

async function recover({ cold, expired }: Round): Promise<void> {
  await until(async () => {
    const { summary } = await pass()
    expect(summary.failed).toBe(0)
    const tiers = await Promise.all(
      [...cold, expired].map(async (id) => (await client.getHandle(id).describe()).tier),
    )
    return tiers.every((tier) => tier === 'cold')
  })
}

async function expectEachOnce(rounds: readonly Round[], deleted: ReadonlySet<string>): Promise<void> {
  await until(async () => {
    const { summary } = await pass()
    return summary.runs + summary.cooledBatches + summary.expiredRuns + summary.purgedRuns === 0
  })
  const { history, executions } = await coldRows()
  for (const { cold, expired } of rounds) {
    for (const id of [...cold, expired]) {
      const described = await client
        .getHandle(id)
        .describe()
        .catch(() => null)
      if (described === null) continue
      const { runId } = described
      const events = await historyOf(client.getHandle(id))
      expect(executions.get(runId), id).toBe(1)
      expect(history.get(runId), id).toBe(events.length)
      expect(await client.getHandle(id).result()).toEqual(id === expired ? { expired: id } : { done: id })
    }
  }
  expect(executions.size).toBe(rounds.length * 3 - deleted.size)
  for (const runId of deleted)
    expect([history.get(runId), executions.get(runId)]).toEqual([undefined, undefined])
  expect(await warmKeys()).toEqual(await keysOfShards())
}

async function warmKeys(): Promise<string[]> {
  const keys: string[] = []
  for (let cursor: string | undefined; ;) {
    const listed = await bucket.list({ prefix: 'warm/', ...(cursor !== undefined && { cursor }) })
    keys.push(...listed.objects.map(({ key }) => key))
    if (!listed.truncated) return keys.toSorted()
    cursor = listed.cursor
  }
}

async function keysOfShards(): Promise<string[]> {
  const batches = [
    ...(await rows(0, 'SELECT objects FROM archive_batches')),
    ...(await rows(1, 'SELECT objects FROM archive_batches')),
  ]
  const objects = batches.flatMap(({ objects: text }) => JSON.parse(String(text)) as WarmObject[])
  return objects.map(({ object }) => object).toSorted()
}
