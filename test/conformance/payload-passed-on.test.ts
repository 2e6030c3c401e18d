/** Large payloads between workflows: children, their results, and signals, within a shard and across. */
import { describe, expect, test } from 'vitest'
import { LargePayload, signal, WorkflowClient, workflow } from '../../shared/index.ts'
import { rows } from '../scheduler-do/storage.ts'
import { register } from '../workers/registry.ts'
import { evict, idOn, rejection, SHARDS, until, world } from './world.ts'

const MB = 1_000_000
const passed = signal<string>('passed')
const text = (letter: string, bytes: number): string => letter.repeat(bytes - 2)

const child = workflow('largeChild', async (ctx, given: string) => {
  const seen = given as string | LargePayload
  return seen instanceof LargePayload ? given : ctx.run('turn over', () => given.toUpperCase())
})
const parent = workflow('largeParent', async (ctx, given: { child: string; bytes: number }) => {
  const made = await ctx.run('make', () => text('c', given.bytes))
  return ctx.executeChild(child, { workflowId: given.child, input: made })
})
const listener = workflow('largeListener', async (ctx) => {
  const heard = await ctx.waitForSignal(passed)
  await ctx.sleep('1ms')
  return heard
})
const speaker = workflow('largeSpeaker', async (ctx, given: { to: string; bytes: number }) => {
  const made = await ctx.run('make', () => text('p', given.bytes))
  await ctx.external(given.to).signal(passed, made)
})
register(child, parent, listener, speaker)

const client = new WorkflowClient(world.WORKFLOWS)

/** Nothing waits any more to become an object. */
const allStored = () =>
  until(async () => {
    for (let shard = 0; shard < SHARDS; shard += 1) {
      const waiting = await rows(
        shard,
        'SELECT run_id FROM payloads UNION ALL SELECT id FROM held_deliveries UNION ALL SELECT run_id FROM parked_inputs',
      )
      if (waiting.length > 0) return false
    }
    return true
  })

describe('93 payload/large: between workflows', () => {
  const places: [string, number][] = [
    ['within a shard', 0],
    ['across shards', 1],
  ]
  const cases = places.flatMap(([place, shard]) =>
    [1, 20].map((size): [number, string, number] => [size, place, shard]),
  )

  test.each(cases)('93 payload/large: %d MB go to a child and come back %s', async (size, place, shard) => {
    const workflowId = idOn(0, `parent ${size} ${place}`)
    const input = { child: idOn(shard, `child ${size} ${place}`), bytes: size * MB }
    const run = await client.start(parent, { workflowId, input })
    const result = await run.result()
    // The child sees what is at most 8 MiB, and passes on what is more.
    expect(result === text(size === 1 ? 'C' : 'c', size * MB)).toBe(true)
    const ofChild = client.getHandle<typeof child>(input.child)
    const own = await ofChild.result()
    expect(own === result).toBe(true)
    await allStored()
    const { objects } = await world.ARCHIVE.list({ prefix: 'payload/' })
    const { runId } = await ofChild.describe()
    // One of the child's own for its input, one for its result: nothing that is deleted with the parent.
    expect(objects.filter(({ key }) => key.includes(runId))).toHaveLength(size === 1 ? 2 : 1)
  })

  test.each(cases)(
    '93 payload/large: %d MB go by signal to another workflow %s',
    async (size, place, shard) => {
      const to = idOn(shard, `listener ${size} ${place}`)
      const heard = await client.start(listener, { workflowId: to, input: undefined })
      const workflowId = idOn(0, `speaker ${size} ${place}`)
      await client.execute(speaker, { workflowId, input: { to, bytes: size * MB } })
      const result = await heard.result()
      expect(result === text('p', size * MB)).toBe(true)
      await allStored()
    },
  )

  test('93 payload/large: a signal that lies unread survives an eviction', async () => {
    const run = await client.start(listener, { workflowId: 'unread', input: undefined })
    await run.signal('another', text('u', 2 * MB))
    await evict()
    await run.signal(passed, text('v', 2 * MB))
    const result = await run.result()
    expect(result === text('v', 2 * MB)).toBe(true)
  })

  test('93 payload/large: a signal to nobody is answered, and nothing is copied', async () => {
    const input = { to: 'nobody at all', bytes: MB }
    const error = await rejection(client.execute(speaker, { workflowId: 'to nobody', input }))
    expect(error.cause).toMatchObject({ code: 'workflow_not_found' })
    await allStored()
  })
})
