/**
 * Deleted runs leave every tier: the pass writes the objects that name them anew, and the shard repoints in one
 * transaction.
 *
 * D1 Nothing is purged while an open batch or an open segment names it: what was shown does not change. Nor is it while
 *    one of its objects is still to be written, or to be copied for another run.
 * D2 A purge is taken only if it has rewritten every object that names one of its runs, and says where each run that
 *    such an object held beside them is now.
 * D3 A key becomes garbage in the transaction after which no row leads to it.
 */
import type {
  CollectedRequest,
  ConfirmPurgeRequest,
  GarbageRequest,
  ProposePurgeRequest,
  Purge,
  WarmObject,
} from '../shared/archive.ts'
import type { Refusal, Reply } from '../shared/protocol.ts'
import { ownerRun, payloadPrefix, referenceOf } from '../shared/reference.ts'
import { deliveryPayload } from './hold.ts'
import { covers } from './locator.ts'
import type { Shard } from './shard.ts'
import { addGarbage, deleteGarbage, garbageKeys, releaseRun, setLocator } from './store/archive.ts'
import { batchRow, deleteBatch, openBatch, positions, updateBatch } from './store/batches.ts'
import type { BatchRow } from './store/batches.ts'
import { forgetDeletions, deletionOf, pendingDeletions, putDeletion } from './store/deletions.ts'
import type { DeletionRow } from './store/deletions.ts'
import { heldDeliveries } from './store/held.ts'
import { deleteHistory } from './store/history.ts'
import { writeFact } from './store/meta.ts'
import { deletePayloads, pendingCopies, pendingPayloads } from './store/payloads.ts'
import { anyRunRow, deleteRun } from './store/runs.ts'
import type { Sql } from './store/sql.ts'
import { deleteSegment, openSegment, storedSegment, storedSegments, storeSegment } from './store/segments.ts'

const DAY_MS = 86_400_000

export function proposePurge(shard: Shard, request: ProposePurgeRequest): Reply<Purge> {
  const { sql, clock } = shard
  forgetDeletions(sql, clock.now())
  const runs: Purge['runs'] = []
  for (const deletion of pendingDeletions(sql)) {
    if (runs.length >= request.maxRuns) break
    if (named(shard, deletion.runId)) continue
    const row = anyRunRow(sql, deletion.runId)
    if (row?.tier === 'hot') {
      if (toldOf(shard, row.closedSequence)) shard.transaction(() => purgeHot(shard, deletion))
      continue
    }
    const { workflowId, runId, closedAt } = deletion
    const segment = deletion.segment === null ? null : storedSegment(sql, deletion.segment)
    const where = segment && { segment: { object: segment.object, etag: segment.etag } }
    runs.push({ workflowId, runId, closedAt, ...(row?.warm && { warm: row.warm }), ...where })
  }
  return { ok: true, value: { runs } }
}

/** Whether an open batch, an open segment or a payload on its way names the run. */
export function named(shard: Shard, runId: string): boolean {
  const { sql } = shard
  if (openBatch(sql)?.runIds.includes(runId) || payloadsMove(sql, runId)) return true
  const { openSegment: number } = positions(sql)
  const batches = number === null ? [] : (openSegment(sql, number)?.batches ?? [])
  const batch = anyRunRow(sql, runId)?.archiveBatch ?? null
  return batch !== null && batches.includes(batch)
}

function payloadsMove(sql: Sql, runId: string): boolean {
  if (pendingPayloads(sql).some((payload) => payload.runId === runId)) return true
  if (pendingCopies(sql).some((copy) => copy.runId === runId || ownerRun(copy.from) === runId)) return true
  return heldDeliveries(sql).some(({ delivery }) => {
    const held = referenceOf(deliveryPayload(delivery))
    return held !== null && ownerRun(held) === runId
  })
}

/** Whether every event up to the one of this number has reached the change-event sink. */
export function toldOf(shard: Shard, sequence: number | null): boolean {
  const { changeEvents } = shard
  return !changeEvents || (sequence ?? 0) <= changeEvents.position
}

/** In a transaction: a deleted run that never left the hot tier is gone. */
export function purgeHot(shard: Shard, deletion: DeletionRow): void {
  const { sql, memory, census } = shard
  census.leaving([deletion.runId])
  deleteHistory(sql, deletion.runId)
  deleteRun(sql, deletion.runId)
  releaseRun(sql, deletion.runId)
  // Rows alone would forget how far the sequence had come.
  writeFact(sql, 'next_sequence', memory.positions.sequence)
  recordGone(shard, deletion, null)
}

/** What is left is the answer to whoever deletes it again, and the objects of its payloads. */
function recordGone(shard: Shard, deletion: DeletionRow, coldGoneBy: number | null): void {
  const { sql, clock, address } = shard
  const forgetAt = Math.max(clock.now(), coldGoneBy ?? 0) + DAY_MS
  putDeletion(sql, { ...deletion, coldGoneBy, forgetAt })
  deletePayloads(sql, deletion.runId)
  addGarbage(sql, [payloadPrefix({ ...address, runId: deletion.runId })])
}

