/** Closed runs on their way out of the hot tier. */
import type { WarmLocator } from '../../shared/archive.ts'
import { eventNumbers } from './history.ts'
import { NOT_DELETED } from './runs.ts'
import type { Sql } from './sql.ts'

export interface Candidate {
  runId: string
  workflowType: string
  historyLength: number
}

/** Runs that closed before an instant, which some workflow types have of their own. */
export interface ClosedBefore {
  at: number
  types: Record<string, number>
}

/** More are not counted: a proposal should not cost more than what it proposes. */
const MAX_COUNTED = 10_000

const CLOSED_HOT = `completed_at IS NOT NULL AND archive_batch IS NULL AND ${NOT_DELETED}
  AND completed_at <= COALESCE((SELECT value FROM json_each(?) WHERE key = workflow_type), ?)`
/** Only runs whose every event has reached the change-event sink, and whose every message the other shards. */
const SETTLED = 'closed_sequence <= ? AND run_id NOT IN (SELECT run_id FROM outbox)'
const NOT_HELD = 'run_id NOT IN (SELECT run_id FROM archive_holds)'

/** Closed runs in the order they closed, oldest first. */
export function candidates(
  sql: Sql,
  from: { closedBefore: ClosedBefore; upTo: number; limit: number },
): Candidate[] {
  const { at, types } = from.closedBefore
  const statement = `SELECT run_id, workflow_type, history_length FROM workflows
    WHERE ${CLOSED_HOT} AND ${SETTLED} AND ${NOT_HELD} ORDER BY closed_sequence LIMIT ?`
  return sql
    .all<RawCandidate>(statement, JSON.stringify(types), at, from.upTo, from.limit)
    .map(parseCandidate)
}

type RawCandidate = { run_id: string; workflow_type: string; history_length: number | null }

function parseCandidate(row: RawCandidate): Candidate {
  return { runId: row.run_id, workflowType: row.workflow_type, historyLength: row.history_length ?? 0 }
}

/** How many closed runs are past their hot retention, held ones included; at most 10,000. */
export function countClosed(sql: Sql, closedBefore: ClosedBefore): number {
  const { at, types } = closedBefore
  const statement = `SELECT COUNT(*) AS count FROM (SELECT 1 FROM workflows WHERE ${CLOSED_HOT} LIMIT ${MAX_COUNTED})`
  return sql.first<{ count: number }>(statement, JSON.stringify(types), at)?.count ?? 0
}

/** The held run whose time has come first. */
export function dueHold(sql: Sql, now: number): Candidate | null {
  const statement = `SELECT run_id, workflow_type, history_length FROM archive_holds JOIN workflows USING (run_id)
    WHERE retry_at <= ? AND archive_batch IS NULL AND ${NOT_DELETED} ORDER BY retry_at LIMIT 1`
  const row = sql.first<RawCandidate>(statement, now)
  return row ? parseCandidate(row) : null
}

const HOUR_MS = 3_600_000
const MAX_HOLD_MS = 24 * HOUR_MS

/** The run is left alone for an hour, and for twice as long each further time, up to a day. */
export function holdRun(sql: Sql, runId: string, because: { reason: string; now: number }): void {
  const before = sql.first<{ attempts: number }>('SELECT attempts FROM archive_holds WHERE run_id = ?', runId)
  const attempts = (before?.attempts ?? 0) + 1
  const retryAt = because.now + Math.min(HOUR_MS * 2 ** (attempts - 1), MAX_HOLD_MS)
  const statement = `INSERT INTO archive_holds (run_id, reason, attempts, retry_at) VALUES (?, ?, ?, ?) ON CONFLICT (run_id)
    DO UPDATE SET reason = excluded.reason, attempts = excluded.attempts, retry_at = excluded.retry_at`
  sql.run(statement, runId, because.reason, attempts, retryAt)
}

export function releaseRun(sql: Sql, runId: string): void {
  sql.run('DELETE FROM archive_holds WHERE run_id = ?', runId)
}

/** Rows of a run as they are stored. `nextEvent` is where those begin that found no room. */
export interface TextPage {
  events: string[]
  bytes: number
  nextEvent?: number
}

/**
 * All rows of a run, read once: how many bytes they are, its first page, and whether they are `sound`: its events from
 * first to last, as they count themselves. What is in them, the archiver looks at.
 */
