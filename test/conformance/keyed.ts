/** Activities with a concurrency key, whose messages nobody takes: the test is their consumer, of objects that may be lost. */
import { expect } from 'vitest'
import { serializeError } from '../../shared/core/failure.ts'
import { workflow } from '../../shared/define.ts'
import type { ActivityOptions } from '../../shared/index.ts'
import { shardOf } from '../../shared/shard.ts'
import { rows } from '../scheduler-do/storage.ts'
import { register } from '../workers/registry.ts'
import { claim, holder, settle as settleOnce } from './hand.ts'
import type { Attempt, Holder } from './hand.ts'
import { persist } from './loss.ts'
import { SHARDS, client, until } from './world.ts'

export const keyed = workflow('keyed', { taskQueue: 'nobody' }, async (ctx, options: ActivityOptions) =>
  ctx.activity('work', options),
)
register(keyed)

export const done = { kind: 'completed', result: 'done' } as const
export const failed = { kind: 'failed', error: serializeError(new Error('not this time')) } as const

/** A key whose line is kept by `shard`. */
export function keyOn(shard: number, prefix: string, taskQueue = 'nobody'): string {
  const keys = Array.from({ length: 64 }, (_, n) => `${prefix}-${n}`)
  return keys.find((key) => shardOf(`${taskQueue}/${key}`, SHARDS) === shard) ?? prefix
}

/** The workflow ids of those who hold and await the key, in their order. */
export async function lineOf(key: string, taskQueue = 'nobody'): Promise<unknown[]> {
  const statement = `SELECT holder ->> '$.workflowId' AS id FROM concurrency_keys WHERE task_queue = ? AND key = ? ORDER BY number`
  const shard = shardOf(`${taskQueue}/${key}`, SHARDS)
  const found = await persist(() => rows(shard, statement, taskQueue, key))
  return found.map(({ id }) => id)
}

export function lineIs(key: string, runs: readonly Attempt[]): Promise<true> {
  const expected = runs.map(({ run }) => run.workflowId).join()
  return until(async () => (await lineOf(key)).join() === expected || undefined)
}

/** Starts a run that has a place in the line when this resolves. */
export async function queued(
  key: string,
  workflowId: string,
  options: ActivityOptions = {},
): Promise<Attempt> {
  const run = await client.start(keyed, { workflowId, input: { concurrencyKey: key, ...options } })
  await until(async () => (await lineOf(key)).includes(workflowId))
  return { run, seq: 1, attempt: 1 }
}

/** Claims what has its key by now, or is about to. */
export async function taken(attempt: Attempt): Promise<Holder> {
  const by = holder()
  await until(async () => (await persist(() => claim(attempt, by))).ok)
  return by
}

export const settle = (attempt: Attempt, by: Holder, outcome: typeof done | typeof failed) =>
  persist(() => settleOnce(attempt, by, outcome))

export function resultsOf(...attempts: Attempt[]): Promise<unknown[]> {
  return Promise.all(attempts.map(({ run }) => client.getHandle(run.workflowId).result()))
}

const NOT_DUE = { ok: false, code: 'stale_task', reason: 'not_due' }

export async function waits(...attempts: Attempt[]): Promise<void> {
  for (const attempt of attempts) expect(await persist(() => claim(attempt, holder()))).toEqual(NOT_DUE)
}
