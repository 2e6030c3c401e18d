/** Payloads of every size, in every place where one can be. */
import { describe, expect, test } from 'vitest'
import {
  ApplicationError,
  defineActivity,
  LargePayload,
  query,
  signal,
  WorkflowClient,
  workflow,
} from '../../shared/index.ts'
import type { ActivityContext } from '../../shared/index.ts'
import { MAX_PAYLOAD_BYTES } from '../../shared/reference.ts'
import { register } from '../workers/registry.ts'
import { historyOf, rejection, world } from './world.ts'

const MB = 1_000_000
const big = signal<string>('big')
const said = query<string, [string]>('said')

/** Text of `bytes` bytes of JSON. */
const text = (letter: string, bytes: number): string => letter.repeat(bytes - 2)

const measure = defineActivity('measure', (given: string) => `${given[0]} ${given.length}`)
const shout = defineActivity('shout', (given: string) => given.toUpperCase())
const write = defineActivity('write', (bytes: number) => text('w', bytes))

const resumes = defineActivity('resumes', async (bytes: number, ctx: ActivityContext<string>) => {
  if (ctx.heartbeatDetails !== undefined) return `${ctx.attempt} ${ctx.heartbeatDetails.length}`
  await ctx.heartbeat(text('h', bytes))
  throw new ApplicationError('not yet', { retryAfter: 0 })
})

const echo = workflow('largeEcho', async (_ctx, given: string) => given)
const shouts = workflow('largeShout', async (ctx, given: string) => ctx.activity(shout, { input: given }))
const hears = workflow('largeHear', async (ctx) => {
  const heard = await ctx.waitForSignal(big)
  return ctx.activity(measure, { input: heard })
})
const answers = workflow('largeAnswer', async (ctx) => {
  ctx.setQueryHandler(said, (given) => given + given)
  await ctx.waitForSignal('never')
})
const writes = workflow('largeWrite', async (ctx, bytes: number) => ctx.run('write', () => text('s', bytes)))
const passes = workflow('largePass', async (ctx, bytes: number) => {
  const written = await ctx.activity(write, { input: bytes })
  const seen = written as string | LargePayload
  const opaque = seen instanceof LargePayload && Object.isFrozen(seen) ? seen.size : 0
  return { opaque, measured: await ctx.activity(measure, { input: written }) }
})
const nests = workflow('largeNest', async (ctx) => {
  const written = await ctx.activity(write, { input: 9 * MB })
  return ctx.activity(measure, { input: { written } as unknown as string })
})
const beats = workflow('largeBeat', async (ctx, bytes: number) => ctx.activity(resumes, { input: bytes }))
register(resumes, beats, measure, shout, write, echo, shouts, hears, answers, writes, passes, nests)

const direct = new WorkflowClient(world.SCHEDULER, { archive: world.ARCHIVE })
const clients: [string, WorkflowClient][] = [
  ['a namespace connection', direct],
  ['a service binding', new WorkflowClient(world.WORKFLOWS)],
]
const cases = clients.flatMap(([name, client]) =>
  [1, 30].map((size): [number, string, WorkflowClient] => [size, name, client]),
)

