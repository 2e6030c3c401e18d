import { expect, test } from 'vitest'
import { defineActivity, signal, workflow } from '../../shared/index.ts'
import { register } from '../workers/registry.ts'
import { advance, client, evict, historyOf, typesOf, until } from './world.ts'

const HOUR = 3_600_000
const note = signal<string>('note')
const echo = defineActivity('clock-echo', async (text: string) => text)

/** Notes the time at each of its steps, while a timer runs beside them. */
const keepingTime = workflow('clock-keeping-time', { messages: { note } }, async (ctx) => {
  const times = [ctx.now().getTime()]
  const late = ctx.sleep('10m').then(() => times.push(ctx.now().getTime()))
  for (let step = 0; step < 4; step += 1) {
    await ctx.activity(echo, { input: await ctx.waitForSignal(note) })
    times.push(ctx.now().getTime(), Date.now())
  }
  await late
  return times
})
register(echo, keepingTime)

test('95 clock/backwards: an hour back between turns fires nothing twice, loses nothing, and time does not decrease', async () => {
  const handle = await client.start(keepingTime, { workflowId: 'clock-95' })
  const completed = (times: number) =>
    until(
      async () => (await typesOf(handle)).filter((type) => type === 'activity_completed').length === times,
    )

  await handle.signal(note, 'before')
  await completed(1)
  await advance(HOUR / 12)
  await advance(-HOUR)
  await handle.signal(note, 'an hour earlier')
  await completed(2)
  await evict()
  await handle.signal(note, 'replayed there')
  await completed(3)
  expect(await typesOf(handle)).not.toContain('timer_fired')

  // The timer is for an instant, which now is an hour further away than it was.
  await advance(HOUR / 2)
  expect(await typesOf(handle)).not.toContain('timer_fired')
  await advance(HOUR)
  await advance(-HOUR)
  await handle.signal(note, 'after')
  const times = await handle.result()
  expect(times).toEqual(times.toSorted((one, other) => one - other))
  const history = await historyOf(handle)
  expect(history.filter(({ type }) => type === 'timer_fired')).toHaveLength(1)
  const stamps = history.map(({ timestamp }) => timestamp.getTime())
  expect(stamps).toEqual(stamps.toSorted((one, other) => one - other))
  const started = history.find(({ type }) => type === 'timer_started')?.data as { fireAt: number }
  const fired = history.find(({ type }) => type === 'timer_fired')
  expect(fired?.timestamp.getTime()).toBeGreaterThanOrEqual(started.fireAt)
})
