import { describe, expect, test } from 'vitest'
import { defineActivity, signal, workflow } from '../../shared/define.ts'
import { advance, client, historyOf, idOn, recorded, typesOf, until } from '../conformance/world.ts'
import { register } from '../workers/registry.ts'
import { abort, inStorage, rows } from './storage.ts'

const go = signal('go')
const attempts = new Map<string, number>()
const flaky = defineActivity('flaky', (name: string) => {
  const attempt = (attempts.get(name) ?? 0) + 1
  attempts.set(name, attempt)
  if (attempt < 3) throw new Error(`attempt ${attempt}`)
  return attempt
})
const retries = workflow('retries', async (ctx) =>
  ctx.activity(flaky, { input: ctx.workflowId, retry: { initialInterval: '20s', backoff: 'constant' } }),
)
const napping = workflow('napping', async (ctx, minutes: number) => {
  await ctx.sleep(minutes * 60_000)
  return minutes
})
const stepping = workflow('stepping', async (ctx) => {
  await ctx.waitForSignal(go)
  return ctx.run('once', () => 'ran', { retry: { maxAttempts: 1 } })
})
register(flaky, retries, napping, stepping)

describe('after a wake', () => {
  test('an attempt that backs off is made when it is due, not a message’s resend later', async () => {
    const run = await client.start(retries, { workflowId: idOn(0, 'retries'), input: undefined })
    await until(async () => (await run.describe()).pendingActivities[0]?.attempt === 2)
    await abort(0)
    await client.count()
    await advance(20_000)
    await until(async () => (await run.describe()).pendingActivities[0]?.attempt === 3)
    await advance(20_000)
    expect(await run.result()).toBe(3)
    expect(await recorded(run, 'activity_completed')).toMatchObject([{ attempt: 3 }])
  })

  test('every timer fires that fell due while nobody was there, each once and in order', async () => {
    const starts = [3, 1, 2].map((minutes) =>
      client.start(napping, { workflowId: idOn(0, `nap-${minutes}`), input: minutes }),
    )
    const naps = await Promise.all(starts)
    await abort(0)
    await client.count()
    await advance(180_000)
    expect(await Promise.all(naps.map((nap) => nap.result()))).toEqual([3, 1, 2])
    const histories = await Promise.all(naps.map(historyOf))
    const fired = histories.map((events) => events.filter(({ type }) => type === 'timer_fired'))
    expect(fired.map((events) => events.length)).toEqual([1, 1, 1])
    const at = fired.map(([event]) => event!.timestamp.getTime())
    expect([at[1]! < at[2]!, at[2]! < at[0]!]).toEqual([true, true])
    expect(await rows(0, 'SELECT * FROM workflow_timers')).toEqual([])
  })

  test('a step whose only attempt was lost fails as that, and is not run again', async () => {
    const workflowId = idOn(0, 'stepping')
    const run = await client.start(stepping, { workflowId, input: undefined })
    const refused = `CREATE TRIGGER refused BEFORE INSERT ON history WHEN NEW.run_id = '${run.runId}'
      AND NEW.first_event_id > 2 BEGIN SELECT RAISE(ABORT, 'lost'); END`
    await inStorage(0, ({ sql }) => void sql.exec(refused))
    await run.signal(go)
    await until(async () => (await run.describe()).blocked !== undefined)
    await inStorage(0, ({ sql }) => void sql.exec('DROP TRIGGER refused'))
    await abort(0)
    await client.count()
    await expect(run.result()).rejects.toMatchObject({ cause: { cause: { code: 'attempt_lost' } } })
    expect(await typesOf(run)).toContain('step_failed')
  })

  test('history goes on without a gap, and times never go back', async () => {
    const run = await client.start(napping, { workflowId: idOn(1, 'gapless'), input: 1 })
    await abort(1)
    await client.count()
    await advance(60_000)
    await run.result()
    const events = await historyOf(run)
    expect(events.map(({ eventId }) => eventId)).toEqual([1, 2, 3, 4])
    const times = events.map(({ timestamp }) => timestamp.getTime())
    expect(times).toEqual(times.toSorted((one, other) => one - other))
  })
})
