/**
 * Runs in every state that a database can be found in: what each release is frozen with, and what every later release
 * must bring to its end. The code of these workflows never changes.
 */
import { valueOf } from '../../../archiver/answers.ts'
import { defineActivity, signal, update, workflow } from '../../../shared/index.ts'
import type { ArchiveApi } from '../../../shared/archive.ts'
import { shardOf } from '../../../shared/shard.ts'
import type { TestEnvironment } from '../../../testing/index.ts'
import type { SimulatedPlatform } from '../../../testing/simulated/platform.ts'

export const SHARDS = 2
export const BEGINS = Date.parse('2026-03-01T00:00:00Z')

const go = signal<string>('go')
const spare = signal<string>('spare')
const add = update<number, [number]>('add')

export const works = defineActivity(
  'works',
  async (name: string, { attempt }) => {
    if (attempt < 9) throw new Error('not yet')
    return name
  },
  { retry: { initialInterval: '1d', maxInterval: '1d' } },
)
const fails = (): string => {
  throw new Error('not yet')
}

/** While it is set, code is what it was not when the run began: the run is blocked. */
const changed = { now: false }

const listens = workflow('listens', async (ctx) => await ctx.waitForSignal(go))
const WORKFLOWS = {
  sleeps: workflow('sleeps', async (ctx) => {
    await ctx.sleep('40d')
    return 'slept'
  }),
  listens,
  acts: workflow('acts', async (ctx) => await ctx.activity(works, { input: 'acted' })),
  keyed: workflow('keyed', async (ctx) => ctx.activity(works, { input: 'keyed', concurrencyKey: 'one' })),
  steps: workflow('steps', async (ctx) => {
    const retry = { initialInterval: '1d', maxInterval: '1d', maxAttempts: 12 } as const
    const failed = await ctx.run('step', fails, { retry }).catch(() => 'in the end')
    return `stepped ${failed}`
  }),
  parent: workflow(
    'parent',
    async (ctx, child: string) => await ctx.executeChild(listens, { workflowId: child }),
  ),
  sums: workflow('sums', async (ctx) => {
    let sum = 0
    ctx.setUpdateHandler(add, async (n) => {
      await ctx.sleep('20d')
      return (sum += n)
    })
    await ctx.waitForSignal(go)
    return sum
  }),
  chain: workflow('chain', async (ctx, left: number): Promise<string> => {
    await ctx.sleep('15d')
    return left === 0 ? 'the last' : ctx.continueAsNew(left - 1)
  }),
  fickle: workflow('fickle', async (ctx) => {
    if (changed.now) await ctx.activity(works, { input: 'fickle' })
    else await ctx.sleep('10d')
    return await ctx.waitForSignal(go)
  }),
  brief: workflow('brief', async (_ctx, how: string) => {
    if (how === 'failed') throw new Error('as asked')
    return how
  }),
}
export const workflows = Object.values(WORKFLOWS)

/** Begins them all. What this leaves is frozen. */
export async function begin(env: TestEnvironment, platform: SimulatedPlatform): Promise<void> {
  const { client } = env
  const { sleeps, acts, keyed, steps, parent, sums, chain, fickle, brief } = WORKFLOWS
  await client.start(brief, { workflowId: 'archived-1', input: 'archived' })
  await client.start(brief, { workflowId: 'archived-2', input: 'archived' })
  await env.advance('40d')
  await archive(platform)
  await client.start(brief, { workflowId: 'completed', input: 'done', memo: { of: 'a test' } })
  await client.start(brief, { workflowId: 'failed', input: 'failed' })
  await client.start(sleeps, { workflowId: 'slept', executionTimeout: '90d' })
  await client.start(listens, { workflowId: 'heard' })
  await client.getHandle('heard').signal(spare, 'unread')
  await client.start(acts, { workflowId: 'acted' })
  for (const workflowId of ['keyed-1', 'keyed-2', 'keyed-3']) await client.start(keyed, { workflowId })
  await client.start(steps, { workflowId: 'stepped' })
  for (const n of [1, 2, 3, 4]) await client.start(parent, { workflowId: `parent-${n}`, input: `child-${n}` })
  await client.start(sums, { workflowId: 'summed' })
  await client.getHandle('summed').startUpdate(add, { args: [5], updateId: 'five' })
  await client.start(chain, { workflowId: 'chained', input: 2 })
  await client.start(sleeps, { workflowId: 'paused' })
  await client.getHandle('paused').pause()
  await client.start(sleeps, { workflowId: 'terminated' })
  await client.getHandle('terminated').terminate('as asked')
  await client.start(fickle, { workflowId: 'blocked' })
  const spec = { cron: '0 9 * * 1' }
  const policy = { overlap: 'allow-all' } as const
  await client.schedules.create({ scheduleId: 'weekly', spec, policy, workflow: brief, input: 'on time' })
  await client.schedules.create({
    scheduleId: 'resting',
    spec,
    workflow: brief,
    input: 'never',
    paused: true,
  })
  await env.advance('2d')
  changed.now = true
  await env.evict()
  await client.getHandle('blocked').signal(go, 'parked')
  await env.settle()
  changed.now = false
  await endWithMessage(env, platform)
}

