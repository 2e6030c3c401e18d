/** Activities that share a concurrency key: who has it, who waits, and how it is given back. */
import { describe, expect, test } from 'vitest'
import { workflow } from '../../shared/define.ts'
import { register } from '../workers/registry.ts'
import {
  done,
  failed,
  keyOn,
  keyed,
  lineIs,
  lineOf,
  queued,
  resultsOf,
  settle,
  taken,
  waits,
} from './keyed.ts'
import { advance, client, idOn, recorded, rejection, typesOf, until } from './world.ts'

const keyedFan = workflow('keyed-fan', { taskQueue: 'nobody' }, async (ctx, concurrencyKey: string) =>
  Promise.all([1, 2, 3].map(async () => ctx.activity('work', { concurrencyKey }))),
)
register(keyedFan)

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
    expect(await lineOf(key)).toEqual([first.run.workflowId, second.run.workflowId])
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
    await settle(second, await taken(second), done)
    expect(await resultsOf(first, second)).toEqual(['done', 'done'])
  })

  test('is given back by a failure for good', async () => {
    const key = keyOn(0, 'for good')
    const first = await queued(key, idOn(1, 'for good first'), { retry: { maxAttempts: 1 } })
    const second = await queued(key, idOn(0, 'for good second'))
    await settle(first, await taken(first), failed)
    await settle(second, await taken(second), done)
    expect(await resultsOf(second)).toEqual(['done'])
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
    expect(await resultsOf(second)).toEqual(['done'])
    await lineIs(key, [])
  })

  test('is given back with all others of a run that ends, held or awaited', async () => {
    const key = keyOn(0, 'all')
    const fan = await client.start(keyedFan, { workflowId: idOn(1, 'all fan'), input: key })
    await until(async () => (await lineOf(key)).length === 3)
    const next = await queued(key, idOn(0, 'all next'))
    await fan.terminate('enough')
    const by = await taken(next)
    await lineIs(key, [next])
    await settle(next, by, done)
    expect(await resultsOf(next)).toEqual(['done'])
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
