/** Task queues without a Queue: whoever works for them takes the tasks over HTTP. */
import { runInDurableObject } from 'cloudflare:test'
import { afterEach, describe, expect, test } from 'vitest'
import { pull } from '../../activity-worker/pull.ts'
import { consumer } from '../activity-worker/recorded-scheduler.ts'
import { realTime } from '../../shared/time.ts'
import type { ActivityContext, ActivityOptions } from '../../shared/activity.ts'
import { workflow } from '../../shared/define.ts'
import { WorkerShutdownError } from '../../shared/errors.ts'
import { PROTOCOL_VERSION } from '../../shared/protocol.ts'
import type { PullApi } from '../../shared/pull.ts'
import { register } from '../workers/registry.ts'
import { connection } from '../conformance/over-http.ts'
import {
  advance,
  client,
  evict,
  gate,
  idOn,
  recorded,
  rejection,
  SHARDS,
  until,
} from '../conformance/world.ts'
import type { Gate } from '../conformance/world.ts'
import { stubOf } from './storage.ts'

interface Call {
  activity: string
  input?: unknown
  options?: ActivityOptions
}
const pulled = workflow('pulled', { taskQueue: 'pulled' }, async (ctx, calls: Call[]) =>
  Promise.all(
    calls.map(({ activity, input, options }) => ctx.activity<unknown>(activity, { input, ...options })),
  ),
)
const pulledLarge = workflow('pulled-large', { taskQueue: 'pulled' }, async (ctx, length: number) => {
  const answer = await ctx.activity<string>('twice', { input: 'x'.repeat(length) })
  return answer.length
})
register(pulled, pulledLarge)

const seen: string[] = []
let held: Gate = gate()
const activities = {
  echo: (input: unknown, { attempt }: ActivityContext) => {
    seen.push(`echo ${attempt}`)
    return input
  },
  twice: (input: unknown) => `${String(input)}${String(input)}`,
  held: async (name: unknown, { attempt }: ActivityContext) => {
    seen.push(`${String(name)} ${attempt}`)
    await held.passed
    return name
  },
  gives: async (name: unknown, { cancellation, attempt }: ActivityContext) => {
    seen.push(`${String(name)} ${attempt}`)
    if (seen.filter((one) => one.startsWith(String(name))).length > 1) return 'made again'
    await new Promise((resolve) => cancellation.addEventListener('abort', resolve))
    return cancellation.throwIfAborted()
  },
}

const workers: { stop: () => void; done: Promise<void> }[] = []

/** A worker that polls until it is stopped. */
function working(over = connection(), maxConcurrent = Infinity) {
  const stopping = new AbortController()
  const worker = { ...consumer(activities), taskQueue: 'pulled', maxConcurrent, time: realTime }
  const running = { ...worker, isStopping: () => stopping.signal.aborted }
  const done = pull(over, running, stopping.signal)
  const stop = (): void => {
    stopping.abort(new WorkerShutdownError())
    for (const interruption of running.running) interruption.interrupt(new WorkerShutdownError())
  }
  const started = { stop, done }
  workers.push(started)
  return started
}

afterEach(async () => {
  for (const { stop, done } of workers.splice(0)) {
    stop()
    await done.catch(() => {})
  }
})

