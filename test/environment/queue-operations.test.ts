/** What a run of many steps hands to Queues. */
import { afterEach, describe, expect, test } from 'vitest'
import { defineActivity, workflow } from '../../shared/index.ts'
import { counted } from './counted.ts'

const STEPS = 1_000
/** As far apart as the steps of a shard that has a million a day. */
const STEP_MS = 86

const lanes = ['inline', 'eager', 'queue'] as const
type Lane = (typeof lanes)[number]

const ends: (() => void)[] = []
afterEach(() => {
  for (const end of ends.splice(0)) end()
})

/** Messages and rows per step. */
async function loneRun(lane: Lane, linger?: number) {
  const { client, timeline, platform, sent, rows, workflows } = await counted({
    eager: lane === 'eager',
    cdc: linger === undefined ? {} : { linger },
    code: (work) => {
      const activity = defineActivity('work', (_step: number) => work(STEP_MS))
      const long = workflow('long', async (ctx) => {
        for (let step = 0; step < STEPS; step += 1)
          if (lane === 'inline') await ctx.run('step', () => work(STEP_MS))
          else await ctx.activity(activity, { input: step })
      })
      return { workflows: [long], activities: [activity] }
    },
  })
  ends.push(() => platform.end())
  const result = client.execute(workflows[0]!, { workflowId: 'alone' })
  await timeline.advance(STEPS * STEP_MS + 1_000)
  await result
  const written = rows()
  await timeline.advance(0)
  const perStep = (count = 0): number => count / STEPS
  return {
    changes: perStep(sent.get('cdc')),
    tasks: perStep(sent.get('default')),
    rows: perStep(await written),
  }
}

describe('a run of a thousand steps, alone in its shard', () => {
  test.each(lanes)(
    '%s: change events of several turns share a message, and no row is written for it',
    async (lane) => {
      const [alone, together] = [await loneRun(lane, 0), await loneRun(lane)]
      expect(alone.changes).toBeCloseTo(1, 2)
      expect(together.changes).toBeLessThan(0.35)
      expect(together.rows).toBeCloseTo(alone.rows, 2)
      // Of each second, the alarm and the position of change events.
      expect(together.rows).toBeLessThan(1.01 + (2 * STEP_MS) / 1_000 + (lane === 'queue' ? 1.002 : 0))
      expect(together.tasks).toBe(lane === 'queue' ? 1 : 0)
    },
  )
})

test('what waits for company when its shard is lost is sent after the wake, which comes by itself', async () => {
  const twice = workflow('twice', async (ctx) => {
    await ctx.run('one', () => 1)
    await ctx.sleep('1h')
  })
  const { client, timeline, platform, told } = await counted({
    cdc: {},
    code: () => ({ workflows: [twice], activities: [] }),
  })
  ends.push(() => platform.end())
  const started = client.start(twice, { workflowId: 'w' })
  await timeline.advance(200)
  await started
  expect(told).toEqual([])
  for (const object of platform.objects) object.lose('deployed')
  await timeline.advance(799)
  expect(told).toEqual([])
  await timeline.advance(1)
  expect(told.map(({ type }) => type)).toEqual([
    'workflow.started',
    'workflow.step_scheduled',
    'workflow.step_completed',
    'workflow.timer_started',
  ])
})

describe('tasks that share a message', () => {
  const FAN = 40

  /** All at once; how often each ran. */
  async function fanned(more: Pick<Parameters<typeof counted>[0], 'faults'> = {}) {
    const runs = Array.from({ length: FAN }, () => 0)
    const made = await counted({
      cdc: false,
      tasksPerMessage: 10,
      ...more,
      code: (work) => {
        const activity = defineActivity('work', async (index: number) => {
          await work(index === 3 ? 5_000 : 10)
          runs[index]! += 1
        })
        const fan = workflow('fan', async (ctx) => {
          await Promise.all(runs.map((_, input) => ctx.activity(activity, { input })))
        })
        return { workflows: [fan], activities: [activity] }
      },
    })
    ends.push(() => made.platform.end())
    const result = made.client.execute(made.workflows[0]!, { workflowId: 'fan' })
    return { ...made, runs, result }
  }

  test('take a tenth of the messages, and a slow one holds up none', async () => {
    const { sent, timeline, runs, result } = await fanned()
    await timeline.advance(20)
    expect(sent.get('default')).toBe(4)
    expect(runs.filter((count) => count === 1)).toHaveLength(FAN - 1)
    await timeline.advance(10_000)
    await result
    expect(runs).toEqual(Array.from({ length: FAN }, () => 1))
  })

  test('are all done when messages are lost, and once when they come twice', async () => {
    let number = 0
    const copies = (): readonly number[] => [[], [0, 0], [0, 40], [0]][(number += 1) % 4] ?? []
    const { sent, timeline, runs, result } = await fanned({ faults: { copies } })
    await timeline.advance(600_000)
    await result
    expect(runs).toEqual(Array.from({ length: FAN }, () => 1))
    // What was lost comes again alone.
    expect(sent.get('default')).toBeGreaterThanOrEqual(4 + 10)
  })

  test('are all done by a consumer that knows nothing of it', async () => {
    const { platform, sent, timeline, runs, result } = await fanned()
    platform.queues.onMessage = (body) => void Reflect.deleteProperty(body as object, 'more')
    await timeline.advance(10_000)
    expect(runs.filter((count) => count === 1)).toHaveLength(4)
    await timeline.advance(60_000)
    await result
    expect(runs).toEqual(Array.from({ length: FAN }, () => 1))
    expect(sent.get('default')).toBe(4 + FAN - 4)
  })
})
