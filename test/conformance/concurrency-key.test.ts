/** Activities that share a concurrency key. Most have their messages taken by nobody: the test is their consumer. */
import { describe, expect, test } from 'vitest'
import { serializeError } from '../../shared/core/failure.ts'
import { defineActivity, workflow } from '../../shared/define.ts'
import type { ActivityOptions } from '../../shared/index.ts'
import { shardOf } from '../../shared/shard.ts'
import { abort, rows } from '../scheduler-do/storage.ts'
import { register } from '../workers/registry.ts'
import { claim, holder, settle } from './hand.ts'
import type { Attempt, Holder } from './hand.ts'
import { PLACES, contradictions, loseAt, resultOf } from './loss.ts'
import { SHARDS, advance, client, evict, idOn, recorded, rejection, typesOf, until } from './world.ts'

const keyed = workflow('keyed', { taskQueue: 'nobody' }, async (ctx, options: ActivityOptions) =>
  ctx.activity('work', options),
)
const keyedFan = workflow('keyed-fan', { taskQueue: 'nobody' }, async (ctx, concurrencyKey: string) =>
  Promise.all([1, 2, 3].map(async () => ctx.activity('work', { concurrencyKey }))),
)

let running = 0
let most = 0
/** Gives everybody else the chance to run beside it. */
const alone = defineActivity('keyed-alone', async (name: string) => {
  running += 1
  most = Math.max(most, running)
  for (let turn = 0; turn < 20; turn += 1) await Promise.resolve()
  running -= 1
  return name
})
const keyedAlone = workflow('keyed-alone', async (ctx, input: string) =>
  ctx.activity(alone, { input, concurrencyKey: 'one at a time' }),
)
register(keyed, keyedFan, alone, keyedAlone)

const done = { kind: 'completed', result: 'done' } as const
const failed = { kind: 'failed', error: serializeError(new Error('not this time')) } as const

/** A key whose line is kept by `shard`. */
function keyOn(shard: number, prefix: string, taskQueue = 'nobody'): string {
  const keys = Array.from({ length: 64 }, (_, n) => `${prefix}-${n}`)
  return keys.find((key) => shardOf(`${taskQueue}/${key}`, SHARDS) === shard) ?? prefix
}

/** The workflow ids of those who hold and await the key, in their order. */
async function lineOf(key: string, taskQueue = 'nobody'): Promise<unknown[]> {
  const statement = `SELECT holder ->> '$.workflowId' AS id FROM concurrency_keys WHERE task_queue = ? AND key = ? ORDER BY number`
  const found = await rows(shardOf(`${taskQueue}/${key}`, SHARDS), statement, taskQueue, key)
  return found.map(({ id }) => id)
}

function lineIs(key: string, runs: readonly Attempt[]): Promise<true> {
  const expected = runs.map(({ run }) => run.workflowId).join()
  return until(async () => (await lineOf(key)).join() === expected || undefined)
}

/** Starts a run that has a place in the line when this resolves. */
async function queued(key: string, workflowId: string, options: ActivityOptions = {}): Promise<Attempt> {
  const run = await client.start(keyed, { workflowId, input: { concurrencyKey: key, ...options } })
  await until(async () => (await lineOf(key)).includes(workflowId))
  return { run, seq: 1, attempt: 1 }
}

/** Claims what has its key by now, or is about to. */
async function taken(attempt: Attempt): Promise<Holder> {
  const by = holder()
  await until(async () => (await claim(attempt, by)).ok)
  return by
}

const NOT_DUE = { ok: false, code: 'stale_task', reason: 'not_due' }

async function waits(...attempts: Attempt[]): Promise<void> {
  for (const attempt of attempts) expect(await claim(attempt, holder())).toEqual(NOT_DUE)
}

