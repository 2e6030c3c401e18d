/** Histories of archived runs against the code that is deployed now. */
import { beforeAll, describe, expect, test } from 'vitest'
import type { LeasedShard } from '../../archiver/phases/context.ts'
import { workflow } from '../../shared/define.ts'
import type { ReplayApi } from '../../shared/description.ts'
import type { WorkflowContext } from '../../shared/context.ts'
import { client, evict, idOn, SHARDS, world } from '../conformance/world.ts'
import { register } from '../workers/registry.ts'
import { rows } from './storage.ts'
import { passOn, toCold, toSegment, toWarm } from './tiers.ts'

type Code = (ctx: WorkflowContext) => Promise<unknown>

const steps: Code = async (ctx) => [await ctx.run('first', () => 1), await ctx.run('second', () => 2)]
/** What a deploy changes: read anew by every coroutine that is made. */
let deployed = steps
const code: Code = async (ctx) => deployed(ctx)
const [staysWarm, goesCold, expires] = [
  workflow('staysWarm', code),
  workflow('goesCold', code),
  workflow('expires', code),
]
register(staysWarm, goesCold, expires)

let by: LeasedShard
beforeAll(async () => {
  by = await passOn(0)
})

const shard = () => world.SCHEDULER.get(world.SCHEDULER.idFromName('default/0')) as ReplayApi // its verbs

const replayed = (workflowId: string) =>
  shard().replay({ to: { namespace: 'default', shard: 0, shards: SHARDS }, workflowId })

describe.each([
  ['a warm run', staysWarm, toWarm],
  ['a cold run', goesCold, toCold],
  ['a cold run whose row is gone', expires, toSegment],
] as const)('%s', (_, type, archive) => {
  test('is replayed from where it lies, against the code of now', async () => {
    const workflowId = idOn(0, `replayed-${type.name}`)
    deployed = steps
    const { runId } = await client.start(type, { workflowId })
    await client.getHandle(workflowId).result()
    await archive(by, workflowId)
    await evict()
    const before = await rows(0, 'SELECT * FROM workflows')
    expect(await replayed(workflowId)).toEqual({
      ok: true,
      value: { ok: true, runId, events: 6, waitsAt: [] },
    })
    deployed = async (ctx) => [await ctx.run('first', () => 1), await ctx.run('other', () => 2)]
    expect(await replayed(workflowId)).toEqual({
      ok: true,
      value: {
        ok: false,
        runId,
        events: 6,
        error: { code: 'nondeterminism', message: expect.stringContaining('step_scheduled other') },
        eventId: 4,
        expected: 'step_scheduled second (call 2)',
        actual: 'step_scheduled other (call 2)',
      },
    })
    expect(await rows(0, 'SELECT * FROM workflows')).toEqual(before)
  })
})

test('what this release has ended its shard with is not run again', async () => {
  deployed = steps
  const workflowId = idOn(0, 'replayed-spins')
  const { runId } = await client.start(staysWarm, { workflowId })
  await client.getHandle(workflowId).result()
  const blocked = { code: 'blocked', reason: 'it spun', since: 0, endedBy: 'release-1' }
  await rows(0, `UPDATE workflows SET blocked = '${JSON.stringify(blocked)}' WHERE run_id = '${runId}'`)
  const runs = { made: 0 }
  deployed = async () => (runs.made += 1)
  expect(await replayed(workflowId)).toEqual({
    ok: true,
    value: { ok: false, runId, events: 6, error: { code: 'blocked', message: 'it spun' } },
  })
  expect(runs.made).toBe(0)
})
