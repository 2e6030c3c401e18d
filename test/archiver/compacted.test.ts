import { beforeAll, describe, expect, test } from 'vitest'
import { workflow } from '../../shared/define.ts'
import { executionColumns, historyColumns } from '../../archiver/columns.ts'
import { compact } from '../../archiver/cold/compact.ts'
import { executionOrder, historyOrder, type Order } from '../../archiver/cold/order.ts'
import { tableNames, type ColdTier, type Table } from '../../archiver/cold/tier.ts'
import { longsOf, stringsOf, textAt, type Frame } from '../../archiver/frame.ts'
import { liveFiles } from '../../archiver/iceberg/live.ts'
import { decodeParquet } from '../../archiver/parquet.ts'
import { advance, client, historyOf, idOn } from '../conformance/world.ts'
import { register } from '../workers/registry.ts'
import { stored } from './buckets.ts'
import { interrupted } from './iceberg/catalogs.ts'
import { allOf } from './iceberg/files.ts'
import { closedRuns, coldRows, coldTier, pass, settled } from './passes.ts'

const goesCold = workflow('goesCold', async (ctx, input: string) => {
  await ctx.run('step', () => `${input}, once`)
  return input
})
register(goesCold)

const DAY_MS = 86_400_000
const TABLES: readonly Table[] = ['history', 'executions']
const newId = (): string => crypto.randomUUID()
const unmaintained = (): ColdTier => ({ ...coldTier(), maintained: false })

beforeAll(async () => {
  // At noon, so that all runs of this file close on one day.
  await advance(DAY_MS - (Date.now() % DAY_MS) + DAY_MS / 2)
})

async function closed(name: string): Promise<{ ids: string[]; runIds: string[] }> {
  const ids = [idOn(0, name), idOn(1, name)]
  const runIds = await closedRuns(goesCold, ids)
  await settled(runIds)
  return { ids, runIds }
}

/** As many passes that each make something cold. */
async function passes(name: string, count: number, cold?: ColdTier) {
  const lines = []
  for (let one = 0; one < count; one++) {
    await closed(`${name}-${one}`)
    const ran = await pass(cold && { cold })
    expect(ran.summary).toMatchObject({ cooledBatches: 2, failed: 0 })
    lines.push(...ran.lines)
  }
  return lines.filter(({ event }) => event === 'archive_compacted')
}

async function framesOf(table: Table): Promise<Frame[]> {
  const { catalog, warehouse } = coldTier()
  const { metadata } = (await catalog.load(tableNames[table]))!
  const columns = table === 'history' ? historyColumns : executionColumns
  const files = await allOf(liveFiles(metadata, warehouse))
  expect(new Set(files.map(({ sortOrderId }) => sortOrderId))).toEqual(new Set([1]))
  return await Promise.all(
    files.map(async ({ location }) =>
      decodeParquet(columns, (await stored(warehouse.keyOf(location))).bytes),
    ),
  )
}

/** Every value of every row, rows in an order of their own. */
function rowsOf(frames: readonly Frame[], table: Table): string[] {
  const columns = table === 'history' ? historyColumns : executionColumns
  const cell = (frame: Frame, row: number, { name, type }: (typeof columns)[number]): string | null =>
    type === 'string' ? textAt(stringsOf(frame, name), row) : String(longsOf(frame, name)[row])
  const rows = frames.flatMap((frame) =>
    Array.from({ length: frame.rows }, (_, row) =>
      JSON.stringify(columns.map((one) => cell(frame, row, one))),
    ),
  )
  return rows.toSorted()
}

function isSorted(frame: Frame, order: Order): boolean {
  const slices = Array.from({ length: frame.rows }, (_, from) => ({ frame, from, to: from + 1 }))
  return slices.every((slice, row) => row === 0 || order.compare(slices[row - 1]!, slice) <= 0)
}

describe('the small files of a day', () => {
  test('are one sorted file per table after four passes, with the same rows, and again after four more', async () => {
    expect(await passes('first', 3)).toEqual([])
    await passes('first-more', 1, unmaintained())
    const before = { history: await framesOf('history'), executions: await framesOf('executions') }
    expect([before.history.length, before.executions.length]).toEqual([4, 4])
    const { lines } = await pass()
    expect(lines.filter(({ event }) => event === 'archive_compacted')).toEqual([
      { event: 'archive_compacted', table: 'workflow_history', before: 4, after: 1, rows: 4 * 2 * 4 },
      { event: 'archive_compacted', table: 'workflow_executions', before: 4, after: 1, rows: 4 * 2 },
    ])
    for (const table of TABLES) {
      const frames = await framesOf(table)
      expect(frames).toHaveLength(1)
      expect(isSorted(frames[0]!, table === 'history' ? historyOrder : executionOrder)).toBe(true)
      expect(rowsOf(frames, table)).toEqual(rowsOf(before[table], table))
    }
    expect((await passes('second', 4)).map((line) => line['before'])).toEqual([5, 5])
    for (const table of TABLES) expect(await framesOf(table)).toHaveLength(1)
  })

  test('that are compacted while more come lose nothing', async () => {
    await passes('beside', 3, unmaintained())
    const late = await closed('beside-late')
    for (const table of TABLES) {
      const before = (await framesOf(table)).length
      let appended = 0
      const tier = beforeCommit(async () => {
        appended += (await pass({ cold: unmaintained() })).summary.cooledBatches
      })
      const compacted = await compact(tier, table, newId)
      expect(compacted).toMatchObject({ before, after: 1 })
      expect(appended).toBe(table === 'history' ? 2 : 0)
    }
    const { history, executions } = await coldRows()
    expect(late.runIds.map((runId) => [history.get(runId), executions.get(runId)])).toEqual([
      [4, 1],
      [4, 1],
    ])
    expect(new Set(executions.values())).toEqual(new Set([1]))
    expect(new Set(history.values())).toEqual(new Set([4]))
    expect(history.size).toBe(executions.size)
  })

  test('of which one is written anew meanwhile, without a deleted run, stay as they are: the run does not come back', async () => {
    await passes('purged', 3, unmaintained())
    const { ids, runIds } = await closed('purged-deleted')
    await pass({ cold: unmaintained() })
    const before = await coldRows()
    const tier = beforeCommit(async () => {
      await client.delete(ids[0]!, runIds[0]!)
      expect((await pass({ cold: unmaintained() })).summary).toMatchObject({ purgedRuns: 1, failed: 0 })
    })
    await expect(compact(tier, 'history', newId)).rejects.toMatchObject({ fault: 'plan_stale' })
    before.history.delete(runIds[0]!)
    before.executions.delete(runIds[0]!)
    expect(await coldRows()).toEqual(before)
    expect((await pass()).summary.failed).toBe(0)
    for (const table of TABLES) expect(await framesOf(table)).toHaveLength(1)
    expect(await coldRows()).toEqual(before)
    expect(await historyOf(client.getHandle(ids[1]!))).toHaveLength(4)
  })
})

/** A cold tier to which somebody else does something just before the first commit. */
function beforeCommit(happens: () => Promise<void>): ColdTier {
  const tier = coldTier()
  let happened = false
  const catalog = interrupted(tier.catalog, async (commit) => {
    if (!happened) {
      happened = true
      await happens()
    }
    return await commit()
  })
  return { ...tier, catalog, open: (table) => ({ ...tier.open(table), catalog }) }
}
