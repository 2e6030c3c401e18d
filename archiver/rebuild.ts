/**
 * The disaster path: a shard that lost its storage is told its archived runs by the warm objects that still hold them.
 *
 * B1 Only what an object says is restored: nothing is written to R2, and what the shard knows it keeps.
 * B2 Of a batch that two passes wrote, the later one's objects count: the earlier could not confirm its own.
 * B3 It has to be done before the shard archives anything new.
 */
import {
  warmBatchPrefix,
  warmPrefix,
  type SegmentRow,
  type WarmLocator,
  type WarmObject,
} from '../shared/archive.ts'
import { beganAt } from '../shared/core/chain.ts'
import { closingEvent, nextRunOf } from '../shared/core/closing.ts'
import type { HistoryEvent } from '../shared/core/events.ts'
import { valueOf } from './answers.ts'
import { eventsLength } from './cold/executions.ts'
import { historyColumns } from './columns.ts'
import { ArchiveError } from './error.ts'
import { RunFields } from './fields.ts'
import type { Frame } from './frame.ts'
import { fetchVerified, objectsUnder, rowGroupsIn } from './objects.ts'
import type { Span } from './pack.ts'
import { decodeParquet } from './parquet.ts'
import type { ArchiveSource, LeasedShard } from './phases/context.ts'
import { placed } from './place.ts'
import { remaining } from './rewrite.ts'
import { eventJson } from './rows.ts'

export interface Rebuilt {
  batches: number
  runs: number
  /** For the next call; absent when all objects were looked at. */
  cursor?: string
}

/** Restores some batches of the shard, from `cursor` on. */
export async function rebuild(
  world: { bucket: R2Bucket; source: ArchiveSource },
  shard: LeasedShard,
  cursor?: string,
): Promise<Rebuilt> {
  const prefix = warmPrefix(shard.to)
  const listed = await world.bucket.list({ prefix, limit: 50, ...(cursor !== undefined && { cursor }) })
  const numbers = new Set(
    listed.objects.map(({ key }) => Number(/^(\d+)-/.exec(key.slice(prefix.length))?.[1])),
  )
  const rebuilt: Rebuilt = { batches: 0, runs: 0, ...(listed.truncated && { cursor: listed.cursor }) }
  for (const number of numbers) {
    const batch = await readBatch(world.bucket, { ...shard.to, number })
    const { to, fence } = shard
    valueOf(await world.source.restoreArchive({ to, fence, number, ...batch }))
    rebuilt.batches++
    rebuilt.runs += batch.runs.length
  }
  return rebuilt
}

interface RestoredBatch {
  objects: WarmObject[]
  runs: { row: SegmentRow; locator: WarmLocator }[]
}

async function readBatch(
  bucket: R2Bucket,
  batch: { namespace: string; shard: number; number: number },
): Promise<RestoredBatch> {
  const runs = new Map<string, RestoredRun>()
  const objects: WarmObject[] = []
  for (const { key, etag } of await objectsOf(bucket, warmBatchPrefix(batch))) {
    const { bytes, metadata } = await fetchVerified(bucket, key, etag)
    const { frame, spans } = remaining(decodeParquet(historyColumns, bytes))
    const { object, pieces } = placed({ key, etag, bytes }, spans, rowGroupsIn(metadata))
    objects.push(object)
    let from = 0
    for (const [i, span] of spans.entries()) {
      const run = runs.get(span.runId) ?? new RestoredRun(span)
      runs.set(span.runId, run)
      run.add(frame, { from, to: from + span.rows })
      const piece = pieces[i]?.piece
      if (piece) run.locator.push(piece)
      from += span.rows
    }
  }
  return { objects, runs: Array.from(runs.values(), (run) => ({ row: run.row(), locator: run.locator })) }
}

/** The objects of the last pass that wrote the batch, in order; of one that was rewritten, the newer. */
async function objectsOf(bucket: R2Bucket, prefix: string): Promise<{ key: string; etag: string }[]> {
  const numbered: { object: R2Object; fence: number; index: number }[] = []
  for await (const object of objectsUnder(bucket, { prefix, include: ['customMetadata'] })) {
    const { fence, index } = object.customMetadata ?? {}
    numbered.push({ object, fence: Number(fence), index: Number(index) })
  }
  const last = Math.max(...numbered.map(({ fence }) => fence))
  const byIndex = new Map<number, R2Object>()
  for (const { object, fence, index } of numbered) {
    const other = byIndex.get(index)
    if (fence === last && !(other && other.uploaded > object.uploaded)) byIndex.set(index, object)
  }
  return Array.from(byIndex)
    .toSorted(([a], [b]) => a - b)
    .map(([, { key, etag }]) => ({ key, etag }))
}

/** A run, as far as its rows have been seen. */
class RestoredRun {
  readonly locator: WarmLocator = []
  readonly #span: Span
  readonly #fields = new RunFields()
  #first: HistoryEvent | undefined
  #last: HistoryEvent | undefined
  #events = 0
  #bytes = 0

  constructor(span: Span) {
    this.#span = span
  }

  add(frame: Frame, { from, to }: { from: number; to: number }): void {
    if (!this.#first) {
      this.#first = eventAt(frame, from)
      this.#fields.take(this.#first)
    }
    this.#fields.add({ frame, from, to })
    this.#last = eventAt(frame, to - 1)
    this.#events += to - from
    this.#bytes += eventsLength({ frame, from, to })
  }

  row(): SegmentRow {
    const { workflowId, runId, closedAt } = this.#span
    const started = this.#first
    const closing = this.#last && closingEvent([this.#last])
    if (started?.type !== 'workflow_started' || !closing) {
      throw new ArchiveError(
        'run_mismatch',
        runId,
        'its rows do not begin with its start and end with its close',
      )
    }
    const { parent, workflowType, taskQueue, version, requestId } = started
    const { memo, searchAttributes } = this.#fields
    const { firstRunId } = started
    const nextRunId = nextRunOf(closing.event)
    return {
      workflowId,
      runId,
      workflowType,
      taskQueue,
      version,
      requestId,
      closedAt,
      ...(parent && { parent }),
      ...(firstRunId !== undefined && { firstRunId }),
      ...(nextRunId !== undefined && { nextRunId }),
      status: closing.status,
      startedAt: beganAt(started),
      memo: memo ?? {},
      searchAttributes: searchAttributes ?? {},
      historyLength: this.#events,
      historyBytes: this.#bytes,
    }
  }
}

function eventAt(frame: Frame, row: number): HistoryEvent {
  return JSON.parse(eventJson(frame, row)) as HistoryEvent // as the shard recorded it
}
