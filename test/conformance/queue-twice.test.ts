import { createExecutionContext, createMessageBatch, getQueueResult } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { describe, expect, test } from 'vitest'
import { WorkflowWorker, defineActivity, workflow } from '../../shared/index.ts'
import type { ActivityTaskMessage } from '../../shared/protocol.ts'
import { register } from '../workers/registry.ts'
import { claim, holder, messageOf } from './hand.ts'
import { loseAll } from './loss.ts'
import { advance, client, gate, recorded, typesOf, until } from './world.ts'

const calls: string[] = []
let held = gate()
const countCall = defineActivity('countCall', async (name: string) => {
  calls.push(name)
  await held.passed
  return name
})
/** Its messages go where nobody takes them: the test delivers what it likes, as often as it likes. */
const oneCall = workflow('oneCall', { taskQueue: 'nobody' }, async (ctx, name: string) =>
  ctx.activity(countCall, { input: name }),
)
const calls25 = workflow('calls25', { taskQueue: 'together' }, async (ctx, name: string) =>
  Promise.all(Array.from({ length: 25 }, (_, n) => ctx.activity(countCall, { input: `${name} ${n}` }))),
)
const twoCalls = workflow('twoCalls', { taskQueue: 'nobody' }, async (ctx, name: string) =>
  Promise.all(['a', 'b'].map((one) => ctx.activity(countCall, { input: `${name} ${one}` }))),
)
register(countCall, oneCall, calls25, twoCalls)

const worker = new WorkflowWorker({ taskQueue: 'nobody', activities: [countCall] })

/** Delivers one batch to the activity Worker and answers which of its messages were acknowledged. */
async function deliver(messages: readonly ActivityTaskMessage[], attempts = 1): Promise<string[]> {
  const batch = createMessageBatch(
    'nobody',
    messages.map((body, index) => ({ id: `message-${index}`, timestamp: new Date(), attempts, body })),
  )
  const ctx = createExecutionContext()
  await worker.queue(batch, env)
  return (await getQueueResult(batch, ctx)).explicitAcks
}

async function begun(name: string) {
  calls.length = 0
  held = gate()
  const run = await client.start(oneCall, { workflowId: name, input: name })
  return { run, message: messageOf({ run, seq: 1, attempt: 1 }, 'countCall', name) }
}

const timesRun = (name: string) => calls.filter((call) => call === name).length

describe('84 queue/delivered twice', () => {
  test('84 queue/delivered twice: in one batch', async () => {
    const { run, message } = await begun('one batch')
    held.open()
    expect(await deliver([message, message])).toHaveLength(2)
    await expect(run.result()).resolves.toBe('one batch')
    expect(timesRun('one batch')).toBe(1)
  })

  test('84 queue/delivered twice: in two batches at the same time', async () => {
    const { run, message } = await begun('two batches')
    const first = deliver([message])
    await until(() => timesRun('two batches') === 1)
    expect(await deliver([message], 2)).toHaveLength(1) // dropped: it is running
    held.open()
    expect(await first).toHaveLength(1)
    await expect(run.result()).resolves.toBe('two batches')
    expect(timesRun('two batches')).toBe(1)
  })

  test('84 queue/delivered twice: through the queue itself', async () => {
    const { run, message } = await begun('through the queue')
    const queue = (env as unknown as { DEFAULT_QUEUE: Queue<ActivityTaskMessage> }).DEFAULT_QUEUE
    await queue.sendBatch(Array.from({ length: 20 }, () => ({ body: message })))
    held.open()
    await expect(run.result()).resolves.toBe('through the queue')
    await queue.send(message)
    await expect(client.execute(oneCall2, { workflowId: 'behind it' })).resolves.toBe('behind it')
    expect(timesRun('through the queue')).toBe(1)
    expect(await recorded(run, 'activity_completed')).toHaveLength(1)
  })

  test('84 queue/delivered twice: several tasks in a message, of which one was done meanwhile', async () => {
    calls.length = 0
    held = gate()
    held.open()
    const run = await client.start(twoCalls, { workflowId: 'several', input: 'several' })
    const [one, other] = [1, 2].map((seq) =>
      messageOf({ run, seq, attempt: 1 }, 'countCall', `several ${'ab'[seq - 1]}`),
    )
    expect(await deliver([other!])).toHaveLength(1)
    const { v: _v, to: _to, ...more } = other!
    expect(await deliver([{ ...one!, more: [more] } as ActivityTaskMessage], 2)).toHaveLength(1)
    await expect(run.result()).resolves.toEqual(['several a', 'several b'])
    expect(calls.toSorted()).toEqual(['several a', 'several b'])
  })

  test('84 queue/delivered twice: messages of ten tasks each, through the queue', async () => {
    calls.length = 0
    held = gate()
    held.open()
    const all = await client.execute(calls25, { workflowId: 'together', input: 'together' })
    expect(all).toEqual(Array.from({ length: 25 }, (_, n) => `together ${n}`))
    expect(calls).toHaveLength(25)
  })

  test('84 queue/delivered twice: late, when another attempt is current', async () => {
    const { run, message } = await begun('late')
    await claim({ run, seq: 1, attempt: 1 }, holder())
    await advance(602_000) // the attempt's time is over, and so is the wait for the next one
    held.open()
    expect(await deliver([message])).toHaveLength(1)
    expect(timesRun('late')).toBe(0)
    expect(await deliver([{ ...message, attempt: 2 }])).toHaveLength(1)
    await expect(run.result()).resolves.toBe('late')
    expect(timesRun('late')).toBe(1)
  })

  test('84 queue/delivered twice: after the object that granted the claim was lost', async () => {
    const { run, message } = await begun('lost claim')
    const first = deliver([message])
    await until(() => timesRun('lost claim') === 1)
    await loseAll()
    const second = deliver([message], 2)
    await until(() => timesRun('lost claim') === 2) // nobody knows of the first any more: at most once more
    held.open()
    expect(await Promise.all([first, second])).toEqual([['message-0'], ['message-0']])
    await expect(run.result()).resolves.toBe('lost claim')
    expect(await recorded(run, 'activity_completed')).toHaveLength(1)
    expect(timesRun('lost claim')).toBe(2)
  })

  test('84 queue/delivered twice: after completion', async () => {
    const { run, message } = await begun('completed')
    held.open()
    await deliver([message])
    await run.result()
    const types = await typesOf(run)
    expect(await deliver([message], 2)).toHaveLength(1)
    expect(timesRun('completed')).toBe(1)
    expect(await typesOf(run)).toEqual(types)
  })

  test('84 queue/delivered twice: for a closed run', async () => {
    const { run, message } = await begun('closed')
    held.open()
    await run.terminate('enough')
    expect(await deliver([message])).toHaveLength(1)
    expect(timesRun('closed')).toBe(0)
    expect(await typesOf(run)).toEqual(['workflow_started', 'activity_scheduled', 'workflow_terminated'])
  })
})

const oneCall2 = workflow('oneCall2', async (ctx) => ctx.activity(countCall, { input: ctx.workflowId }))
register(oneCall2)
