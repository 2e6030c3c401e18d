/** Concurrency keys, and objects that are evicted or lost while they are held and awaited. */
import { describe, expect, test } from 'vitest'
import { defineActivity, workflow } from '../../shared/define.ts'
import { abort } from '../scheduler-do/storage.ts'
import { register } from '../workers/registry.ts'
import { done, keyOn, lineIs, lineOf, queued, resultsOf, settle, taken, waits } from './keyed.ts'
import { PLACES, contradictions, loseAt, resultOf } from './loss.ts'
import { client, evict, idOn, until } from './world.ts'

const sent = defineActivity('keyed-sent', (name: string) => name)
const keyedSent = workflow('keyed-sent', async (ctx, input: string) =>
  ctx.activity(sent, { input, concurrencyKey: 'sent' }),
)
register(sent, keyedSent)

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
    expect(await resultsOf(first, second)).toEqual(['done', 'done'])
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
    expect(await resultsOf(first, second)).toEqual(['done', 'done'])
    await lineIs(key, [])
  })

  test.each(PLACES)('lets everybody have it, one at a time, whatever is lost %s', async (place) => {
    const key = keyOn(0, place)
    for (let at = 0; ; at += 1) {
      const loss = await loseAt(place, at)
      const first = await queued(key, idOn(0, `${place} ${at}`))
      const second = await queued(key, idOn(1, `${place} ${at}`))
      const by = await taken(first)
      await waits(second)
      await settle(first, by, done)
      await settle(second, await taken(second), done)
      for (const { run } of [first, second])
        expect(await resultOf(client.getHandle(run.workflowId))).toBe('done')
      await lineIs(key, [])
      expect(await contradictions()).toEqual([])
      if (!loss.lost) break
    }
  })

  test.each(['after commit', 'after flush'] as const)(
    'has its task sent once it is had, whatever is lost %s',
    async (place) => {
      for (let at = 0; ; at += 1) {
        const loss = await loseAt(place, at)
        const ids = [0, 1].map((shard) => idOn(shard, `sent ${place} ${at}`))
        const handles = await Promise.all(
          ids.map((workflowId) => client.start(keyedSent, { workflowId, input: workflowId })),
        )
        for (const handle of handles) expect(await resultOf(handle)).toBe(handle.workflowId)
        await until(async () => (await lineOf('sent', 'default')).length === 0)
        if (!loss.lost) break
      }
    },
  )
})
