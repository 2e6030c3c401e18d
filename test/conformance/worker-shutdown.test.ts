import { createExecutionContext, createMessageBatch, getQueueResult } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { expect, test } from 'vitest'
import { WorkflowWorker } from '../../activity-worker/index.ts'
import type { WorkerOptions } from '../../activity-worker/index.ts'
import type { ActivityContext } from '../../shared/activity.ts'
import { defineActivity, workflow } from '../../shared/define.ts'
import { ActivityError } from '../../shared/errors.ts'
import type { ActivityTaskMessage } from '../../shared/protocol.ts'
import { register } from '../workers/registry.ts'
import { messageOf } from './hand.ts'
import { advance, client, recorded, typesOf, until } from './world.ts'

const started: string[] = []
const reasons = new Map<string, unknown>()

function aborted({ cancellation }: ActivityContext): Promise<unknown> {
  return new Promise((resolve) => {
    if (cancellation.aborted) resolve(cancellation.reason)
    cancellation.addEventListener('abort', () => resolve(cancellation.reason))
  })
}

const obeys = defineActivity('shutdown-obeys', async (name: string, ctx) => {
  started.push(name)
  if (started.filter((one) => one === name).length > 1) return `attempt ${ctx.attempt}`
  reasons.set(name, await aborted(ctx))
  return ctx.cancellation.throwIfAborted()
})
const finishes = defineActivity('shutdown-finishes', async (name: string, ctx) => {
  started.push(name)
  reasons.set(name, await aborted(ctx))
  return 'saved my work'
})
const ignores = defineActivity('shutdown-ignores', async (name: string) => {
  started.push(name)
  await new Promise(() => {})
})
const load = { begun: 0, released: false }
const works = defineActivity('shutdown-works', async (name: string, ctx) => {
  load.begun += 1
  if (!load.released) await aborted(ctx)
  ctx.cancellation.throwIfAborted()
  return name
})

/** Messages of these go where nobody takes them: the test delivers them, to the Worker that it means. */
const served = { taskQueue: 'nobody' }
const once = { timeout: '5m', retry: { maxAttempts: 1 } } as const
const shutting = workflow('shutdown-all', served, async (ctx) => {
  const ignored = ctx
    .activity(ignores, { input: 'ignores', ...once })
    .catch((error: unknown) => (error instanceof ActivityError ? error.cause : error))
  const obeyed = ctx.activity(obeys, { input: 'obeys', ...once })
  const finished = ctx.activity(finishes, { input: 'finishes', ...once })
  return { ignored: await ignored, obeyed: await obeyed, finished: await finished }
})
const userCancelled = workflow('shutdown-cancelled', served, async (ctx) =>
  ctx.activity(finishes, { input: 'cancelled' }),
)
const loaded = workflow('shutdown-loaded', served, async (ctx, names: string[]) =>
  Promise.all(names.map((input) => ctx.activity(works, { input, ...once }))),
)
register(obeys, finishes, ignores, works, shutting, userCancelled, loaded)

function newWorker(options: Partial<WorkerOptions> = {}): WorkflowWorker {
  return new WorkflowWorker({ ...served, activities: [obeys, finishes, ignores, works], ...options })
}

/** One batch, delivered; answers which of its messages were acknowledged. */
async function deliver(
  worker: WorkflowWorker,
  messages: readonly ActivityTaskMessage[],
  attempts = 1,
): Promise<string[]> {
  const timestamp = new Date()
  const batch = createMessageBatch(
    'nobody',
    messages.map((body, index) => ({ id: String(index), timestamp, attempts, body })),
  )
  await worker.queue(batch, env)
  return (await getQueueResult(batch, createExecutionContext())).explicitAcks
}

test('8 activity/shutdown: activities see a shutdown, not a cancel; given back, finished, or ended by timeout', async () => {
  const run = await client.start(shutting, { workflowId: 'shutdown-8' })
  const [ignored, obeyed, finished] = (['ignores', 'obeys', 'finishes'] as const).map((name, index) =>
    messageOf({ run, seq: index + 1, attempt: 1 }, `shutdown-${name}`, name),
  )
  const worker = newWorker({ shutdownGrace: 50 })
  const delivered = deliver(worker, [ignored!, obeyed!, finished!])
  await until(() => started.length === 3)
  await worker.shutdown()
  expect(await delivered).toHaveLength(3)
  for (const name of ['obeys', 'finishes'])
    expect(reasons.get(name)).toMatchObject({ name: 'WorkerShutdownError', code: 'worker_shutdown' })
  expect(await recorded(run, 'activity_completed')).toMatchObject([{ seq: 3, result: 'saved my work' }])

  await deliver(newWorker(), [obeyed!]) // the shard has sent it again already: it may be made at once
  expect((await run.describe()).pendingActivities).toMatchObject([{ activityType: 'shutdown-ignores' }])
  await advance(300_000)
  expect(await run.result()).toEqual({
    ignored: expect.objectContaining({ code: 'timeout', kind: 'start-to-close' }),
    obeyed: 'attempt 1',
    finished: 'saved my work',
  })
  expect(await typesOf(run)).not.toContain('activity_failed')
})

test('8 activity/shutdown: a cancel of the user is told as that', async () => {
  const run = await client.start(userCancelled, { workflowId: 'shutdown-8-cancel' })
  const delivered = deliver(newWorker(), [
    messageOf({ run, seq: 1, attempt: 1 }, 'shutdown-finishes', 'cancelled'),
  ])
  await until(() => started.includes('cancelled'))
  await run.cancel('enough')
  await delivered
  expect(reasons.get('cancelled')).toMatchObject({ name: 'CancelledError', code: 'cancelled' })
})

test('79 worker_shutdown/poll_complete_on_shutdown: under load it returns promptly, and nothing fails or times out', async () => {
  const calls = Array.from({ length: 5 }, (_, call) => call)
  const runs = await Promise.all(
    Array.from({ length: 20 }, (_, index) =>
      client.start(loaded, {
        workflowId: `shutdown-79-${index}`,
        input: calls.map((call) => `${index}-${call}`),
      }),
    ),
  )
  const messages = runs.flatMap((run, index) =>
    calls.map((call) => messageOf({ run, seq: call + 1, attempt: 1 }, 'shutdown-works', `${index}-${call}`)),
  )
  const busy = newWorker({ maxConcurrentActivities: 40, shutdownGrace: '1h' })
  const delivered = deliver(busy, messages)
  await until(() => load.begun === 40)
  await busy.shutdown() // not after its hour: all that runs gives in, and nothing more begins
  expect(await delivered).toHaveLength(40) // what had not begun comes again by itself
  load.released = true
  expect(await deliver(newWorker(), messages, 2)).toHaveLength(100)
  for (const [index, run] of runs.entries()) {
    expect(await run.result()).toEqual(calls.map((call) => `${index}-${call}`))
    const attempts = (await recorded(run, 'activity_completed')).map(({ attempt }) => attempt)
    expect(attempts).toEqual([1, 1, 1, 1, 1])
    expect((await typesOf(run)).filter((type) => /failed|timed_out|cancel/.test(type))).toEqual([])
  }
})
