import { runDurableObjectAlarm, runInDurableObject } from 'cloudflare:test'
import { describe, expect, test } from 'vitest'
import { ApplicationError, workflow } from '../../shared/index.ts'
import { serializeError } from '../../shared/core/failure.ts'
import { register } from '../workers/registry.ts'
import { claim, holder, renew, settle } from './hand.ts'
import { loseAt, persist, shardObject } from './loss.ts'
import { SHARDS, advance, client, evict, recorded, until } from './world.ts'

const MINUTE_MS = 60_000
const retry = { initialInterval: '10m', backoffCoefficient: 1 } as const

/** One call of each kind that time alone decides on, all due within the hour. */
const duePerHour = workflow('duePerHour', { taskQueue: 'nobody' }, async (ctx) => {
  await Promise.allSettled([
    ctx.activity('fails', { retry }),
    ctx.activity('outruns', { retry, startToCloseTimeout: '14m' }),
    ctx.activity('never starts', { scheduleToStartTimeout: '30m' }),
    ctx.sleep('40m'),
    ctx.waitForSignal('never', { timeout: '50m', default: null }),
  ])
})
register(duePerHour)
const FAILS = 1
const OUTRUNS = 2

async function begun(workflowId: string) {
  const run = await client.start(duePerHour, { workflowId })
  const failing = { run, seq: FAILS, attempt: 1 }
  const holding = holder()
  await claim(failing, holding)
  const error = serializeError(new ApplicationError('try again'))
  await settle(failing, holding, { kind: 'failed', error })
  const outrunning = { run, seq: OUTRUNS, attempt: 1 }
  const holdingOn = holder()
  await claim(outrunning, holdingOn)
  await advance(5_000)
  await renew(outrunning, holdingOn) // from here on the claim is written down
  return run
}

/** Time passes while the shards sleep: nothing that this makes due has been done yet. */
async function passWithoutAlarm(ms: number): Promise<void> {
  await client.count()
  for (let shard = 0; shard < SHARDS; shard += 1) {
    await runInDurableObject(shardObject(shard), (_object, { storage }) => {
      const offset = `SELECT COALESCE((SELECT value FROM meta WHERE key = 'clock_offset'), 0) + ${ms}`
      storage.sql.exec(`INSERT OR REPLACE INTO meta VALUES ('clock_offset', (${offset}))`)
    })
  }
  await persist(() => evict())
}

async function alarms(times: number): Promise<void> {
  for (let shard = 0; shard < SHARDS; shard += 1) {
    await runInDurableObject(shardObject(shard), async (object) => {
      await Promise.all(Array.from({ length: times }, async () => object.alarm?.()))
    })
    await runDurableObjectAlarm(shardObject(shard))
  }
}

/** What the hour has done to the run. */
async function outcome(run: Awaited<ReturnType<typeof begun>>) {
  await until(async () => (await recorded(run, 'timer_fired')).length > 1)
  const { pendingActivities } = await run.describe()
  return {
    fired: (await recorded(run, 'timer_fired')).map(({ seq }) => Number(seq)).toSorted((a, b) => a - b),
    timedOut: (await recorded(run, 'activity_timed_out')).map(({ seq, kind }) => ({ seq, kind })),
    attempts: pendingActivities.map(({ activityType, attempt }) => ({ activityType, attempt })),
  }
}

const EACH_ONCE = {
  fired: [4, 5],
  timedOut: [{ seq: 3, kind: 'schedule-to-start' }],
  attempts: [
    { activityType: 'fails', attempt: 2 },
    { activityType: 'outruns', attempt: 2 },
  ],
}

describe('83 alarm/delivered twice', () => {
  test('83 alarm/delivered twice: at the same time', async () => {
    const run = await begun('alarms at once')
    await passWithoutAlarm(60 * MINUTE_MS)
    await alarms(3)
    expect(await outcome(run)).toEqual(EACH_ONCE)
    await client.terminate(run.workflowId)
  })

  test('83 alarm/delivered twice: one after the other', async () => {
    const run = await begun('alarms in turn')
    await passWithoutAlarm(60 * MINUTE_MS)
    await alarms(1)
    await alarms(1)
    expect(await outcome(run)).toEqual(EACH_ONCE)
    await client.terminate(run.workflowId)
  })

  test.each(['after commit', 'after flush'] as const)(
    '83 alarm/delivered twice: again because the object was lost %s',
    async (place) => {
      const run = await begun(`lost ${place}`)
      await passWithoutAlarm(60 * MINUTE_MS)
      await loseAt(place, 0)
      await alarms(1).catch(() => {})
      await persist(() => alarms(1))
      expect(await outcome(run)).toEqual(EACH_ONCE)
      await client.terminate(run.workflowId)
    },
  )
})
