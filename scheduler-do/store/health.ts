/** What checks of a shard read, by pages. They write nothing. */
import { batchRow } from './batches.ts'
import type { BatchRow } from './batches.ts'
import { idRow } from './ids.ts'
import type { IdRow } from './ids.ts'
import { anyRunRow, NOT_DELETED } from './runs.ts'
import type { RunRow } from './runs.ts'
import type { Sql, SqlValue } from './sql.ts'
import { unreadSignalIds } from './tasks.ts'

export interface StoredTurn {
  readonly firstEventId: number
  readonly sequence: number
  readonly eventCount: number
  readonly events: string
}

/** A run as its rows have it, read at once: what the checks look at. */
export interface StoredRun {
  readonly row: RunRow
  /** Its row as the database has it. */
  readonly columns: Readonly<Record<string, SqlValue>>
  readonly id: IdRow | undefined
  readonly turns: readonly StoredTurn[]
  /** When each of its timers fires, by call. */
  readonly timers: ReadonlyMap<number, number>
  readonly activities: ReadonlySet<number>
  /** Inline steps that wait for another attempt, or make one. */
  readonly steps: ReadonlySet<number>
  readonly signalIds: readonly string[]
  /** Calls whose answer is parked until the run can take it. */
  readonly answered: ReadonlySet<number>
  /** Whether messages of it wait for another shard. */
  readonly sends: boolean
  readonly batch: BatchRow | null
}

export interface PageOf<T> {
  readonly after: T
  readonly limit: number
}

/** In the order of their ids, which is that in which they began. */
export function runIdsAfter(sql: Sql, { after, limit }: PageOf<string>): string[] {
  const statement = `SELECT run_id FROM workflows WHERE run_id > ? AND ${NOT_DELETED} ORDER BY run_id LIMIT ?`
  return sql.all<{ run_id: string }>(statement, after, limit).map((row) => row.run_id)
}

/** Of runs that have not ended, in the order of their workflow ids. */
export function openRunsAfter(sql: Sql, { after, limit }: PageOf<string>): string[] {
  const statement = `SELECT run_id FROM workflows WHERE completed_at IS NULL AND workflow_id > ?
    ORDER BY workflow_id LIMIT ?`
  return sql.all<{ run_id: string }>(statement, after, limit).map((row) => row.run_id)
}

export function openRunCount(sql: Sql): number {
  const statement = 'SELECT COUNT(*) AS runs FROM workflows WHERE completed_at IS NULL'
  return sql.first<{ runs: number }>(statement)?.runs ?? 0
}

/** The workflow id at that place of the same order, from 0. */
export function openRunAt(sql: Sql, place: number): string | undefined {
  const statement = `SELECT workflow_id FROM workflows WHERE completed_at IS NULL ORDER BY workflow_id LIMIT 1 OFFSET ?`
  return sql.first<{ workflow_id: string }>(statement, place)?.workflow_id
}

export function storedRun(sql: Sql, runId: string, senders: ReadonlySet<string>): StoredRun | null {
  const row = anyRunRow(sql, runId)
  const columns = sql.first<Record<string, SqlValue>>('SELECT * FROM workflows WHERE run_id = ?', runId)
  if (!row || !columns) return null
  type Call = { seq: number; kind: string }
  const calls = sql.all<Call>('SELECT seq, kind FROM workflow_activities WHERE run_id = ?', runId)
  const ofKind = (kind: string) => new Set(calls.filter((call) => call.kind === kind).map(({ seq }) => seq))
  type Timer = { seq: number; fire_at: number }
  const timers = sql.all<Timer>('SELECT seq, fire_at FROM workflow_timers WHERE run_id = ?', runId)
  return {
    row,
    columns,
    id: idRow(sql, row.workflowId),
    turns: turnsOf(sql, runId),
    timers: new Map(timers.map(({ seq, fire_at }) => [seq, fire_at])),
    activities: ofKind('activity'),
    steps: ofKind('step'),
    signalIds: unreadSignalIds(sql, runId),
    answered: answered(sql, runId),
    sends: senders.has(runId),
    batch: row.archiveBatch === null ? null : batchRow(sql, row.archiveBatch),
  }
}

function answered(sql: Sql, runId: string): Set<number> {
  const statement = `SELECT json_extract(input, '$.seq') AS seq FROM parked_inputs WHERE run_id = ?`
  const rows = sql.all<{ seq: number | null }>(statement, runId)
  return new Set(rows.map(({ seq }) => seq).filter((seq) => seq !== null))
}

function turnsOf(sql: Sql, runId: string): StoredTurn[] {
  type Row = { first_event_id: number; sequence: number; event_count: number; events: string }
  const statement = `SELECT first_event_id, sequence, event_count, events FROM history WHERE run_id = ?
    ORDER BY first_event_id`
  return sql.all<Row>(statement, runId).map((row) => ({
    firstEventId: row.first_event_id,
    sequence: row.sequence,
    eventCount: row.event_count,
    events: row.events,
  }))
}

export interface StoredId {
  readonly workflowId: string
  readonly firstRunId: string
  readonly runId: string
  readonly status: string | null
  /** Whether the run that it names has a row, of this id. */
  readonly named: boolean
}

