/** Activities that their shard hands to the Worker itself. */
import { expect, test } from 'vitest'
import { defineActivity, workflow } from '../../shared/define.ts'
import { CancelledError } from '../../shared/errors.ts'
import { register } from '../workers/registry.ts'
import { advance, client, evict, recorded, rejection, until } from './world.ts'

const taskQueue = 'eager'
const attempts: string[] = []
const flaky = defineActivity(
  'eager-flaky',
  async (name: string, ctx) => {
    attempts.push(`${name} ${ctx.attempt} of ${ctx.taskQueue}`)
    if (ctx.attempt === 1) throw new Error('not yet')
    return `${name} done`
  },
  { taskQueue, retry: { initialInterval: '1s' } },
)
const flakes = workflow('eager-flakes', async (ctx, names: string[]) =>
  Promise.all(names.map((input) => ctx.activity(flaky, { input }))),
)
register(flaky, flakes)

test('they fail, are tried again and end as those of a Queue', async () => {
  const handle = await client.start(flakes, { input: ['a', 'b'] })
  await until(() => Promise.resolve(attempts.length === 2))
  await advance(2_000)
  expect(await handle.result()).toEqual(['a done', 'b done'])
  expect(attempts.toSorted()).toEqual(
    ['a', 'b'].flatMap((name) => [1, 2].map((n) => `${name} ${n} of eager`)),
  )
  expect(await recorded(handle, 'activity_completed')).toMatchObject([{ attempt: 2 }, { attempt: 2 }])
})

const seen: unknown[] = []
let begun = 0
/** The attempt, by its number, whose heartbeat the shard has. */
let heard = 0
const endless = defineActivity(
  'eager-endless',
  async (_: undefined, ctx) => {
    begun += 1
    const number = begun
    if (ctx.heartbeatDetails) return ctx.heartbeatDetails
    for (; !ctx.cancellation.aborted; heard = number) await ctx.heartbeat({ begun: number })
    seen.push(ctx.cancellation.reason)
    throw ctx.cancellation.reason
  },
  { taskQueue, heartbeatTimeout: '6s' },
)
const waits = workflow('eager-waits', async (ctx) => await ctx.activity(endless, {}))
register(endless, waits)

test('one that runs hears of a cancel, with its heartbeat', async () => {
  const handle = await client.start(waits, {})
  await until(() => Promise.resolve(begun === 1))
  await handle.cancel()
  expect(await rejection(handle.result())).toMatchObject({ status: 'cancelled' })
  expect(seen).toEqual([expect.any(CancelledError)])
})

test('its shard lost, an attempt is made again', async () => {
  begun = heard = 0
  const handle = await client.start(waits, {})
  await until(() => Promise.resolve(heard === 1))
  await evict()
  await advance(6_000)
  expect(await handle.result()).toEqual({ begun: 1 })
  expect(begun).toBe(2)
})