describe('a concurrency key', () => {
  test.each([0, 1])(
    'lets one run at a time have it, across shards and in order, its line on shard %i',
    async (shard) => {
      const key = keyOn(shard, 'order')
      const runs = [
        await queued(key, idOn(0, `first ${shard}`)),
        await queued(key, idOn(1, `second ${shard}`)),
        await queued(key, idOn(0, `third ${shard}`)),
      ]
      for (const [place, attempt] of runs.entries()) {
        await lineIs(key, runs.slice(place))
        const by = await taken(attempt)
        await waits(...runs.slice(place + 1))
        expect(await settle(attempt, by, done)).toEqual({ ok: true })
        expect(await client.getHandle(attempt.run.workflowId).result()).toBe('done')
      }
      await lineIs(key, [])
      expect(await recorded(client.getHandle(runs[0]!.run.workflowId), 'activity_scheduled')).toMatchObject([
        { concurrencyKey: key },
      ])
    },
  )

  test('is one of its task queue: others, and other keys, run at the same time', async () => {
    const key = keyOn(1, 'apart')
    const first = await queued(key, idOn(0, 'apart first'))
    const second = await queued(key, idOn(1, 'apart second'))
    const other = await queued(`${key} too`, idOn(1, 'apart other'))
    const options = { concurrencyKey: key, taskQueue: 'pulled' }
    const elsewhere = await client.start(keyed, { workflowId: idOn(0, 'apart queue'), input: options })
    const none = await client.start(keyed, { workflowId: idOn(0, 'apart none'), input: {} })
    for (const attempt of [first, other]) await taken(attempt)
    for (const run of [elsewhere, none]) await taken({ run, seq: 1, attempt: 1 })
    await waits(second)
    for (const { run } of [first, second, other, { run: elsewhere }, { run: none }])
      await client.getHandle(run.workflowId).terminate('enough')
    await lineIs(key, [])
  })

  test('is shared by the calls of a run, which take turns', async () => {
    const key = keyOn(0, 'fan')
    const run = await client.start(keyedFan, { workflowId: idOn(1, 'fan'), input: key })
    const attempts = [1, 2, 3].map((seq) => ({ run, seq, attempt: 1 }))
    await lineIs(key, attempts)
    for (const [place, attempt] of attempts.entries()) {
      const by = await taken(attempt)
      await waits(...attempts.slice(place + 1))
      await settle(attempt, by, done)
    }
    expect(await run.result()).toEqual(['done', 'done', 'done'])
    await lineIs(key, [])
  })

  test('is held over the retries of an activity and their back-off', async () => {
    const key = keyOn(1, 'retries')
    const retry = { initialInterval: '10s', backoffCoefficient: 1 } as const
    const first = await queued(key, idOn(0, 'retries first'), { retry })
    const second = await queued(key, idOn(1, 'retries second'))
    await settle(first, await taken(first), failed)
    await waits(second)
    await advance(10_000)
    const again = { ...first, attempt: 2 }
    const by = await taken(again)
    await waits(second)
    await settle(again, by, done)
    await taken(second)
    await client.getHandle(second.run.workflowId).terminate('enough')
  })

  test('is given back by a failure for good', async () => {
    const key = keyOn(0, 'for good')
    const first = await queued(key, idOn(1, 'for good first'), { retry: { maxAttempts: 1 } })
    const second = await queued(key, idOn(0, 'for good second'))
    await settle(first, await taken(first), failed)
    await settle(second, await taken(second), done)
    await rejection(client.getHandle(first.run.workflowId).result())
    await lineIs(key, [])
  })

  test('is not awaited longer than the timeouts allow, nor held longer', async () => {
    const key = keyOn(0, 'timeouts')
    const first = await queued(key, idOn(0, 'timeouts first'), {
      startToCloseTimeout: '1m',
      retry: { maxAttempts: 1 },
    })
    const toStart = await queued(key, idOn(1, 'timeouts start'), { scheduleToStartTimeout: '20s' })
    const toClose = await queued(key, idOn(1, 'timeouts close'), { scheduleToCloseTimeout: '30s' })
    const last = await queued(key, idOn(1, 'timeouts last'))
    await taken(first)
    await advance(20_000)
    await lineIs(key, [first, toClose, last])
    await advance(10_000)
    await lineIs(key, [first, last])
    await waits(last)
    await advance(30_000)
    await taken(last)
    const timeouts = await Promise.all(
      [first, toStart, toClose].map(({ run }) =>
        recorded(client.getHandle(run.workflowId), 'activity_timed_out'),
      ),
    )
    expect(timeouts.flat().map(({ kind }) => kind)).toEqual([
      'start-to-close',
      'schedule-to-start',
      'schedule-to-close',
    ])
    await client.getHandle(last.run.workflowId).terminate('enough')
  })
})