export function idsAfter(sql: Sql, { after, limit }: PageOf<string>): StoredId[] {
  type Row = {
    workflow_id: string
    first_run_id: string
    run_id: string
    status: string | null
    named: number
  }
  const statement = `SELECT i.workflow_id, i.first_run_id, i.run_id, i.status, w.run_id IS NOT NULL AS named
    FROM workflow_ids i LEFT JOIN workflows w ON w.run_id = i.run_id AND w.workflow_id = i.workflow_id
    WHERE i.workflow_id > ? ORDER BY i.workflow_id LIMIT ?`
  return sql.all<Row>(statement, after, limit).map((row) => ({
    workflowId: row.workflow_id,
    firstRunId: row.first_run_id,
    runId: row.run_id,
    status: row.status,
    named: row.named === 1,
  }))
}

/** Tables whose rows are of a run, and whether they are of open ones only. */
export const OWNED = {
  workflow_activities: 'open',
  workflow_timers: 'open',
  workflow_signals: 'open',
  parked_inputs: 'open',
  history: 'any',
  payloads: 'any',
} as const

export type OwnedTable = keyof typeof OWNED

/** Ids of runs with rows in a table, and whether there is such a run: one that is open, where the table is of those. */
export function ownersAfter(
  sql: Sql,
  table: OwnedTable,
  { after, limit }: PageOf<string>,
): { runId: string; owned: boolean }[] {
  const open = OWNED[table] === 'open' ? 'AND completed_at IS NULL' : ''
  const statement = `SELECT run_id, EXISTS (SELECT 1 FROM workflows w WHERE w.run_id = t.run_id ${open}) AS owned
    FROM (SELECT DISTINCT run_id FROM ${table} WHERE run_id > ? ORDER BY run_id LIMIT ?) t`
  const rows = sql.all<{ run_id: string; owned: number }>(statement, after, limit)
  return rows.map((row) => ({ runId: row.run_id, owned: row.owned === 1 }))
}

/** Runs of whose messages some wait for another shard. */
export function sendingRuns(sql: Sql): Set<string> {
  return new Set(sql.all<{ run_id: string }>('SELECT DISTINCT run_id FROM outbox').map((row) => row.run_id))
}

export function batchesAfter(sql: Sql, { after, limit }: PageOf<number>): number[] {
  const statement = 'SELECT number FROM archive_batches WHERE number > ? ORDER BY number LIMIT ?'
  return sql.all<{ number: number }>(statement, after, limit).map((row) => row.number)
}

/** Runs that a batch names and that have no row, or one that names another batch. */
export function unbatchedRuns(sql: Sql, number: number): string[] {
  const statement = `SELECT r.value AS run_id FROM archive_batches b, json_each(b.run_ids) r WHERE b.number = ?
    AND NOT EXISTS (SELECT 1 FROM workflows w WHERE w.run_id = r.value AND w.archive_batch = b.number)`
  return sql.all<{ run_id: string }>(statement, number).map((row) => row.run_id)
}

export interface OutboxLine {
  readonly shard: number
  readonly numbers: readonly number[]
}

/** What waits for each shard, in order. */
export function outboxLines(sql: Sql): OutboxLine[] {
  const rows = sql.all<{ shard: number; number: number }>(
    'SELECT shard, number FROM outbox ORDER BY shard, number',
  )
  const lines = Map.groupBy(rows, ({ shard }) => shard)
  return [...lines].map(([shard, numbers]) => ({ shard, numbers: numbers.map(({ number }) => number) }))
}

/** Rows that follow from other rows. History and payloads are never among them. */
export type DerivedTable = Exclude<OwnedTable, 'history' | 'payloads'>

/** All rows of the run in the table, or one: by its call or its signal. */
export function deleteOwned(
  sql: Sql,
  { table, runId, id }: { table: DerivedTable; runId: string; id?: number | string },
): void {
  const column = table === 'workflow_signals' ? 'signal_id' : 'seq'
  if (id === undefined) sql.run(`DELETE FROM ${table} WHERE run_id = ?`, runId)
  else sql.run(`DELETE FROM ${table} WHERE run_id = ? AND ${column} = ?`, runId, id)
}

export function setRunColumns(sql: Sql, runId: string, columns: Readonly<Record<string, SqlValue>>): void {
  const names = Object.keys(columns)
  const set = names.map((name) => `${name} = ?`).join(', ')
  sql.run(`UPDATE workflows SET ${set} WHERE run_id = ?`, ...Object.values(columns), runId)
}

/** Numbers what waits for a shard from behind its watermark on. Gives the last number. */
export function renumberOutbox(sql: Sql, shard: number, watermark: number): number {
  sql.run('DELETE FROM outbox WHERE shard = ? AND number <= ?', shard, watermark)
  const line = outboxLines(sql).find((one) => one.shard === shard)?.numbers ?? []
  let last = watermark
  // Upwards: no number is that of a row that has yet to move.
  for (const number of line)
    sql.run('UPDATE outbox SET number = ? WHERE shard = ? AND number = ?', (last += 1), shard, number)
  return last
}
