import { describe, expect, test } from 'vitest'
import { executionColumns, historyColumns } from '../../archiver/columns.ts'
import { writeColdFiles, type ColdFiles } from '../../archiver/cold/files.ts'
import { executionOrder, historyOrder, type Order } from '../../archiver/cold/order.ts'
import type { Table } from '../../archiver/cold/tier.ts'
import { longsOf, stringsOf, textAt, type Frame } from '../../archiver/frame.ts'
import { dayOf, deserialize } from '../../archiver/iceberg/bounds.ts'
import type { DataFile } from '../../archiver/iceberg/file.ts'
import { Warehouse } from '../../archiver/iceberg/warehouse.ts'
import { warmLimits } from '../../archiver/pack.ts'
import { decodeParquet } from '../../archiver/parquet.ts'
import { eventJson } from '../../archiver/rows.ts'
import { writeBatch } from '../../archiver/warm.ts'
import { batchOf, closedRun, noPages, noon, orderRuns, seeded, type ClosedRun } from './batches.ts'
import { bucket, stored } from './buckets.ts'

const DAY = 86_400_000
const warehouse = new Warehouse(bucket, 's3://perdure-archive')
const both: ReadonlySet<Table> = new Set(['history', 'executions'])

describe('batches that become cold', () => {
  test('are in both tables, each row once, in order, a file per day', async () => {
    const random = seeded(1)
    const runs = spread(orderRuns(90, random, 'cold'), random)
    const files = await cooled([runs.slice(0, 40), runs.slice(40, 41), runs.slice(41)], both)
    const history = await framesOf(files.history)
    const days = new Set(runs.map(({ closedAt }) => dayOf(closedAt)))
    expect(files.history.map(({ partition }) => partition['closed_at_day'])).toEqual(
      [...days].toSorted((a, b) => a - b),
    )
    for (const [file, frame] of history) {
      expect(inOrder(frame, historyOrder)).toBe(true)
      for (const closedAt of longsOf(frame, 'closed_at'))
        expect(dayOf(Number(closedAt / 1000n))).toBe(file.partition['closed_at_day'])
    }
    const found = new Map<string, unknown[]>()
    for (const [, frame] of history) {
      for (let row = 0; row < frame.rows; row++) {
        const runId = textAt(stringsOf(frame, 'run_id'), row)!
        found.set(runId, [...(found.get(runId) ?? []), JSON.parse(eventJson(frame, row))])
      }
    }
    expect(found).toEqual(new Map(runs.map((run) => [run.runId, run.history])))
  })

  test('have one execution per run, read off its events', async () => {
    const started = {
      type: 'workflow_started',
      at: noon,
      workflowType: 'order',
      taskQueue: 'orders',
    } as const
    const parent = { workflowId: 'p', runId: 'pr', shard: 1, seq: 2 }
    const memo = { note: '日本 🦉' }
    const first = { ...started, version: '1', requestId: 'r', input: { n: 1 }, parent, memo }
    const failed = closedRun('exec-failed', 'run-1', [
      first,
      {
        type: 'workflow_failed',
        at: noon + 5,
        error: { name: 'Error', message: 'no', code: 'application_error' },
      },
    ])
    const done = closedRun('exec-done', 'run-2', [
      { ...started, version: '1', requestId: 'r', memo: { gone: 1 }, searchAttributes: { total: 1 } },
      { type: 'memo_upserted', at: noon + 1, memo: { gone: null, note: 'é' } },
      { type: 'search_attributes_upserted', at: noon + 1, searchAttributes: { stage: 'a' } },
      { type: 'search_attributes_upserted', at: noon + 2, searchAttributes: { stage: 'b' } },
      { type: 'workflow_completed', at: noon + 9, result: [1, 'é'] },
    ])
    const files = await cooled([[failed, done]], both)
    const [[, frame]] = (await framesOf(files.executions)) as [[DataFile, Frame]]
    expect(inOrder(frame, executionOrder)).toBe(true)
    const batchId = textAt(stringsOf(frame, 'archive_batch_id'), 0)
    const rows = Array.from({ length: frame.rows }, (_, row) => rowOf(frame, row))
    const common = { namespace: 'default', workflow_type: 'order', task_queue: 'orders', shard_id: '0' }
    const nothing = {
      parent_workflow_id: null,
      parent_run_id: null,
      input: null,
      result: null,
      failure: null,
    }
    const times = { started_at: BigInt(noon) * 1000n, history_length: 2n, archive_batch_id: batchId }
    expect(rows).toEqual([
      {
        ...common,
        ...nothing,
        ...times,
        workflow_id: 'exec-failed',
        run_id: 'run-1',
        status: 'failed',
        parent_workflow_id: 'p',
        parent_run_id: 'pr',
        closed_at: BigInt(noon + 5) * 1000n,
        history_bytes: lengthOf(failed),
        input: '{"n":1}',
        failure: '{"name":"Error","message":"no","code":"application_error"}',
        memo: '{"note":"日本 🦉"}',
        search_attributes: null,
      },
      {
        ...common,
        ...nothing,
        ...times,
        workflow_id: 'exec-done',
        run_id: 'run-2',
        status: 'completed',
        closed_at: BigInt(noon + 9) * 1000n,
        history_bytes: lengthOf(done),
        history_length: 5n,
        result: '[1,"é"]',
        memo: '{"note":"é"}',
        search_attributes: '{"total":1,"stage":"b"}',
      },
    ])
  })

  test('say in each file what a reader may skip it by', async () => {
    const runs = orderRuns(30, seeded(3), 'bounds')
    const { history, executions } = await cooled([runs], both)
    for (const [[file], columns] of [
      [history, historyColumns],
      [executions, executionColumns],
    ] as const) {
      const frame = decodeParquet(columns, (await stored(warehouse.keyOf(file!.location))).bytes)
      expect(file).toMatchObject({ records: frame.rows, format: 'PARQUET', content: 0, sortOrderId: 1 })
      expect(file!.bytes).toBe((await stored(warehouse.keyOf(file!.location))).bytes.length)
      for (const { id, name, type } of columns) {
        expect(file!.valueCounts.get(id)).toBe(frame.rows)
        expect(file!.columnSizes.get(id)).toBeGreaterThan(0)
        const values = valuesOf(frame, name, type)
        expect(file!.nullCounts.get(id)).toBe(values.filter((value) => value === null).length)
        const lower = file!.lowerBounds.get(id)
        const upper = file!.upperBounds.get(id)
        if (lower === undefined || upper === undefined) continue
        for (const value of values.filter((one) => one !== null)) {
          expect(value >= deserialize(type, lower) && value <= deserialize(type, upper)).toBe(true)
        }
      }
      const unbounded = columns.filter(({ id }) => !file!.lowerBounds.has(id)).map(({ name }) => name)
      const json = ['event_data', 'input', 'result', 'failure', 'memo', 'search_attributes']
      const empty = ['parent_workflow_id', 'parent_run_id']
      expect([...json, ...empty]).toEqual(expect.arrayContaining(unbounded))
    }
  })

  test('go only into the table that lacks them', async () => {
    const runs = orderRuns(5, seeded(4), 'lacking')
    expect(await cooled([runs], new Set(['executions']))).toMatchObject({
      history: [],
      executions: [{ records: 5 }],
    })
    expect(await cooled([runs], new Set(['history']))).toMatchObject({
      history: [{ records: 75 }],
      executions: [],
    })
  })
})

