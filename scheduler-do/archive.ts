/**
 * The shard's half of archiving: it proposes closed runs, and swaps their rows for locators once the archiver has
 * written and verified them. A batch is persisted before it is first shown, and shown again until it is confirmed.
 */
import type {
  ArchiveBatch,
  ArchivedRun,
  ConfirmArchiveRequest,
  ProposeArchiveRequest,
} from '../shared/archive.ts'
import type { Reply } from '../shared/protocol.ts'
import type { Shard } from './shard.ts'
import { closeBatch, insertBatch, openBatch, proposable, toWarm } from './store/archive.ts'
import { deleteHistory, wholeHistory } from './store/history.ts'
import { readFact, writeFact } from './store/meta.ts'
import { runRow } from './store/runs.ts'
import type { RunRow } from './store/runs.ts'

export function propose(shard: Shard, request: ProposeArchiveRequest): Promise<Reply<ArchiveBatch | null>> {
  return shard.read(async () => {
    const batch = openBatch(shard.sql) ?? newBatch(shard, request)
    return { ok: true, value: batch && withRuns(shard, batch) }
  })
}

function newBatch(shard: Shard, request: ProposeArchiveRequest): { number: number; runIds: string[] } | null {
  const { sql, changeEvents, clock, config, memory } = shard
  // Only runs whose every event has reached the change-event sink: what is archived is not read for it any more.
  const upTo = changeEvents ? changeEvents.position : memory.positions.sequence
  const candidates = proposable(sql, {
    closedBefore: clock.now() - config.hotMs,
    upTo,
    limit: request.maxRuns,
  })
  const runIds: string[] = []
  let bytes = 0
  for (const { runId, historyBytes } of candidates) {
    if (runIds.length > 0 && bytes + historyBytes > request.maxBytes) break
    runIds.push(runId)
    bytes += historyBytes
  }
  if (runIds.length === 0) return null
  const number = (readFact(sql, 'archive_number') ?? 0) + 1
  shard.transaction(() => {
    writeFact(sql, 'archive_number', number)
    insertBatch(sql, { number, runIds })
  })
  return { number, runIds }
}

function withRuns(shard: Shard, batch: { number: number; runIds: string[] }): ArchiveBatch {
  const { namespace, shard: own } = shard.address
  const runs = batch.runIds.flatMap((runId) => archivedRun(shard, runId))
  runs.sort(
    (one, other) =>
      compare(one.execution.workflowId, other.execution.workflowId) ||
      compare(one.execution.runId, other.execution.runId),
  )
  return { batchId: `${own}-${batch.number}`, namespace, shard: own, runs }
}

function compare(one: string, other: string): number {
  return one < other ? -1 : Number(one > other)
}

function archivedRun(shard: Shard, runId: string): ArchivedRun[] {
  const row = runRow(shard.sql, runId)
  if (!row || row.status === 'running' || row.completedAt === null) return []
  const { events } = wholeHistory(shard.sql, runId)
  return [
    { execution: execution(shard, { ...row, status: row.status, completedAt: row.completedAt }), events },
  ]
}

type ClosedRow = RunRow & { status: Exclude<RunRow['status'], 'running'>; completedAt: number }

function execution(shard: Shard, row: ClosedRow): ArchivedRun['execution'] {
  const { namespace, shard: own } = shard.address
  const {
    workflowId,
    runId,
    workflowType,
    taskQueue,
    status,
    startedAt,
    completedAt,
    memo,
    searchAttributes,
    version,
  } = row
  return {
    namespace,
    shard: own,
    workflowId,
    runId,
    workflowType,
    taskQueue,
    status,
    startedAt,
    closedAt: completedAt,
    historyLength: row.historyLength ?? 0,
    historyBytes: row.historyBytes ?? 0,
    memo,
    searchAttributes,
    version,
    ...(row.parent && { parentWorkflowId: row.parent.workflowId, parentRunId: row.parent.runId }),
    ...(row.input !== undefined && { input: row.input }),
    ...(row.result !== undefined && { result: row.result }),
    ...(row.error && { error: row.error }),
  }
}

/** Swaps the rows of a batch for locators. A batch that is not open (any more) changes nothing. */
export function confirm(shard: Shard, request: ConfirmArchiveRequest): Promise<Reply<null>> {
  return shard.read(async () => {
    const { sql } = shard
    const batch = openBatch(sql)
    if (!batch || `${shard.address.shard}-${batch.number}` !== request.batchId)
      return { ok: true, value: null }
    const located = new Map(request.locators.map(({ runId, locator }) => [runId, locator]))
    const missing = batch.runIds.filter((runId) => !located.has(runId))
    if (missing.length > 0) {
      const message = `batch ${request.batchId}: no locator for ${missing.join(', ')}`
      return { ok: false, code: 'invalid_argument', message, facts: { path: 'locators' } }
    }
    shard.transaction(() => {
      for (const runId of batch.runIds) {
        const locator = located.get(runId)
        if (locator) toWarm(sql, runId, locator)
        deleteHistory(sql, runId)
      }
      writeFact(sql, 'next_sequence', shard.memory.positions.sequence)
      closeBatch(sql, batch.number)
    })
    for (const runId of batch.runIds) shard.memory.runs.delete(runId)
    return { ok: true, value: null }
  })
}