/** A child on the other shard than its parent, `cut`. */
const cutOff = Array.from({ length: 20 }, (_, n) => `cut-${n}`).find(
  (id) => shardOf(id, SHARDS) !== shardOf('cut', SHARDS),
)

/** The last thing that happens: a message is committed, and everything stops before it is sent. */
async function endWithMessage({ client }: TestEnvironment, platform: SimulatedPlatform): Promise<void> {
  const { promise: committed, resolve } = Promise.withResolvers<void>()
  platform.onCommit = ({ sql }) => {
    if (sql.exec('SELECT 1 FROM outbox').toArray().length === 0) return
    platform.timeline.end()
    resolve()
  }
  const started = client.start(WORKFLOWS.parent, { workflowId: 'cut', input: cutOff ?? '' })
  started.catch(() => {}) // nobody is there to answer
  await committed
}

/** As an archiver does it, but for the objects: nothing is read from them. */
async function archive(platform: SimulatedPlatform): Promise<void> {
  const service = platform.service() as ArchiveApi
  const lease = { namespace: 'default', holder: 'the archiver', ttlMs: 60_000 }
  const { fence } = valueOf(await service.acquireArchive(lease))
  for (let shard = 0; shard < SHARDS; shard += 1) {
    const to = { namespace: 'default', shard, shards: SHARDS }
    const batch = valueOf(await service.proposeArchive({ to, fence, maxRuns: 100, maxBytes: 1_000_000 }))
    if (!batch) continue
    const object = `warm/${shard}.parquet`
    const closed = batch.runs.map(({ closedAt }) => closedAt)
    const rows = batch.runs.reduce((sum, { historyLength }) => sum + historyLength, 0)
    const bounds = { minClosedAt: Math.min(...closed), maxClosedAt: Math.max(...closed) }
    const objects = [{ object, etag: 'e', bytes: 1, rows, ...bounds }]
    const locators = batch.runs.map(({ runId, historyLength }) => ({
      runId,
      locator: [
        { object, etag: 'e', rowGroupFirst: 0, rowGroupCount: 1, rowOffset: 0, rowCount: historyLength },
      ],
    }))
    valueOf(await service.confirmArchive({ to, fence, number: batch.number, objects, locators }))
  }
  valueOf(await service.releaseArchive(lease))
}

/** What each comes to, once `finish` has brought it there. */
export const RESULTS: Readonly<Record<string, unknown>> = {
  completed: 'done',
  slept: 'slept',
  heard: 'heard',
  acted: 'acted',
  'keyed-1': 'keyed',
  'keyed-2': 'keyed',
  'keyed-3': 'keyed',
  stepped: 'stepped in the end',
  'parent-1': 'heard',
  'parent-2': 'heard',
  'parent-3': 'heard',
  'parent-4': 'heard',
  cut: 'heard',
  summed: 5,
  chained: 'the last',
  paused: 'slept',
  blocked: 'parked',
}

export async function finish(env: TestEnvironment): Promise<void> {
  const { client } = env
  await client.getHandle('paused').resume()
  await client.getHandle('heard').signal(go, 'heard')
  await env.advance('1m')
  for (const id of ['child-1', 'child-2', 'child-3', 'child-4', cutOff ?? ''])
    await client.getHandle(id).signal(go, 'heard')
  await env.advance('30d')
  await client.getHandle('summed').signal(go, 'enough')
  await env.advance('60d')
}
