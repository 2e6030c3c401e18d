import { runInDurableObject } from 'cloudflare:test'
import { expect, test } from 'vitest'
import type { StepContext } from '../../shared/activity.ts'
import { query, signal, workflow } from '../../shared/define.ts'
import { WorkflowError } from '../../shared/errors.ts'
import { shardOf } from '../../shared/shard.ts'
import { register } from '../workers/registry.ts'
import { loseAll, shardObject } from './loss.ts'
import { SHARDS, advance, client, evict, gate, recorded, typesOf, until } from './world.ts'
import type { Gate } from './world.ts'

const attempts: number[] = []
const patient = workflow('step-patient', async (ctx) =>
  ctx.run(
    'flaky',
    ({ attempt, idempotencyKey }) => {
      attempts.push(attempt)
      if (attempt < 3) throw new Error(`attempt ${attempt}`)
      return { attempt, mine: idempotencyKey.startsWith(`${ctx.workflowId}/`) }
    },
    { retry: { initialInterval: '1h', maxInterval: '1h' } },
  ),
)
register(patient)

test('17 local_activity/backoff_with_persistent_timer: a back-off survives evictions, its attempt number with it', async () => {
  const run = await client.start(patient, { workflowId: 'step-17' })
  for (const attempt of [1, 2]) {
    await until(() => attempts.length === attempt)
    await until(async () => (await run.describe()).status === 'running')
    await evict()
    await advance(3_000_000)
    expect(attempts).toHaveLength(attempt) // neither the wake nor the clock has begun it early
    await evict()
    await advance(600_000)
  }
  await expect(run.result()).resolves.toEqual({ attempt: 3, mine: true })
  expect(attempts).toEqual([1, 2, 3])
  expect(await recorded(run, 'step_completed')).toMatchObject([{ attempt: 3 }])
})

const outcome = query<string>('outcome')
const stop = signal('stop')
const close = signal('close')

interface Held {
  readonly started: Gate
  readonly end: Gate
  calls: number
  reason: unknown
}
const held = new Map<string, Held>()

function hold(name: string): Held {
  const one: Held = { started: gate(), end: gate(), calls: 0, reason: 'not heard' }
  held.set(name, one)
  return one
}

interface Cancelling {
  name: string
  cancellation: 'wait' | 'try' | 'abandon'
  /** What the function does when it is released: gives in to the cancel, ends, or fails. */
  end: 'obey' | 'complete' | 'fail'
}

async function body({ name, end }: Cancelling, step: StepContext): Promise<string> {
  const one = held.get(name)!
  one.calls += 1
  step.cancellation.addEventListener('abort', () => {
    one.reason = step.cancellation.reason
  })
  one.started.open()
  await one.end.passed
  if (end === 'obey') step.cancellation.throwIfAborted()
  if (end === 'fail') throw new Error('failed all the same')
  return 'done'
}

const cancelling = workflow('step-cancelling', async (ctx, input: Cancelling) => {
  let seen = 'pending'
  ctx.setQueryHandler(outcome, () => seen)
  await ctx.scope(async (scope) => {
    void ctx.waitForSignal(stop).then(() => scope.cancel('enough'))
    const call = ctx.run('held', (step) => body(input, step), { cancellation: input.cancellation })
    seen = await call.catch((error: unknown) => (error instanceof WorkflowError ? error.code : 'other'))
  })
  await ctx.waitForSignal(close)
  return seen
})
register(cancelling)

/** The step's function runs, and its call has been asked to cancel. */
async function cancelled(input: Cancelling) {
  const one = hold(input.name)
  const run = await client.start(cancelling, { workflowId: input.name, input })
  await until(() => one.started.opened)
  await run.signal(stop)
  return { run, one }
}

/** How the step ended in history once its function was released. */
async function released({ run, one }: Awaited<ReturnType<typeof cancelled>>): Promise<string | undefined> {
  one.end.open()
  await until(async () =>
    (await typesOf(run)).some((type) => /^step_(completed|failed|cancelled)$/.test(type)),
  )
  await run.signal(close)
  await run.result()
  expect(one.calls).toBe(1)
  return (await typesOf(run)).find((type) => /^step_(completed|failed|cancelled)$/.test(type))
}

const told = expect.objectContaining({ name: 'CancelledError', code: 'cancelled' })

test('19 local_activity/cancel_try: the call ends at once, and the function is told', async () => {
  const given = await cancelled({ name: 'step-19-try', cancellation: 'try', end: 'obey' })
  expect(await given.run.query(outcome)).toBe('cancelled')
  expect(given.one.reason).toEqual(told)
  expect(await released(given)).toBe('step_cancelled')
  expect(await given.run.result()).toBe('cancelled')
})

test('19 local_activity/cancel_wait: the call ends when the function does, as the function does', async () => {
  const ends = { obey: 'step_cancelled', complete: 'step_completed', fail: 'step_failed' } as const
  const seen = { obey: 'cancelled', complete: 'done', fail: 'activity_failed' } as const
  for (const end of ['obey', 'complete', 'fail'] as const) {
    const given = await cancelled({ name: `step-19-wait-${end}`, cancellation: 'wait', end })
    expect(given.one.reason).toEqual(told)
    expect(await given.run.query(outcome)).toBe('pending')
    expect(await released(given)).toBe(ends[end])
    expect(await given.run.result()).toBe(seen[end])
  }
})