describe('a place at a concurrency key', () => {
  test('is given back at once when a run that waits is cancelled', async () => {
    const key = keyOn(1, 'cancelled')
    const first = await queued(key, idOn(1, 'cancelled first'))
    const second = await queued(key, idOn(0, 'cancelled second'))
    const third = await queued(key, idOn(0, 'cancelled third'))
    const handle = client.getHandle(second.run.workflowId)
    await handle.cancel('no longer needed')
    await rejection(handle.result())
    expect(await typesOf(handle)).toContain('activity_cancelled')
    await lineIs(key, [first, third])
    await settle(first, await taken(first), done)
    await taken(third)
    await client.getHandle(third.run.workflowId).terminate('enough')
  })

  test('goes to the next when its run is terminated', async () => {
    const key = keyOn(1, 'terminated')
    const first = await queued(key, idOn(0, 'terminated first'))
    const second = await queued(key, idOn(1, 'terminated second'))
    await taken(first)
    await waits(second)
    await client.getHandle(first.run.workflowId).terminate('enough')
    await settle(second, await taken(second), done)
    await lineIs(key, [])
  })

  test('is given back with all others of a run that ends, held or awaited', async () => {
    const key = keyOn(0, 'all')
    const fan = await client.start(keyedFan, { workflowId: idOn(1, 'all fan'), input: key })
    await until(async () => (await lineOf(key)).length === 3)
    const next = await queued(key, idOn(0, 'all next'))
    await fan.terminate('enough')
    await taken(next)
    await lineIs(key, [next])
    await client.getHandle(next.run.workflowId).terminate('enough')
  })

  test('is the last again after a reset: the run is another one', async () => {
    const key = keyOn(0, 'reset')
    const first = await queued(key, idOn(1, 'reset first'))
    const second = await queued(key, idOn(0, 'reset second'))
    await taken(first)
    const run = await client.getHandle(first.run.workflowId).reset({ toEvent: 2, reason: 'again' })
    await lineIs(key, [second, first])
    const by = await taken(second)
    const again = { ...first, run }
    await waits(again)
    await settle(second, by, done)
    await settle(again, await taken(again), done)
    expect(await run.result()).toBe('done')
    await lineIs(key, [])
  })
})

describe('a concurrency key and lost objects', () => {
  test.each([0, 1])('stays held and awaited over evictions, its line on shard %i', async (shard) => {
    const key = keyOn(shard, 'evicted')
    const first = await queued(key, idOn(0, `evicted first ${shard}`))
    await evict()
    const second = await queued(key, idOn(1, `evicted second ${shard}`))
    await evict()
    const by = await taken(first)
    await waits(second)
    await evict()
    await waits(second)
    await settle(first, by, done)
    await evict()
    await settle(second, await taken(second), done)
    await lineIs(key, [])
  })

  const shards: [string, number][] = [
    ['of the line', 0],
    ['of the run', 1],
  ]
  test.each(shards)('is handed on when the shard %s crashes in between', async (name, shard) => {
    const key = keyOn(0, `crashed ${name}`)
    const first = await queued(key, idOn(1, `crashed first ${name}`))
    const second = await queued(key, idOn(1, `crashed second ${name}`))
    const by = await taken(first)
    await abort(shard)
    await waits(second)
    await settle(first, by, done)
    await abort(shard)
    await settle(second, await taken(second), done)
    await lineIs(key, [])
  })

  test.each(PLACES)(
    'lets everybody have it, one at a time, whatever is lost %s',
    async (place) => {
      most = 0
      for (let at = 0; ; at += 1) {
        const loss = await loseAt(place, at)
        const name = `keyed ${place} ${at}`
        const handles = [0, 1].map((shard) => {
          const workflowId = idOn(shard, name)
          return client.start(keyedAlone, { workflowId, input: workflowId })
        })
        for (const started of handles) {
          const handle = await started
          expect(await resultOf(handle)).toBe(handle.workflowId)
        }
        await until(async () => (await lineOf('one at a time', 'default')).length === 0)
        expect(await contradictions()).toEqual([])
        if (!loss.lost) break
      }
      expect(most).toBe(1)
    },
    60_000,
  )
})