let batches = 100
let names = 0

async function cooled(
  groups: readonly (readonly ClosedRun[])[],
  tables: ReadonlySet<Table>,
): Promise<ColdFiles> {
  const written = []
  for (const runs of groups) {
    const writer = { bucket, fence: 1, limits: warmLimits(20_000), page: noPages }
    written.push(await writeBatch(writer, batchOf(batches++, runs)))
  }
  const locations = {
    history: 's3://perdure-archive/test/history',
    executions: 's3://perdure-archive/test/executions',
  }
  const writer = { bucket, warehouse, tables: locations, newName: () => `file-${names++}` }
  return await writeColdFiles(writer, written, tables)
}

/** Closed on five days around midnight, and one long before. */
function spread(runs: ClosedRun[], random: () => number): ClosedRun[] {
  for (const [i, run] of runs.entries()) {
    const shift = i === 0 ? -40 * DAY : Math.floor((random() - 0.5) * 4 * DAY)
    for (const event of run.history) Object.assign(event, { at: event.at + shift })
    Object.assign(run, { closedAt: run.closedAt + shift })
  }
  return runs.toSorted((a, b) => a.closedAt - b.closedAt)
}

async function framesOf(files: readonly DataFile[]): Promise<[DataFile, Frame][]> {
  const frames: [DataFile, Frame][] = []
  for (const file of files) {
    const columns = file.location.includes('history') ? historyColumns : executionColumns
    const { bytes } = await stored(warehouse.keyOf(file.location))
    frames.push([file, decodeParquet(columns, bytes)])
  }
  return frames
}

function inOrder(frame: Frame, order: Order): boolean {
  for (let row = 1; row < frame.rows; row++) {
    const [one, other] = [row - 1, row].map((from) => ({ frame, from, to: from + 1 }))
    if (order.compare(one!, other!) > 0) return false
  }
  return true
}

function valuesOf(frame: Frame, name: string, type: string): (string | bigint | null)[] {
  if (type !== 'string') return [...longsOf(frame, name)]
  return Array.from({ length: frame.rows }, (_, row) => textAt(stringsOf(frame, name), row))
}

function rowOf(frame: Frame, row: number): Record<string, string | bigint | null> {
  return Object.fromEntries(
    executionColumns.map(({ name, type }) => [name, valuesOf(frame, name, type)[row] ?? null]),
  )
}

function lengthOf({ history }: ClosedRun): bigint {
  return BigInt(history.reduce((sum, event) => sum + JSON.stringify(event).length, 0))
}
