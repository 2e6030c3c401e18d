/** Large payloads while objects are lost and R2 fails: whatever is committed becomes an object in the end. */
import { runDurableObjectAlarm, runInDurableObject } from 'cloudflare:test'
import { afterEach, describe, expect, test } from 'vitest'
import { defineActivity, query, signal, WorkflowClient, workflow } from '../../shared/index.ts'
import { shardOf } from '../../shared/shard.ts'
import { rows } from '../scheduler-do/storage.ts'
import { faults, register } from '../workers/registry.ts'
import { contradictions, loseAll, loseAt, persist, shardObject } from './loss.ts'
import { advance, evict, idOn, recorded, rejection, SHARDS, typesOf, until, world } from './world.ts'

const MB = 1_000_000
const go = signal<string>('go')
const length = query<number>('length')
const text = (letter: string, bytes: number): string => letter.repeat(bytes - 2)

const measured: string[] = []
const measure = defineActivity('measureLost', (given: string) => {
  measured.push(`${given[0]} ${given.length}`)
  return given.length
})
const small = workflow('lostSmall', async (ctx) => ctx.run('one', () => 1))
const makes = workflow('lostMake', async (ctx, bytes: number) => ctx.run('make', () => text('m', bytes)))
const sends = workflow('lostSend', async (ctx, letter: string) => {
  const made = await ctx.run('make', () => text(letter, MB))
  return ctx.activity(measure, { input: made })
})
const waits = workflow('lostWait', async (ctx, given: string) => {
  let heard = given.length
  ctx.setQueryHandler(length, () => heard)
  heard += (await ctx.waitForSignal(go)).length
  return heard + (await ctx.waitForSignal(go)).length
})
const shifting = { step: 'first' }
const shifts = workflow('lostShift', async (ctx, given: string) => {
  const own = await ctx.run(shifting.step, () => given.length)
  const heard = [await ctx.waitForSignal(go), await ctx.waitForSignal(go), await ctx.waitForSignal(go)]
  return [own, ...heard.map((one) => `${one[0]} ${one.length}`)]
})
const inner = workflow('lostInner', async (_ctx, given: string) => given.toUpperCase())
const outer = workflow('lostOuter', async (ctx, given: string) => {
  const turned = await ctx.executeChild(inner, { workflowId: `${ctx.workflowId}/inner`, input: given })
  return ctx.activity(measure, { input: turned })
})
interface Refused {
  code: string
  path: string | undefined
  message: string
}
const tries = workflow('lostTry', async (ctx) => {
  const refused: Refused[] = []
  const attempt = async (call: () => Promise<unknown>): Promise<void> => {
    try {
      await call()
    } catch (error) {
      const cause = (error as { cause?: unknown }).cause ?? error
      const { code, path, message } = cause as Refused // a coded error, whatever wraps it
      refused.push({ code, path, message })
    }
  }
  const large = text('t', MB)
  await attempt(() => ctx.run('make', () => large))
  await attempt(() => ctx.activity(measure, { input: large }))
  await attempt(() => ctx.executeChild(inner, { input: large }))
  await attempt(() => ctx.external('somebody').signal(go, large))
  await ctx.waitForSignal(go, { timeout: '1d' })
  return { refused }
})
const returns = workflow('lostReturn', async (ctx) => {
  ctx.setQueryHandler(length, () => MB)
  return text('r', MB)
})
register(shifts, tries, returns, measure, small, makes, sends, waits, inner, outer)

const client = new WorkflowClient(world.SCHEDULER, { archive: world.ARCHIVE })

afterEach(() => {
  faults.archive = () => {}
  faults.noArchive = false
})

function failing(method: string): void {
  faults.archive = (called) => {
    if (called === method) throw new Error(`R2 ${method} fails by the test`)
  }
}

async function pendingRows(): Promise<number> {
  let count = 0
  for (let shard = 0; shard < SHARDS; shard += 1)
    count += (await persist(() => rows(shard, 'SELECT number FROM payloads'))).length
  return count
}

