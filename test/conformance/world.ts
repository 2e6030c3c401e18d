/** The Workers under test as a conformance test sees them, and the hooks that stand in for time and evictions. */
import { env } from 'cloudflare:workers'
import { beforeAll } from 'vitest'
import type { DebugStats } from '../../scheduler-do/debug.ts'
import { WorkflowClient } from '../../shared/client.ts'
import type { EngineNamespace, ServiceBinding } from '../../shared/connection.ts'
import { shardOf } from '../../shared/shard.ts'
import type { HistoryEvent, HistoryEventType } from '../../shared/info.ts'

interface Hooks {
  evict(workflowId?: string): Promise<void>
  advance(ms: number): Promise<void>
  stats(namespace: string, shard: number): Promise<DebugStats>
}

interface World {
  SCHEDULER: EngineNamespace
  WORKFLOWS: ServiceBinding & Hooks
  ARCHIVE: R2Bucket
}

export const world = env as unknown as World // what test/workers/wrangler.toml and vitest.config.ts bind
export const SHARDS = 2
export const client = new WorkflowClient(world.SCHEDULER)

// The first request loads the Worker with everything it bundles; no test's own time should pay for that.
beforeAll(async () => {
  await client.count()
})

/** Moves the clock of every shard; what that makes due has been done, or been handed to its queue, when it resolves. */
export const advance = (ms: number): Promise<void> => world.WORKFLOWS.advance(ms)
/** Drops what lives in memory: of one workflow, or of every shard. */
export const evict = (workflowId?: string): Promise<void> => world.WORKFLOWS.evict(workflowId)

/** Turns of the shard that holds a workflow, since it woke. */
export async function turnsOf(workflowId: string): Promise<number> {
  const { turns } = await world.WORKFLOWS.stats('default', shardOf(workflowId, SHARDS))
  return turns
}

/** An id that begins with `prefix` and lives on `shard`. */
export function idOn(shard: number, prefix: string): string {
  const ids = Array.from({ length: 64 }, (_, i) => `${prefix}-${i}`)
  return ids.find((id) => shardOf(id, SHARDS) === shard) ?? prefix
}

interface Recorded {
  history(): AsyncIterable<HistoryEvent>
}

export async function historyOf(run: Recorded): Promise<HistoryEvent[]> {
  const events: HistoryEvent[] = []
  for await (const event of run.history()) events.push(event)
  return events
}

export async function typesOf(run: Recorded): Promise<HistoryEventType[]> {
  return (await historyOf(run)).map(({ type }) => type)
}

/** The data of every event of one type. */
export async function recorded(run: Recorded, type: HistoryEventType): Promise<Record<string, unknown>[]> {
  const events = await historyOf(run)
  return events.filter((event) => event.type === type).map(({ data }) => data as Record<string, unknown>)
}

const PATIENCE_MS = 120_000 // less than a test has: this error says what was awaited

/** Asks again, as fast as the answers come, until `check` answers what is awaited; undefined and false are not it. */
export async function until<T>(
  check: () => Promise<T | undefined | false> | T | undefined | false,
): Promise<T> {
  const deadline = Date.now() + PATIENCE_MS
  for (;;) {
    const answer = await check()
    if (answer !== undefined && answer !== false) return answer
    if (Date.now() > deadline)
      throw new Error(`it did not come true within ${PATIENCE_MS} ms: ${String(check)}`)
    // lets everyone else run; an object may just have been lost
    await world.WORKFLOWS.stats('default', 0).catch(() => {})
  }
}

/**
 * What an activity passes once the test has opened it: how a test holds an activity where it wants it. The other way
 * round the test asks `until(() => gate.opened)`: a promise that another request resolves does not wake the test.
 */
export interface Gate {
  readonly passed: Promise<void>
  readonly opened: boolean
  open(): void
}

export function gate(): Gate {
  const { promise, resolve } = Promise.withResolvers<void>()
  let opened = false
  const open = (): void => {
    opened = true
    resolve()
  }
  return {
    passed: promise,
    open,
    get opened() {
      return opened
    },
  }
}

/** The error that `promise` rejects with. */
export async function rejection<E extends Error = Error & { code?: string }>(
  promise: Promise<unknown>,
): Promise<E> {
  const settled = await promise.then(
    (value) => ({ value }),
    (error: unknown) => ({ error }),
  )
  if ('error' in settled) return settled.error as E // what the test says it expects
  throw new Error(`it resolved to ${JSON.stringify(settled.value)} instead of rejecting`)
}

/** Numbers in [0, 1) from a seed, so that a failing test can be run again. */
export function seeded(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}
