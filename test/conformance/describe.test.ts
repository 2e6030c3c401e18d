import { expect, test } from 'vitest'
import { defineActivity, signal, workflow } from '../../shared/define.ts'
import type { WorkflowContext } from '../../shared/context.ts'
import { sleep } from '../../shared/replay/ambient.ts'
import { client, evict, until } from './world.ts'
import { register } from '../workers/registry.ts'

const end = signal('end')
const more = signal<number>('more')

const flaky = defineActivity('describe-flaky', () => {
  throw new Error('the card reader is offline')
})
const idle = workflow('describe-idle', async (ctx) => {
  await ctx.waitForSignal(end)
})

async function takeEach(signals: AsyncIterable<number>): Promise<void> {
  for await (const _ of signals);
}

const waits = workflow('describe-waits', { messages: { end, more } }, async function everyWait(ctx) {
  const retry = { initialInterval: '1h' } as const
  const child = await ctx.startChild(idle, { workflowId: `${ctx.workflowId}-child` })
  await Promise.race([
    ctx.activity(flaky, { retry }),
    ctx.sleep('2h'),
    sleep('3h'),
    ctx.condition(() => false),
    ctx.waitForSignal('end', { timeout: '1h' }),
    takeEach(ctx.signals(more)),
    child.result(),
    ctx.scope(async () => ctx.activity('never-served', { taskQueue: 'nobody' })),
  ]).catch(() => {})
})
const broken = (): never => {
  throw new RangeError('the scale is out of range')
}
const steps = workflow('describe-steps', async (ctx) => {
  const retry = { initialInterval: '1h' } as const
  await Promise.all([ctx.run('weigh', broken, { retry }), ctx.run('print', () => new Promise(() => {}))])
})
const first = async (ctx: WorkflowContext): Promise<void> => {
  await ctx.run('step', () => 0)
  await ctx.waitForSignal(more)
}
/** What a deploy changes. */
let deployed = first
const changing = workflow('describe-changing', async (ctx) => deployed(ctx))
register(flaky, idle, waits, steps, changing)

const lineOf = (at: string | undefined): number => Number(/:(\d+):\d+\)?$/.exec(at ?? '')?.[1])

test('describe says what a run waits for, and of pending activities the last error and the next attempt', async () => {
  const run = await client.start(waits, { workflowId: 'describe-waits' })
  const described = await until(async () => {
    const info = await run.describe()
    return info.pendingActivities.some(({ nextAttemptAt }) => nextAttemptAt) && info
  })
  const [failed, unserved] = described.pendingActivities
  expect(failed).toMatchObject({
    activityType: 'describe-flaky',
    attempt: 2,
    lastError: { message: 'the card reader is offline' },
  })
  expect(failed!.nextAttemptAt!.getTime()).toBeGreaterThan(Date.now())
  expect(unserved).toMatchObject({ activityType: 'never-served', attempt: 1 })
  expect(unserved).not.toHaveProperty('lastError')
  const names = described.waitingFor.map(({ kind, name }) => `${kind} ${name}`)
  expect(names).toEqual(
    expect.arrayContaining([
      'activity describe-flaky',
      'activity never-served',
      'timer sleep',
      'timer timeout of signal end',
      'child describe-waits-child',
      'condition condition',
      'signal end',
      'signal more',
    ]),
  )
  expect(described.waitingFor.some(({ at }) => at !== undefined)).toBe(false)
})

test('describe says of a step that is tried again the last error and the next attempt', async () => {
  const run = await client.start(steps, { workflowId: 'describe-steps' })
  const { pendingActivities } = await until(async () => {
    const info = await run.describe()
    return info.pendingActivities.length > 0 && info
  })
  expect(pendingActivities).toEqual([
    {
      activityId: `${run.runId}/1`,
      activityType: 'weigh',
      attempt: 2,
      nextAttemptAt: expect.any(Date),
      lastError: expect.objectContaining({ name: 'RangeError', message: 'the scale is out of range' }),
    },
  ])
  expect(pendingActivities[0]!.nextAttemptAt!.getTime()).toBeGreaterThan(Date.now())
  await evict('describe-steps')
  const [found] = (await run.describe()).pendingActivities.filter((one) => one.activityType === 'weigh')
  expect(found).toMatchObject({ attempt: 2, nextAttemptAt: pendingActivities[0]!.nextAttemptAt })
  await run.terminate()
})

test('describe with callSites says where in the code each wait is, whether the run is in memory or not', async () => {
  const run = client.getHandle('describe-waits')
  const plain = await run.describe()
  const before = (await run.describe({ callSites: true })).waitingFor
  await evict()
  const sites = (await run.describe({ callSites: true })).waitingFor
  expect(sites).toEqual(before)
  for (const site of sites) expect(site.at).toMatch(/describe\.test\.ts/)
  expect(sites).toMatchObject(plain.waitingFor)
  const at = (name: string): string => sites.find((wait) => wait.name === name)?.at ?? ''
  expect(at('describe-flaky')).toContain('everyWait')
  expect(at('more')).toContain('takeEach')
  expect(lineOf(at('never-served'))).toBeGreaterThan(lineOf(at('end')))
  expect(lineOf(at('describe-flaky'))).toBeGreaterThan(lineOf(at('describe-waits-child')))
  expect(lineOf(at('more'))).toBeLessThan(lineOf(at('describe-flaky')))
})

test('describe says why a run is blocked, and nothing of where its code would be', async () => {
  const run = await client.start(changing, { workflowId: 'describe-blocked' })
  deployed = async (ctx) => ctx.sleep('1h')
  await evict()
  await run.signal(end)
  const blocked = await until(async () => {
    const info = await run.describe({ callSites: true })
    return info.blocked && info
  })
  expect(blocked.blocked).toMatchObject({
    code: 'nondeterminism',
    reason: expect.stringContaining('timer_started'),
  })
  expect(blocked.waitingFor).toEqual([])
  deployed = first
  await evict()
  const [wait] = (await run.describe({ callSites: true })).waitingFor
  expect(wait?.at).toMatch(/first.*describe\.test\.ts:\d+:\d+/)
})