export function measured(
  sql: Sql,
  run: Candidate,
  maxBytes: number,
): { bytes: number; events: number; sound: boolean; page: TextPage } {
  const statement = `SELECT first_event_id, event_count, octet_length(events) AS bytes, events
    FROM history WHERE run_id = ? ORDER BY first_event_id`
  const page: TextPage = { events: [], bytes: 0 }
  let [bytes, events, sound] = [0, 0, true]
  for (const row of sql.each<TextRow & { event_count: number }>(statement, run.runId)) {
    sound &&= row.first_event_id === events + 1
    events += row.event_count
    bytes += row.bytes
    if (page.nextEvent === undefined) addRow(page, row, { maxBytes })
  }
  return { bytes, events, sound: sound && events > 0 && events === run.historyLength, page }
}

type TextRow = { first_event_id: number; bytes: number; events: string }

/** One row at least fits, unless `orNone`. */
function addRow(page: TextPage, row: TextRow, limit: { maxBytes: number; orNone?: boolean }): void {
  const fits = page.bytes + row.bytes <= limit.maxBytes || (page.events.length === 0 && limit.orNone !== true)
  if (!fits) page.nextEvent = row.first_event_id
  else {
    page.events.push(row.events)
    page.bytes += row.bytes
  }
}

export interface BatchMember {
  workflowId: string
  runId: string
  workflowType: string
  taskQueue: string
  closedAt: number
  historyLength: number
}

/** Runs sorted by (workflow id, run id): SQLite compares text by its UTF-8 bytes. */
export function members(sql: Sql, runIds: readonly string[]): BatchMember[] {
  const statement = `SELECT workflow_id, run_id, workflow_type, task_queue, completed_at, history_length FROM workflows
    WHERE run_id IN (SELECT value FROM json_each(?)) ORDER BY workflow_id, run_id`
  type Row = RawCandidate & { workflow_id: string; task_queue: string; completed_at: number }
  return sql.all<Row>(statement, JSON.stringify(runIds)).map((row) => ({
    ...parseCandidate(row),
    workflowId: row.workflow_id,
    taskQueue: row.task_queue,
    closedAt: row.completed_at,
  }))
}

/** The run's rows from the one that begins with `fromEvent` on, as many as fit into `maxBytes`. */
export function textPage(
  sql: Sql,
  runId: string,
  from: { fromEvent: number; maxBytes: number; orNone?: boolean },
): TextPage {
  const statement = `SELECT first_event_id, octet_length(events) AS bytes, events FROM history
    WHERE run_id = ? AND first_event_id >= ? ORDER BY first_event_id`
  const page: TextPage = { events: [], bytes: 0 }
  for (const row of sql.each<TextRow>(statement, runId, from.fromEvent)) {
    addRow(page, row, from)
    if (page.nextEvent !== undefined) break
  }
  return page
}

export function beginsRow(sql: Sql, runId: string, eventId: number): boolean {
  const statement = 'SELECT 1 AS found FROM history WHERE run_id = ? AND first_event_id = ?'
  return sql.first<{ found: number }>(statement, runId, eventId) !== undefined
}

/** The run's events and payloads are in the archive from here on; the row keeps what finds, lists and numbers them. */
export function toWarm(sql: Sql, runId: string, to: { batch: number; locator: WarmLocator }): void {
  const statement = `UPDATE workflows SET archive_batch = ?, warm = ?, event_numbers = ?, input = NULL, result = NULL, error = NULL
    WHERE run_id = ?`
  const numbers = JSON.stringify(eventNumbers(sql, runId))
  sql.run(statement, to.batch, JSON.stringify(to.locator), numbers, runId)
}

export function setLocator(sql: Sql, runId: string, locator: WarmLocator): void {
  const statement = 'UPDATE workflows SET warm = ? WHERE run_id = ? AND archive_batch IS NOT NULL'
  sql.run(statement, JSON.stringify(locator), runId)
}

export function addGarbage(sql: Sql, keys: readonly string[]): void {
  for (const key of keys) sql.run('INSERT INTO archive_garbage (key) VALUES (?) ON CONFLICT DO NOTHING', key)
}

export function garbageKeys(sql: Sql, limit: number): string[] {
  const statement = 'SELECT key FROM archive_garbage ORDER BY key LIMIT ?'
  return sql.all<{ key: string }>(statement, limit).map((row) => row.key)
}

export function deleteGarbage(sql: Sql, keys: readonly string[]): void {
  sql.run('DELETE FROM archive_garbage WHERE key IN (SELECT value FROM json_each(?))', JSON.stringify(keys))
}
