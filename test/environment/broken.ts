/** Runs that wait, on a shard that a test breaks by hand. */
import { expect } from 'vitest'
import { defineActivity, signal, workflow } from '../../shared/index.ts'
import type { WorkflowHandle } from '../../shared/index.ts'
import { environmentsWithPlatforms } from './environments.ts'

const create = environmentsWithPlatforms()

export const go = signal<string>('go')
const retry = { initialInterval: '3h' } as const
const works = defineActivity(
  'works',
  async (name: string, { attempt }) => {
    if (attempt === 1) throw new Error('not yet')
    return name
  },
  { retry },
)
let steps = 0
const step = (): string => {
  if ((steps += 1) === 1) throw new Error('not yet')
  return 'stepped'
}
export const workflows = {
  timer: workflow('timer', async (ctx) => {
    await ctx.sleep('2d')
    return 'slept'
  }),
  signal: workflow('signal', async (ctx) => await ctx.waitForSignal(go, { timeout: '30d' })),
  activity: workflow('activity', async (ctx) => await ctx.activity(works, { input: 'acted' })),
  keyed: workflow('keyed', async (ctx) => ctx.activity(works, { input: 'keyed', concurrencyKey: 'one' })),
  step: workflow('step', async (ctx) => await ctx.run('step', step, { retry })),
}
export type Kind = keyof typeof workflows
const RESULTS: Record<Kind, string> = {
  timer: 'slept',
  signal: 'heard',
  activity: 'acted',
  keyed: 'keyed',
  step: 'stepped',
}

type World = Awaited<ReturnType<typeof create>>

export async function world(): Promise<World> {
  const options = { workflows: Object.values(workflows), activities: [works] }
  return await create({ ...options, shards: 1, startTime: '2026-03-01T00:00:00Z' })
}

/** A run that waits for something. */
export async function waiting({ env }: World, kind: Kind): Promise<WorkflowHandle<string>> {
  steps = 0
  const handle = await env.client.start(workflows[kind], {
    workflowId: kind,
    executionTimeout: '60d',
    memo: { kind },
  })
  await env.settle()
  return handle
}

/** Executes statements on a shard's database, as nothing of the engine would. */
export function breaking({ platform }: World, statements: string): void {
  for (const one of statements.split(';')) platform.object('default/0').sql.exec(one)
}

/** Memory is lost, and whatever wakes the shard finds its rows. */
export async function lost({ env, platform }: World): Promise<void> {
  for (const object of platform.objects) object.lose('for a test')
  await env.settle()
}

/** Nothing of what happened is seen by the run. */
export async function expectEnd(kind: Kind, handle: WorkflowHandle<string>, { env }: World): Promise<void> {
  await env.advance('3d')
  if (kind === 'signal') await handle.signal(go, 'heard')
  await env.settle()
  expect(await handle.result()).toBe(RESULTS[kind])
}
