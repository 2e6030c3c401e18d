/** Objects that cannot wake, as after a deploy that is wrong. The platform drops an alarm that has failed six times. */
import { runDurableObjectAlarm, runInDurableObject } from 'cloudflare:test'
import { afterEach, expect, test } from 'vitest'
import { workflow } from '../../shared/define.ts'
import { WorkflowClient } from '../../shared/client.ts'
import { source } from '../archiver/passes.ts'
import { advance, client, idOn, rejection, until, world } from '../conformance/world.ts'
import { faults, register } from '../workers/registry.ts'
import { abort, inStorage, stubNamed, stubOf } from './storage.ts'

const naps = workflow('naps', async (ctx) => {
  await ctx.sleep('1h')
  return 'awake'
})
register(naps)

const MINUTE_MS = 60_000
/** What an alarm is put off by. */
const PUT_OFF_MS = 30_000
const { waking } = faults
afterEach(() => {
  faults.waking = waking
})

const armedOf = (name: string): Promise<number | null> =>
  runInDurableObject(stubNamed(name), (_instance, { storage }) => storage.getAlarm())

const alarmInMs = async (): Promise<number> => ((await armedOf('default/0')) ?? Infinity) - Date.now()

const writeAddress = ({ storage }: DurableObjectState, value: unknown): unknown =>
  storage.sql.exec(`UPDATE meta SET value = ? WHERE key = 'address'`, value)

/** A run for which nothing is to be done for an hour. */
async function sleeping(name: string) {
  const run = await client.start(naps, { workflowId: idOn(0, name), input: undefined })
  await until(async () => (await alarmInMs()) > 30 * MINUTE_MS)
  return run
}

test('an alarm waits for a deploy that gives the object what its environment lacks', async () => {
  const run = await sleeping('unconfigured')
  faults.waking = (env) => ({ ...env, SCHEDULER: undefined })
  await abort(0)
  expect(await rejection(run.describe())).toMatchObject({ code: 'not_configured' })
  expect(await runDurableObjectAlarm(stubOf(0))).toBe(true)
  faults.waking = waking
  await abort(0)
  expect(await alarmInMs()).toBeLessThanOrEqual(PUT_OFF_MS)
  await advance(60 * MINUTE_MS)
  expect(await run.result()).toBe('awake')
})

test('an object that fails as its alarm wakes it has another one', async () => {
  const run = await sleeping('broken')
  const address = await inStorage(0, ({ sql }) =>
    sql.exec(`SELECT value FROM meta WHERE key = 'address'`).one(),
  )
  const failing = (alarmInHours: number) => {
    faults.waking = (env, object) => {
      writeAddress(object, 'no JSON')
      void object.storage.setAlarm(Date.now() + alarmInHours * 60 * MINUTE_MS)
      return env
    }
  }
  /** What is armed when it wakes again. */
  const armedInMs = async (): Promise<number> => {
    let armedAt: number | null | undefined
    faults.waking = (env, object) => {
      writeAddress(object, address['value'])
      void object.storage.getAlarm().then((at) => (armedAt ??= at))
      return env
    }
    await alarmInMs()
    await until(() => armedAt !== undefined)
    return (armedAt ?? Infinity) - Date.now()
  }
  failing(0)
  await abort(0)
  expect((await rejection(alarmInMs())).message).toContain('no JSON')
  const putOff = await armedInMs()
  expect([putOff > 0, putOff <= PUT_OFF_MS]).toEqual([true, true])
  failing(1)
  await abort(0)
  expect((await rejection(alarmInMs())).message).toContain('no JSON')
  expect(await armedInMs()).toBeGreaterThan(PUT_OFF_MS)
  faults.waking = waking
  await advance(60 * MINUTE_MS)
  expect(await run.result()).toBe('awake')
})

test('one that could not wake before it was addressed rings once more, and is idle until it is asked', async () => {
  const names = ['unaddressed/archive', 'unaddressed/0']
  const armed = () => Promise.all(names.map(armedOf))
  faults.waking = (env, { storage }) => {
    storage.transactionSync = () => {
      throw new Error('not now')
    }
    return env
  }
  for (const name of names) await expect(armedOf(name)).rejects.toThrow('not now')
  faults.waking = waking
  expect(await armed()).toEqual([expect.any(Number), expect.any(Number)])
  for (const name of names) expect(await runDurableObjectAlarm(stubNamed(name))).toBe(true)
  expect(await armed()).toEqual([null, null])
  const lease = { namespace: 'unaddressed', holder: 'one', ttlMs: MINUTE_MS }
  expect(await source.acquireArchive(lease)).toMatchObject({ ok: true })
  await new WorkflowClient(world.SCHEDULER, { namespace: 'unaddressed' }).start(naps, {
    workflowId: idOn(0, 'first'),
  })
  expect(await armed()).toEqual([null, expect.any(Number)])
})