test('19 local_activity/cancel_abandon: the call ends at once, and the function never hears of it', async () => {
  const given = await cancelled({ name: 'step-19-abandon', cancellation: 'abandon', end: 'obey' })
  expect(await given.run.query(outcome)).toBe('cancelled')
  expect(given.one.reason).toBe('not heard')
  expect(await released(given)).toBe('step_completed')
  expect(await typesOf(given.run)).not.toContain('step_cancel_requested')
})

test('19 local_activity/cancel_wait: an attempt lost after it was told is not run again', async () => {
  const { run, one } = await cancelled({ name: 'step-19-lost', cancellation: 'wait', end: 'complete' })
  await evict()
  await until(async () => (await typesOf(run)).includes('step_cancelled'))
  one.end.open()
  await run.signal(close)
  expect(await run.result()).toBe('cancelled')
  expect(one.calls).toBe(1)
})

let failures = 0
const backingOff = workflow('step-backing-off', async (ctx) => {
  await ctx.run(
    'failing',
    () => {
      failures += 1
      throw new Error('again')
    },
    { retry: { initialInterval: '1h' } },
  )
})
register(backingOff)

test('18 local_activity/cancel_failing: a step cancelled while it backs off is tried no more, and records it', async () => {
  for (const evicted of [false, true]) {
    failures = 0
    const run = await client.start(backingOff, { workflowId: `step-18-${evicted}` })
    await until(() => failures === 1)
    await advance(1_000)
    if (evicted) await evict()
    await run.cancel('enough')
    await expect(run.result()).rejects.toMatchObject({ status: 'cancelled' })
    expect(await recorded(run, 'step_cancelled')).toEqual([{ seq: 1, attempt: 2 }])
    await advance(3_600_000)
    expect(failures).toBe(1)
  }
})

const ends: string[] = []
const stopping = workflow('step-stopping', async (ctx, mode: 'finish' | 'give in') =>
  ctx.run(
    'held',
    async ({ attempt, cancellation }) => {
      ends.push(`${mode} ${attempt}`)
      if (mode === 'give in' && attempt > 1) return `attempt ${attempt}`
      await new Promise((resolve) => {
        cancellation.addEventListener('abort', resolve)
      })
      if (mode === 'give in') throw cancellation.reason
      const { reason } = cancellation
      return reason instanceof WorkflowError ? reason.code : 'other'
    },
    { retry: { initialInterval: '1h' } },
  ),
)
register(stopping)

test('20 local_activity/complete_after_shutdown: what a step finishes while its object is given up is recorded', async () => {
  const run = await client.start(stopping, { workflowId: 'step-20', input: 'finish' })
  await until(() => ends.includes('finish 1'))
  await evict()
  await expect(run.result()).resolves.toBe('worker_shutdown')
  expect(await recorded(run, 'step_completed')).toMatchObject([{ attempt: 1 }])
  expect(ends.filter((end) => end.startsWith('finish'))).toEqual(['finish 1'])
})

test('21 local_activity/shutdown_sends_cancellation: a step that gives in leaves no record and starts over later', async () => {
  const run = await client.start(stopping, { workflowId: 'step-21', input: 'give in' })
  await until(() => ends.includes('give in 1'))
  await evict()
  await expect(run.result()).resolves.toBe('attempt 2') // at once: it did not fail, so it does not back off
  expect(await typesOf(run)).toEqual([
    'workflow_started',
    'step_scheduled',
    'step_completed',
    'workflow_completed',
  ])
})

let tried = 0
const twice = workflow('step-twice', async (ctx) =>
  ctx.run(
    'twice',
    ({ attempt }) => {
      tried += 1
      if (attempt === 1) throw new Error('once')
      return attempt
    },
    { retry: { maxAttempts: 2, initialInterval: '1m' } },
  ),
)
register(twice)

test('17 local_activity/backoff_with_persistent_timer: an outage longer than the back-off costs no attempt', async () => {
  const workflowId = 'step-17-outage'
  const run = await client.start(twice, { workflowId })
  await until(async () => (await run.describe()).pendingActivities[0]?.attempt === 2)
  await evict()
  const shard = shardObject(shardOf(workflowId, SHARDS))
  await runInDurableObject(shard, (_, { storage }) => {
    // An hour passes while the object is away.
    const { value } = storage.sql
      .exec<{ value: string }>(
        "SELECT coalesce(max(value), '0') AS value FROM meta WHERE key = 'clock_offset'",
      )
      .one()
    const later = JSON.stringify(Number(value) + 3_600_000)
    storage.sql.exec("INSERT OR REPLACE INTO meta (key, value) VALUES ('clock_offset', ?)", later)
  })
  await loseAll()
  expect(await run.result()).toBe(2)
  expect(tried).toBe(2)
})