describe('93 payload/large', () => {
  test.each(cases)(
    '93 payload/large: %d MB travel as input, result, to and from an activity, over %s',
    async (size, name, client) => {
      const input = text('a', size * MB)
      const echoed = await client.execute(echo, { workflowId: `echo ${name} ${size}`, input })
      expect(echoed === input).toBe(true)
      const shouted = await client.execute(shouts, { workflowId: `shout ${name} ${size}`, input })
      expect(shouted === text('A', size * MB)).toBe(true)
    },
  )

  test.each(cases)(
    '93 payload/large: %d MB travel by signal, by signalWithStart too, over %s',
    async (size, name, client) => {
      const payload = text('s', size * MB)
      const run = await client.start(hears, { workflowId: `hear ${name} ${size}`, input: undefined })
      await run.signal(big, payload, { signalId: 'once' })
      await expect(run.result()).resolves.toBe(`s ${payload.length}`)
      await run.signal(big, payload, { signalId: 'once' }) // taken before
      const workflowId = `hear at once ${name} ${size}`
      const message = { workflowId, input: undefined, signal: big, payload }
      const started = await client.signalWithStart(hears, message)
      await expect(started.result()).resolves.toBe(`s ${payload.length}`)
    },
  )

  test.each(clients)('93 payload/large: queries take and give large values over %s', async (name, client) => {
    const run = await client.start(answers, { workflowId: `answer ${name}`, input: undefined })
    const answer = await run.query(said, text('q', 4 * MB))
    expect(answer === 'q'.repeat(2 * (4 * MB - 2))).toBe(true)
    await run.terminate()
  })

  test.each([
    [1, 0],
    [30, 30 * MB],
  ])(
    '93 payload/large: %d MB go through workflow code, unseen above 8 MiB, and arrive whole',
    async (size, opaque) => {
      const result = await direct.execute(passes, { workflowId: `pass ${size}`, input: size * MB })
      expect(result).toEqual({ opaque, measured: `w ${size * MB - 2}` })
    },
  )

  test('93 payload/large: the result of an inline step travels by reference, and history shows its size', async () => {
    const run = await direct.start(writes, { workflowId: 'step', input: 20 * MB })
    const result = await run.result()
    expect(result === text('s', 20 * MB)).toBe(true)
    const data = (await historyOf(run)).map((event) => event.data as { result?: unknown })
    const shown = data.flatMap(({ result: one }) => (one === undefined ? [] : [one]))
    expect(shown).toEqual([
      expect.objectContaining({ size: 20 * MB }),
      expect.objectContaining({ size: 20 * MB }),
    ])
    for (const one of shown) expect(one).toBeInstanceOf(LargePayload)
  })

  test('93 payload/large: heartbeat details of any size reach the next attempt', async () => {
    const result = await direct.execute(beats, { workflowId: 'beats', input: 20 * MB })
    expect(result).toBe(`2 ${20 * MB - 2}`)
  })

  test('93 payload/large: describe shows up to 8 MiB, and above that the size', async () => {
    const small = await direct.start(echo, { workflowId: 'described', input: text('d', 2 * MB) })
    await small.result()
    const { input, result } = await small.describe()
    expect(input === text('d', 2 * MB) && result === input).toBe(true)
    const large = await direct.start(echo, { workflowId: 'described large', input: text('d', 9 * MB) })
    await large.result()
    expect(await large.describe()).toMatchObject({ input: { size: 9 * MB }, result: { size: 9 * MB } })
    const [listed] = await direct.list({ idPrefix: 'described large' })
    expect(listed).toMatchObject({ input: { size: 9 * MB }, result: { size: 9 * MB } })
  })

  test('93 payload/large: one that workflow code may not see cannot be put into another value', async () => {
    const error = await rejection(direct.execute(nests, { workflowId: 'nested', input: undefined }))
    expect(error.cause).toMatchObject({ code: 'payload_unsupported', path: 'input.written' })
  })
})

const tooLarge = (path: string) => expect.objectContaining({ code: 'payload_too_large', path })

async function objects(): Promise<string[]> {
  const { objects: listed } = await world.ARCHIVE.list({ prefix: 'payload/' })
  return listed.map(({ key }) => key)
}

describe('93 payload/large: what is refused', () => {
  test.each(clients)(
    '93 payload/large: 40 MB are refused with the field path, and nothing is written, over %s',
    async (name, client) => {
      const run = await client.start(answers, { workflowId: `refuses ${name}`, input: undefined })
      const before = await objects()
      const value = text('x', 40 * MB)
      const start = client.start(echo, { workflowId: `refused ${name}`, input: value })
      await expect(start).rejects.toEqual(tooLarge('input'))
      await expect(run.signal(big, value)).rejects.toEqual(tooLarge('payload'))
      await expect(run.query(said, value)).rejects.toEqual(tooLarge('args[0]'))
      expect(await objects()).toEqual(before)
      expect(await client.count({ idPrefix: `refused ${name}` })).toBe(0)
      await run.terminate()
    },
  )

  test('93 payload/large: exactly 32 MiB pass, over a service binding too', async () => {
    for (const [name, client] of clients) {
      const input = text('x', MAX_PAYLOAD_BYTES)
      const echoed = await client.execute(echo, { workflowId: `all ${name}`, input })
      expect(echoed === input).toBe(true)
    }
  })

  test('93 payload/large: an activity whose result is 40 MB fails, and so does a workflow', async () => {
    const activity = await rejection(direct.execute(passes, { workflowId: 'too large', input: 40 * MB }))
    expect(activity.cause).toMatchObject({ cause: { code: 'payload_too_large', path: 'result' } })
    const step = await rejection(direct.execute(writes, { workflowId: 'too large step', input: 40 * MB }))
    expect(step.cause).toMatchObject({ cause: { code: 'payload_too_large', path: 'result' } })
  })

  test('93 payload/large: a namespace connection without a bucket says what to add', async () => {
    const bare = new WorkflowClient(world.SCHEDULER)
    const refused = bare.start(echo, { workflowId: 'bare', input: text('x', MB) })
    const error = await rejection(refused)
    expect(error).toMatchObject({
      code: 'not_configured',
      message: expect.stringContaining('[[r2_buckets]]'),
    })
    expect(await bare.count({ idPrefix: 'bare' })).toBe(0)
    const run = await direct.start(echo, { workflowId: 'not bare', input: text('x', MB) })
    await run.result()
    expect(await bare.describe('not bare')).toMatchObject({ input: { size: MB }, result: { size: MB } })
    const unread = await rejection(bare.getHandle('not bare').result())
    expect(unread).toMatchObject({ code: 'not_configured' })
  })
})