describe('a worker that polls', () => {
  test('is given the tasks of every shard, before and after it begins to wait', async () => {
    const before = await client.start(pulled, {
      workflowId: idOn(0, 'pull-before'),
      input: [{ activity: 'echo', input: 1 }],
    })
    working()
    expect(await before.result()).toEqual([1])
    const after = await client.start(pulled, {
      workflowId: idOn(1, 'pull-after'),
      input: [{ activity: 'echo', input: 2 }],
    })
    expect(await after.result()).toEqual([2])
  })

  test('takes no more than it has room for: the rest stays for another one', async () => {
    held = gate()
    const calls = ['a', 'b', 'c'].map((input) => ({ activity: 'held', input }))
    const run = await client.start(pulled, { workflowId: 'pull-room', input: calls })
    working(connection(), 2)
    await until(() => seen.includes('a 1') && seen.includes('b 1'))
    expect(seen).not.toContain('c 1')
    working(connection(), 1)
    await until(() => seen.includes('c 1'))
    held.open()
    expect(await run.result()).toEqual(['a', 'b', 'c'])
  })

  test('reads and writes payloads above 128 KiB through the scheduler', async () => {
    working()
    const run = await client.start(pulledLarge, { workflowId: 'pull-large', input: 300_000 })
    expect(await run.result()).toBe(600_000)
  })

  test('asks again under the same name when an answer was lost: the attempt is not', async () => {
    const run = await client.start(pulled, {
      workflowId: 'pull-lost',
      input: [{ activity: 'echo', input: 'kept' }],
    })
    let lost = 0
    working(
      connection({
        answered: (path, answer) => {
          if (!path.endsWith('/poll') || lost > 0) return answer
          lost += 1
          return new Response('bad gateway', { status: 502 })
        },
      }),
    )
    expect(await run.result()).toEqual(['kept'])
    expect(lost).toBe(1)
    expect(await recorded(run, 'activity_completed')).toMatchObject([{ attempt: 1 }])
  })

  test('that stops while it waits ends at once, and one whose activity gives in gives the attempt back', async () => {
    const idle = working()
    await evict()
    idle.stop()
    await idle.done
    const run = await client.start(pulled, {
      workflowId: 'pull-stop',
      input: [{ activity: 'gives', input: 'stop', options: { retry: { maxAttempts: 1 } } }],
    })
    const first = working()
    await until(() => seen.includes('stop 1'))
    first.stop()
    await first.done
    working()
    expect(await run.result()).toEqual(['made again'])
    expect(await recorded(run, 'activity_completed')).toMatchObject([{ attempt: 1 }])
  })

  test('is refused for good where the token or the task queue is wrong', async () => {
    const wrong = { ...connection(), token: 'not it' }
    expect(await rejection(working(wrong).done)).toMatchObject({ code: 'unauthorized' })
    const stopping = new AbortController().signal
    const elsewhere = pull(connection(), { ...consumer({}), taskQueue: 'default' }, stopping)
    expect(await rejection(elsewhere)).toMatchObject({ code: 'unknown_task_queue' })
    // The second is a URL, of the scheme localhost.
    for (const url of ['nowhere', 'localhost:8787'])
      expect(await rejection(working({ ...connection(), url }).done)).toMatchObject({ path: 'url' })
  })
})

describe('a task that waits to be taken', () => {
  test('is offered again after an eviction', async () => {
    const run = await client.start(pulled, {
      workflowId: 'pull-evicted',
      input: [{ activity: 'echo', input: 3 }],
    })
    await evict()
    working()
    expect(await run.result()).toEqual([3])
  })

  test('is offered when it is due, and no longer once it was cancelled', async () => {
    const late = await client.start(pulled, {
      workflowId: 'pull-cancelled',
      input: [{ activity: 'echo', input: 4 }],
    })
    await late.cancel('enough')
    await expect(late.result()).rejects.toMatchObject({ status: 'cancelled' })
    seen.length = 0
    working()
    const run = await client.start(pulled, {
      workflowId: 'pull-other',
      input: [{ activity: 'echo', input: 5 }],
    })
    expect(await run.result()).toEqual([5])
    expect(seen).toEqual(['echo 1'])
  })

  test('is not lost to a poll that was ended before it was granted anything', async () => {
    const workflowId = idOn(0, 'pull-ended')
    const run = await client.start(pulled, { workflowId, input: [{ activity: 'echo', input: 6 }] })
    const to = { namespace: 'default', shard: 0, shards: SHARDS }
    const request = { v: PROTOCOL_VERSION, to, taskQueue: 'pulled', poller: 'stops', claimId: 'broken-off' }
    const both = await runInDurableObject(stubOf(0), (shard: PullApi & DurableObject) =>
      Promise.all([shard.pull({ ...request, limit: 1 }), shard.pull({ ...request, limit: 0, again: true })]),
    )
    const nothing = { ok: true, value: { tasks: [], offered: false } }
    expect(both).toEqual([nothing, nothing])
    working()
    expect(await run.result()).toEqual([6])
  })

  test('that a worker took and lost is taken over by another one, as a new attempt', async () => {
    held = gate()
    seen.length = 0
    const run = await client.start(pulled, {
      workflowId: 'pull-dead',
      input: [{ activity: 'held', input: 'dead' }],
    })
    const mute = connection({ cut: (path) => /(renew|settle)$/.test(path) })
    working(mute, 1)
    await until(() => seen.includes('dead 1'))
    await advance(61_000) // silent for a minute: whoever asks next may take it over
    held.open()
    working()
    expect(await run.result()).toEqual(['dead'])
    expect(await recorded(run, 'activity_completed')).toMatchObject([{ attempt: 2 }])
  })
})
