import { runInDurableObject } from 'cloudflare:test'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { aesCodec } from '../../examples/docs/codec.ts'
import {
  ApplicationError,
  EncodedPayload,
  WorkflowClient,
  defineActivity,
  query,
  signal,
  update,
  workflow,
} from '../../shared/index.ts'
import { replayHistory } from '../../testing/index.ts'
import { deployment, register } from '../workers/registry.ts'
import { pass } from '../archiver/passes.ts'
import { loseAll, shardObject } from './loss.ts'
import { SHARDS, client as plainClient, evict, historyOf, idOn, rejection, until, world } from './world.ts'

/** In everything that is said here, and to be found nowhere. */
const SECRET = 'tulip'
const codec = await aesCodec(crypto.getRandomValues(new Uint8Array(32)))
const client = new WorkflowClient(world.SCHEDULER, { codec, encodeFailures: true, archive: world.ARCHIVE })

const note = signal<string>('note')
const rename = update<string, [name: string]>('rename')
const notes = query<string[], [prefix: string]>('notes')
const LARGE = 200_000

const heartbeating = defineActivity('codec-heartbeating', async (text: string, ctx) => {
  if (ctx.attempt === 1) {
    await ctx.heartbeat({ seen: text })
    throw new ApplicationError(`${SECRET} once`, { details: { SECRET } })
  }
  return { text, last: ctx.heartbeatDetails }
})
const child = workflow('codec-child', async (ctx, text: string) => {
  const heard = await ctx.waitForSignal<string>('heard')
  return `${text} and ${heard}`
})
const whole = workflow(
  'codec-whole',
  { messages: { note, rename, notes } },
  async (ctx, input: { childId: string; text: string }) => {
    const all: string[] = []
    ctx.setQueryHandler(notes, (prefix) => all.map((text) => `${prefix}: ${text}`))
    ctx.setUpdateHandler(rename, (name) => {
      all.push(name)
      return `now ${name}`
    })
    const step = await ctx.run('step', () => `${input.text} in a step`)
    const called = await ctx.activity(heartbeating, {
      input: input.text,
      retry: { initialInterval: 1 },
      heartbeatTimeout: '1m',
    })
    const handle = await ctx.startChild(child, { workflowId: input.childId, input: step })
    await handle.signal('heard', `${SECRET} by signal`)
    const large = await ctx.run('large', () => SECRET.repeat(LARGE / SECRET.length))
    all.push(await ctx.waitForSignal(note))
    return { step, called, child: await handle.result(), large, all }
  },
)
const failing = workflow('codec-failing', async (ctx) => {
  await ctx.activity(throwing, { retry: { maxAttempts: 1 } })
})
const throwing = defineActivity<void, void>('codec-throwing', () => {
  const cause = new ApplicationError(`the ${SECRET} bed`, { details: { bed: SECRET } })
  throw new ApplicationError(`no ${SECRET} left`, { type: 'OutOfStock', cause })
})
register(heartbeating, throwing, child, whole, failing)

beforeAll(async () => {
  Object.assign(deployment, { codec, encodeFailures: true })
  await loseAll()
})
afterAll(async () => {
  delete deployment.codec
  delete deployment.encodeFailures
  await loseAll()
})

/** Every row of every shard and every object in R2 that shows the secret. */
async function leaks(): Promise<string[]> {
  const found: string[] = []
  for (let shard = 0; shard < SHARDS; shard += 1)
    found.push(...(await runInDurableObject(shardObject(shard), (_, { storage }) => leaksOf(storage.sql))))
  for (const { key } of (await world.ARCHIVE.list()).objects) {
    const object = await world.ARCHIVE.get(key)
    if (new TextDecoder('latin1').decode(await object?.arrayBuffer()).includes(SECRET)) found.push(key)
  }
  return found
}

function leaksOf(sql: SqlStorage): string[] {
  const tables = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE '\\_cf%' ESCAPE '\\'"
  return sql
    .exec<{ name: string }>(tables)
    .toArray()
    .flatMap(({ name }) => {
      const rows = sql.exec(`SELECT * FROM "${name}"`).toArray().map(shown)
      return rows.filter((row) => row.includes(SECRET)).map((row) => `${name}: ${row.slice(0, 500)}`)
    })
}

function shown(row: Record<string, unknown>): string {
  return Object.values(row)
    .map((value) => (value instanceof ArrayBuffer ? new TextDecoder('latin1').decode(value) : String(value)))
    .join(' ')
}