export function confirmPurge(shard: Shard, request: ConfirmPurgeRequest): Reply<null> {
  const purged = request.runIds
    .map((runId) => deletionOf(shard.sql, runId))
    .filter((row) => row !== null)
    .filter((row) => row.forgetAt === null && !named(shard, row.runId))
  const left = purged.find((deletion) => !rewritten(shard, request, deletion))
  if (left) return wrong('objects', `run ${left.runId} is named by an object that is not written anew`)
  const batches = affectedBatches(shard, request, purged)
  const lost = unlocated(shard, request, { batches, purged })
  if (lost !== null)
    return wrong('locators', `run ${lost} was in an object that is written anew, and is in none now`)
  shard.transaction(() => {
    for (const { runId, locator } of request.locators) setLocator(shard.sql, runId, locator)
    for (const batch of batches) rewriteBatch(shard, batch, { request, purged })
    for (const segment of request.segments) rewriteSegment(shard, segment, purged)
    for (const deletion of purged) {
      deleteRun(shard.sql, deletion.runId)
      recordGone(shard, deletion, request.coldGoneBy)
    }
  })
  return { ok: true, value: null }
}

function rewritten(shard: Shard, request: ConfirmPurgeRequest, { runId, segment }: DeletionRow): boolean {
  const warm = anyRunRow(shard.sql, runId)?.warm ?? []
  const stored = segment === null ? null : storedSegment(shard.sql, segment)
  const objects = new Set([...request.objects, ...request.segments].map(({ was }) => was))
  return warm.every(({ object }) => objects.has(object)) && (!stored || objects.has(stored.object))
}

/** A run that stays, and would lie nowhere. */
function unlocated(
  shard: Shard,
  request: ConfirmPurgeRequest,
  { batches, purged }: { batches: readonly BatchRow[]; purged: readonly DeletionRow[] },
): string | null {
  const gone = new Set(purged.map(({ runId }) => runId))
  const replaced = new Set(request.objects.map(({ was }) => was))
  const located = new Map(request.locators.map(({ runId, locator }) => [runId, locator]))
  for (const batch of batches) {
    const written = request.objects.flatMap(({ is }) => is?.object ?? [])
    const kept = batch.objects.map(({ object }) => object).filter((object) => !replaced.has(object))
    const objects = new Set([...written, ...kept])
    for (const runId of batch.runIds) {
      if (gone.has(runId)) continue
      const row = anyRunRow(shard.sql, runId)
      const locator = located.get(runId) ?? row?.warm
      if (!covers(locator, { historyLength: row?.historyLength ?? 0 }, objects)) return runId
    }
  }
  return null
}

function wrong(path: string, message: string): Refusal {
  return { ok: false, code: 'invalid_argument', message, facts: { path } }
}

function affectedBatches(
  shard: Shard,
  request: ConfirmPurgeRequest,
  purged: readonly DeletionRow[],
): BatchRow[] {
  const runIds = [...purged, ...request.locators].map(({ runId }) => runId)
  const numbers = new Set(runIds.map((runId) => anyRunRow(shard.sql, runId)?.archiveBatch ?? null))
  return [...numbers]
    .map((number) => (number === null ? null : batchRow(shard.sql, number)))
    .filter((batch) => batch !== null)
}

function rewriteBatch(
  shard: Shard,
  batch: BatchRow,
  { request, purged }: { request: ConfirmPurgeRequest; purged: readonly DeletionRow[] },
): void {
  const { sql } = shard
  const replaced = new Map(request.objects.map(({ was, is }) => [was, is]))
  const objects = batch.objects.flatMap((object): WarmObject[] => {
    const is = replaced.get(object.object)
    return is === undefined ? [object] : is === null ? [] : [is]
  })
  const left = new Set(objects.map(({ object }) => object))
  const old = batch.objects.map(({ object }) => object).filter((object) => !left.has(object))
  const runIds = batch.runIds.filter((runId) => !purged.some((one) => one.runId === runId))
  addGarbage(sql, runIds.length > 0 ? old : [...old, ...left])
  if (runIds.length > 0) updateBatch(sql, { ...batch, runIds, objects })
  else deleteBatch(sql, batch.number)
}

function rewriteSegment(
  shard: Shard,
  { was, is }: ConfirmPurgeRequest['segments'][number],
  purged: readonly DeletionRow[],
): void {
  const { sql } = shard
  const segment = storedSegments(sql).find(({ object }) => object === was)
  if (!segment) return
  const { number } = segment
  if (is) {
    const rows = segment.rows - purged.filter((one) => one.segment === number).length
    storeSegment(sql, number, { ...is, rows })
  } else deleteSegment(sql, number)
  if (is?.object !== was) addGarbage(sql, [was])
}

export function garbage(shard: Shard, request: GarbageRequest): Reply<string[]> {
  return { ok: true, value: garbageKeys(shard.sql, request.maxKeys) }
}

export function collected(shard: Shard, request: CollectedRequest): Reply<null> {
  deleteGarbage(shard.sql, request.keys)
  return { ok: true, value: null }
}