/** When the shard wakes next, once it has told everybody everything else. */
async function alarmOf(workflowId: string): Promise<number | null> {
  const object = shardObject(shardOf(workflowId, SHARDS))
  await advance(2_000)
  await runDurableObjectAlarm(object)
  return runInDurableObject(object, (_object, { storage }) => storage.getAlarm())
}

const closed = (workflowId: string) =>
  until(async () => (await client.list({ idPrefix: workflowId }))[0]?.status === 'completed')

describe('93 payload/large: R2 that takes nothing', () => {
  test('93 payload/large: a result committed before the object was lost is there when R2 takes it again', async () => {
    failing('put')
    const run = await client.start(makes, { workflowId: 'made', input: 3 * MB })
    await closed('made')
    expect(await pendingRows()).toBe(3) // the step's result and the run's are the same content
    // Whatever happens now, the object wakes within a second and goes on with the rows.
    const alarmAt = (await alarmOf('made')) ?? Infinity
    expect(alarmAt).toBeLessThanOrEqual(Date.now() + 1_000)
    await loseAll()
    faults.archive = () => {}
    const result = await run.result()
    expect(result === text('m', 3 * MB)).toBe(true)
    expect(await until(async () => (await pendingRows()) === 0)).toBe(true)
  })

  test.each([
    ['lives on', async () => {}],
    ['is lost meanwhile', () => loseAll()],
  ])(
    '93 payload/large: an activity is sent when its input can be read, others at once; the object %s',
    async (name, meanwhile) => {
      failing('put')
      const run = await client.start(sends, { workflowId: idOn(0, `sent ${name}`), input: name[0] ?? '' })
      await until(async () => (await typesOf(run)).includes('activity_scheduled'))
      const other = { workflowId: idOn(0, `beside ${name}`), input: undefined }
      await expect(client.execute(small, other)).resolves.toBe(1)
      await meanwhile()
      expect(measured).not.toContain(`${name[0]} ${MB - 2}`)
      faults.archive = () => {}
      await expect(run.result()).resolves.toBe(MB - 2)
      expect(measured).toContain(`${name[0]} ${MB - 2}`)
      expect(await recorded(run, 'activity_completed')).toEqual([expect.objectContaining({ attempt: 1 })])
    },
  )
})

