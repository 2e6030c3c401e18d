import { beforeAll, describe, expect, test } from 'vitest'
import { workflow } from '../../shared/define.ts'
import { client, idOn } from '../conformance/world.ts'
import { register } from '../workers/registry.ts'
import { valueOf } from '../../archiver/answers.ts'
import type { LeasedShard } from '../../archiver/phases/context.ts'
import { source } from '../archiver/passes.ts'
import { purge } from '../archiver/steps.ts'
import { abort, rows } from './storage.ts'
import { passOn, toWarm } from './tiers.ts'

const goesCold = workflow('goesCold', async () => 'cold')
const quick = workflow('quick', async () => 'warm')
register(goesCold, quick)

let by: LeasedShard
beforeAll(async () => {
  by = await passOn(0)
})

/** A batch of one run, and its number. */
async function batchOf(definition: typeof quick, workflowId: string): Promise<number> {
  await client.execute(definition, { workflowId })
  await toWarm(by, workflowId)
  const [row] = await rows(0, 'SELECT archive_batch FROM workflows WHERE workflow_id = ?', workflowId)
  return Number(row?.['archive_batch'])
}

const offered = async (maxBytes = 1_000_000) => valueOf(await source.coldCandidates({ ...by, maxBytes }))
const numbers = ({ batches }: Awaited<ReturnType<typeof offered>>): number[] =>
  batches.map((one) => one.number)
const mark = async (upTo: number) => valueOf(await source.markCold({ ...by, upTo }))

describe('warm batches', () => {
  test('are offered to the cold tier in order, as many as fit, until they are marked', async () => {
    const first = await batchOf(goesCold, idOn(0, 'first'))
    await batchOf(quick, idOn(0, 'stays-warm'))
    const second = await batchOf(goesCold, idOn(0, 'second'))
    const third = await batchOf(goesCold, idOn(0, 'third'))
    expect(numbers(await offered())).toEqual([first, second, third])
    const one = await offered(1)
    expect([numbers(one), one.more]).toEqual([[first], 2])
    expect(one.batches[0]?.objects).toEqual([
      {
        object: `warm/default/0/${first}-${by.fence}-0.parquet`,
        etag: expect.any(String),
        bytes: expect.any(Number),
        rows: 2,
        minClosedAt: expect.any(Number),
        maxClosedAt: expect.any(Number),
      },
    ])

    await mark(second)
    await mark(first)
    await abort(0)
    expect(numbers(await offered())).toEqual([third])
    await mark(third)
    expect(await offered()).toEqual({ batches: [], more: 0 })
    const tiers = ['first', 'stays-warm', 'second'].map(
      async (id) => (await client.describe(idOn(0, id))).tier,
    )
    expect(await Promise.all(tiers)).toEqual(['cold', 'warm', 'cold'])
  })

  test('that hold a deleted run stop those behind them until it is purged', async () => {
    const before = await batchOf(goesCold, idOn(0, 'before'))
    const workflowId = idOn(0, 'deleted')
    await batchOf(goesCold, workflowId)
    const behind = await batchOf(goesCold, idOn(0, 'behind'))
    const { runId } = await client.describe(workflowId)
    expect(await client.delete(workflowId, runId)).toEqual({ coldGoneBy: null })
    const stopped = await offered()
    expect([numbers(stopped), stopped.more]).toEqual([[before], 2])
    await mark(before)
    expect((await purge(by)).map((run) => run.runId)).toEqual([runId])
    expect(numbers(await offered())).toEqual([behind])
  })
})
