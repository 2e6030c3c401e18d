/** Which attempts of a task queue go first, and how many of them a second. */
import { describe, expect, test } from 'vitest'
import { Pace } from '../../scheduler-do/pace.ts'
import { defineActivity, workflow } from '../../shared/define.ts'
import type { PulledTask } from '../../shared/pull.ts'
import { noon } from '../core/runs.ts'
import { task } from '../core/tasks.ts'
import { ask, TOKEN } from '../conformance/over-http.ts'
import { advance, client, evict, rejection } from '../conformance/world.ts'
import { register } from '../workers/registry.ts'

let number = 0
const named = (name: string, priority?: number) =>
  task({ key: name, seq: (number += 1), ...(priority !== undefined && { priority }) })

const notGone = ({ key }: { key: string }): boolean => key !== 'gone'

describe('the rate of a task queue', () => {
  test('admits one after each interval, and keeps what was not used for a second', () => {
    const pace = new Pace(4, 2) // two a second for each of two shards
    const admitted = (now: number): number => {
      let count = 0
      while (pace.admits(now)) count += 1
      return count
    }
    expect(admitted(noon)).toBe(3) // one, and what a second before it would have been
    expect(admitted(noon + 499)).toBe(0)
    expect(admitted(noon + 500)).toBe(1)
    expect(admitted(noon + 60_000)).toBe(3)
    expect(pace.nextAt).toBe(noon + 60_500)
  })

  test('has whose priority is highest go first, and of equals who came first', () => {
    const pace = new Pace(1e9, 1)
    for (const one of [named('a'), named('b', 5), named('c', 5), named('d', -1), named('gone', 9)])
      pace.wait(one)
    const order: string[] = []
    for (let next = pace.next(noon, notGone); next; next = pace.next(noon, notGone)) order.push(next.key)
    expect(order).toEqual(['b', 'c', 'a', 'd'])
    expect(pace.busy).toBe(false)
  })
})

const work = defineActivity('paced-work', (name: string) => name)
const many = workflow(
  'paced-many',
  { taskQueue: 'paced' },
  async (ctx, calls: [name: string, priority?: number][]) =>
    Promise.all(
      calls.map(([input, priority]) =>
        ctx.activity(work, { input, ...(priority !== undefined && { priority }) }),
      ),
    ),
)
register(work, many)

/** The inputs of what can be taken now, in the order in which it is given. */
async function taken(queue = 'paced'): Promise<unknown[]> {
  const body = JSON.stringify({ claimId: crypto.randomUUID(), poller: 'test', limit: 100, waitMs: 0 })
  const headers = { authorization: `Bearer ${TOKEN}` }
  const response = await ask(`/api/v1/task-queues/${queue}/poll`, { method: 'POST', body, headers })
  const tasks = await response.json<PulledTask[]>()
  return tasks.map(({ grant }) => grant.input)
}

describe('a task queue with a rate', () => {
  test('offers no more than it: the rest later, by priority, and after an eviction too', async () => {
    const calls: [string, number?][] = [['a'], ['b'], ['c'], ['d', 7], ['e', -3], ['f', 7]]
    const run = await client.start(many, { workflowId: 'paced', input: calls })
    await evict() // everything waits anew
    const order: unknown[] = []
    const startedAt = Date.now()
    let seconds = 0
    const take = async (): Promise<void> => {
      order.push(...(await taken()))
      const real = Math.floor((Date.now() - startedAt) / 1_000) // which goes by on a busy machine, too
      expect(order.length).toBeGreaterThanOrEqual(Math.min(2 + seconds, calls.length))
      expect(order.length).toBeLessThanOrEqual(2 + seconds + real)
    }
    await take() // at once, and what a second before had left
    await take()
    for (seconds = 1; seconds <= 5; seconds += 1) {
      await advance(1_000)
      await take()
    }
    expect(order).toEqual(['d', 'f', 'a', 'b', 'c', 'e'])
    await run.terminate('enough')
  })

  test('forgets what has ended while it waited', async () => {
    await advance(5_000)
    const ended = await client.start(many, { workflowId: 'paced-ended', input: [['a'], ['b'], ['c'], ['d']] })
    await taken()
    await ended.terminate('enough')
    const next = await client.start(many, { workflowId: 'paced-ended', input: [['next']] })
    await advance(1_000)
    expect(await taken()).toEqual(['next'])
    await next.terminate('enough')
  })
})

test('the priority of a run is that of its activities, unless they have their own', async () => {
  const pulled = { taskQueue: 'pulled' }
  const runs = [
    await client.start(many, { ...pulled, workflowId: 'priority', input: [['low']], priority: -5 }),
    await client.start(many, { ...pulled, workflowId: 'priority-none', input: [['none']] }),
    await client.start(many, {
      ...pulled,
      workflowId: 'priority-own',
      input: [['own', 9], ['run']],
      priority: 2,
    }),
  ]
  const given = (await taken('pulled')) as string[]
  // Of one shard, that is: between shards chance decides.
  const order = (...names: string[]) => given.filter((name) => names.includes(name))
  expect(order('own', 'run')).toEqual(['own', 'run'])
  expect(given).toHaveLength(4)
  for (const run of runs) await run.terminate('enough')
  expect(await rejection(client.start(many, { input: [], priority: 1.5 }))).toMatchObject({
    code: 'invalid_argument',
    path: 'priority',
  })
})