describe('68 data_converter/codec', () => {
  test('68 data_converter/codec: every payload lies encoded, and those who have the codec see values', async () => {
    const childId = idOn(1, 'codec-child')
    const workflowId = idOn(0, 'codec-whole')
    const input = { childId, text: `a ${SECRET}` }
    const handle = await client.start(whole, { workflowId, input, memo: { flower: SECRET } })
    expect(await handle.update(rename, { args: [`${SECRET} one`] })).toBe(`now ${SECRET} one`)
    await evict()
    expect(await handle.query(notes, SECRET)).toEqual([`${SECRET}: ${SECRET} one`])
    await until(async () => (await handle.describe()).waitingFor.some(({ kind }) => kind === 'signal'))
    expect(await leaks()).toEqual([])
    await handle.signal(note, `${SECRET} two`)
    const result = await handle.result()
    expect(result).toEqual({
      step: `a ${SECRET} in a step`,
      called: { text: `a ${SECRET}`, last: { seen: `a ${SECRET}` } },
      child: `a ${SECRET} in a step and ${SECRET} by signal`,
      large: SECRET.repeat(LARGE / SECRET.length),
      all: [`${SECRET} one`, `${SECRET} two`],
    })
    expect(await handle.describe()).toMatchObject({ input, memo: { flower: SECRET } })
    const [listed] = await client.list({ idPrefix: workflowId })
    expect(listed?.memo).toEqual({ flower: SECRET })
    expect(await leaks()).toEqual([])

    await until(async () => {
      await pass()
      return (await handle.describe()).tier !== 'hot'
    })
    expect(await leaks()).toEqual([])
    expect(await handle.result()).toEqual(result)
    expect(await handle.query(notes, 'x')).toEqual([`x: ${SECRET} one`, `x: ${SECRET} two`])
    const history = await historyOf(handle)
    expect(history[0]?.data).toMatchObject({ input })
  })

  test('68 data_converter/codec: those who lack it see encoded bytes, and can bring in nothing plain', async () => {
    const handle = await client.start(child, { workflowId: 'codec-lacking', input: SECRET })
    const lacking = plainClient.getHandle('codec-lacking')
    const [started] = await historyOf(lacking)
    expect(started?.data).toMatchObject({ input: expect.any(EncodedPayload) })
    expect((await lacking.describe()).input).toBeInstanceOf(EncodedPayload)
    const refused = { code: 'not_configured', path: 'codec' }
    expect(await rejection(lacking.signal('heard', 'plain'))).toMatchObject(refused)
    expect(await rejection(plainClient.start(child, { input: 'plain' }))).toMatchObject(refused)
    await handle.signal('heard', 'encoded')
    expect(await handle.result()).toBe(`${SECRET} and encoded`)
    const other = await aesCodec(crypto.getRandomValues(new Uint8Array(32)))
    const stranger = new WorkflowClient(world.SCHEDULER, { codec: other })
    expect(await rejection(stranger.getHandle('codec-lacking').result())).toMatchObject({
      code: 'codec_failed',
    })
  })

  test('68 data_converter/codec: a replay test takes the codec', async () => {
    const handle = await client.start(child, { workflowId: 'codec-replayed', input: SECRET })
    await handle.signal('heard', 'it')
    await handle.result()
    const lacking = plainClient.getHandle('codec-replayed')
    await expect(replayHistory(child, lacking, { codec })).resolves.toBeUndefined()
  })
})

test('69 data_converter/failure: texts, stacks and details of the whole cause chain lie encoded', async () => {
  const handle = await client.start(failing, { workflowId: 'codec-failing' })
  const error = await rejection(handle.result())
  expect(error.cause).toMatchObject({
    code: 'activity_failed',
    cause: {
      message: `no ${SECRET} left`,
      type: 'OutOfStock',
      stack: expect.stringContaining(SECRET),
      cause: { message: `the ${SECRET} bed`, details: { bed: SECRET } },
    },
  })
  expect(await leaks()).toEqual([])
  const lacking = await rejection(plainClient.getHandle('codec-failing').result())
  expect(lacking.cause).toMatchObject({ message: expect.stringContaining('encoded') })
  expect(JSON.stringify(await historyOf(plainClient.getHandle('codec-failing')))).not.toContain(SECRET)
  const failed = (await historyOf(handle)).find(({ type }) => type === 'activity_failed')
  expect(JSON.stringify(failed?.data)).toContain(`no ${SECRET} left`)
})