describe('93 payload/large: R2 that gives nothing', () => {
  test.each([
    ['is evicted', () => evict()],
    ['is lost', () => loseAll()],
  ])(
    '93 payload/large: a run whose object %s takes its signals, others go on, and it goes on when R2 does',
    async (name, drop) => {
      const workflowId = idOn(0, `waits ${name}`)
      const run = await client.start(waits, { workflowId, input: text('i', MB) })
      await run.signal(go, text('1', 2 * MB))
      failing('get')
      await drop()
      await run.signal(go, '22')
      const other = { workflowId: idOn(0, `beside waits ${name}`), input: undefined }
      await expect(client.execute(small, other)).resolves.toBe(1)
      await drop()
      await advance(1)
      const { blocked } = await run.describe()
      expect(blocked).toMatchObject({ code: 'overloaded', reason: expect.stringContaining('R2') })
      expect(await typesOf(run)).not.toContain('workflow_completed')
      faults.archive = () => {}
      await expect(run.result()).resolves.toBe(3 * MB - 4 + 2)
      expect(await contradictions()).toEqual([])
    },
  )

  test('93 payload/large: a run that has seen more than memory holds is brought back for each input', async () => {
    const run = await client.start(waits, { workflowId: 'heavy', input: text('i', 8 * MB) })
    await run.signal(go, text('1', 8 * MB))
    await expect(run.query(length)).resolves.toBe(2 * (8 * MB - 2))
    await run.signal(go, text('2', 8 * MB))
    await expect(run.result()).resolves.toBe(3 * (8 * MB - 2))
  })

  test('93 payload/large: a large signal is refused with a code while it cannot be read, and recorded once', async () => {
    const run = await client.start(waits, { workflowId: 'refuses', input: text('i', MB) })
    failing('get')
    const refused = await rejection(run.signal(go, text('1', 2 * MB), { signalId: 'one' }))
    expect(refused).toMatchObject({ code: 'overloaded', message: expect.stringContaining('R2') })
    faults.archive = () => {}
    await run.signal(go, text('1', 2 * MB), { signalId: 'one' })
    await run.signal(go, '2')
    await expect(run.result()).resolves.toBe(3 * MB - 4 + 1)
    expect(await recorded(run, 'signal_received')).toHaveLength(2)
  })

  test('93 payload/large: a run that cannot be replayed now can be terminated', async () => {
    const run = await client.start(waits, { workflowId: 'terminated', input: text('i', MB) })
    failing('get')
    await evict()
    await run.signal(go, 'parked')
    await run.terminate('enough')
    const error = await rejection(run.result())
    expect(error.cause).toMatchObject({ code: 'terminated' })
    faults.archive = () => {}
    expect(await typesOf(run)).toEqual(['workflow_started', 'signals_discarded', 'workflow_terminated'])
  })

  test('93 payload/large: a large signal to a run that is blocked waits for better code', async () => {
    const run = await client.start(shifts, { workflowId: 'shifts', input: text('i', MB) })
    await until(async () => (await typesOf(run)).includes('step_completed'))
    shifting.step = 'second'
    await evict('shifts')
    await run.signal(go, text('1', 2 * MB))
    await until(async () => (await run.describe()).blocked?.code === 'nondeterminism')
    await run.signal(go, text('2', 2 * MB))
    expect(await typesOf(run)).not.toContain('signal_received')
    shifting.step = 'first'
    await run.signal(go, '3')
    await expect(run.result()).resolves.toEqual([MB - 2, `1 ${2 * MB - 2}`, `2 ${2 * MB - 2}`, '3 1'])
  })

  test('93 payload/large: an evicted run answers queries from what R2 has, open or closed', async () => {
    const run = await client.start(waits, { workflowId: 'queried', input: text('i', MB) })
    await run.signal(go, text('1', MB))
    await evict()
    await expect(run.query(length)).resolves.toBe(2 * MB - 4)
    await evict()
    await run.signal(go, '22')
    await expect(run.result()).resolves.toBe(2 * MB - 4 + 2)
    await expect(run.query(length)).resolves.toBe(2 * MB - 4)
  })
})

describe('93 payload/large: no bucket', () => {
  test('93 payload/large: what cannot be stored is refused call by call, and a replay with a bucket repeats it', async () => {
    faults.noArchive = true
    await loseAll()
    const run = await client.start(tries, { workflowId: 'no bucket', input: undefined })
    await until(async () => (await typesOf(run)).includes('timer_started'))
    faults.noArchive = false
    await loseAll()
    await run.signal(go, 'on')
    const { refused } = await run.result()
    expect(refused.map(({ code, path }) => `${code} ${path}`)).toEqual([
      'payload_too_large result',
      'payload_too_large input',
      'payload_too_large input',
      'payload_too_large payload',
    ])
    for (const { message } of refused) expect(message).toContain('ARCHIVE')
  })

  test('93 payload/large: a result that cannot be stored fails the run, and its replay with a bucket too', async () => {
    faults.noArchive = true
    await loseAll()
    const run = await client.start(returns, { workflowId: 'no bucket for a result', input: undefined })
    const error = await rejection(run.result())
    expect(error.cause).toMatchObject({ code: 'payload_too_large', path: 'result' })
    faults.noArchive = false
    await loseAll()
    await expect(run.query(length)).resolves.toBe(MB)
  })
})

describe('93 payload/large: an object lost in a turn', () => {
  test.each(['before commit', 'after commit', 'after flush'] as const)(
    '93 payload/large: lost %s, a child and an activity get all of it all the same',
    async (place) => {
      for (let at = 0; ; at += 1) {
        const loss = await loseAt(place, at)
        const workflowId = `large lost ${place} ${at}`
        const run = await client.start(outer, { workflowId, input: text('l', MB) })
        await until(async () => {
          if ((await run.describe()).status !== 'running') return true
          await advance(60_000).catch(() => {})
          return false
        })
        await expect(run.result()).resolves.toBe(MB - 2)
        expect(await contradictions()).toEqual([])
        if (!loss.lost) break
      }
      expect(await until(async () => (await pendingRows()) === 0)).toBe(true)
    },
  )
})
