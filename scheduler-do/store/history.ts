/** History: one row per run and turn. Rows are only appended, and deleted once the run is archived. */
import type { HistoryEvent } from '../../shared/core/events.ts'
import { numbersOf } from '../../shared/core/numbers.ts'
import type { EventNumbers } from '../../shared/core/numbers.ts'
import type { Bulk } from './bulk.ts'
import { fromJson } from './sql.ts'
import type { Sql } from './sql.ts'

/** A larger turn is split over several rows, since the platform caps a row at 2 MB. In UTF-16 units of JSON. */
const MAX_ROW_LENGTH = 500_000

export interface AppendedTurn {
  runId: string
  firstEventId: number
  sequence: number
  events: readonly HistoryEvent[]
}

const HISTORY: Bulk = {
  before: 'INSERT OR FAIL INTO history (run_id, first_event_id, sequence, event_count, events)',
  after: '',
}

/** Gathers one turn of a run. Returns the length of its events' JSON. */
export function appendHistory(sql: Sql, turn: AppendedTurn): number {
  const text = JSON.stringify(turn.events)
  if (text.length <= MAX_ROW_LENGTH || turn.events.length === 1) {
    const { runId, firstEventId, sequence, events } = turn
    sql.gather(HISTORY, runId, firstEventId, sequence, events.length, text)
    return eventsLength(text, events.length)
  }
  const half = turn.events.length >> 1
  const rest = { ...turn, firstEventId: turn.firstEventId + half, sequence: turn.sequence + half }
  const first = appendHistory(sql, { ...turn, events: turn.events.slice(0, half) })
  return first + appendHistory(sql, { ...rest, events: turn.events.slice(half) })
}

/**
 * Length of the JSON texts of the events in a row, in UTF-16 units: without the row's brackets and commas, so that it
 * does not depend on how turns were cut.
 */
export function eventsLength(text: string, count: number): number {
  return text.length - count - 1
}

export interface HistoryRow {
  firstEventId: number
  sequence: number
  events: HistoryEvent[]
  length: number
}

/** A page of the run's history from the row that holds `fromEvent` on, at most about `maxLength` of JSON but one row at least. */
export function historyPage(
  sql: Sql,
  runId: string,
  from: { fromEvent: number; maxLength: number },
): HistoryRow[] {
  // The row to begin with is sought: a long run that is followed page by page is not gone through each time.
  const statement = `SELECT first_event_id, sequence, events FROM history WHERE run_id = ?
    AND first_event_id >= COALESCE((SELECT MAX(first_event_id) FROM history WHERE run_id = ? AND first_event_id <= ?), 0)
    AND first_event_id + event_count > ? ORDER BY first_event_id`
  const rows: HistoryRow[] = []
  let length = 0
  type Row = { first_event_id: number; sequence: number; events: string }
  const { fromEvent } = from
  for (const row of sql.each<Row>(statement, runId, runId, fromEvent, fromEvent)) {
    if (rows.length > 0 && length + row.events.length > from.maxLength) break
    length += row.events.length
    const events = JSON.parse(row.events) as HistoryEvent[] // our own text
    rows.push({ firstEventId: row.first_event_id, sequence: row.sequence, events, length: row.events.length })
  }
  return rows
}

/** Undefined too where its row is damaged: a run is described by its own row all the same. */
export function firstEvent(sql: Sql, runId: string): HistoryEvent | undefined {
  const statement = `SELECT CASE WHEN json_valid(events) THEN events -> '$[0]' END AS first FROM history
    WHERE run_id = ? AND first_event_id = 1`
  return fromJson<HistoryEvent>(sql.first<{ first: string | null }>(statement, runId)?.first)
}

/** Everything a run has recorded, and the length of its events' JSON. */
export function wholeHistory(sql: Sql, runId: string): { events: HistoryEvent[]; length: number } {
  const events: HistoryEvent[] = []
  let length = 0
  const statement = 'SELECT event_count, events FROM history WHERE run_id = ? ORDER BY first_event_id'
  for (const row of sql.all<{ event_count: number; events: string }>(statement, runId)) {
    length += eventsLength(row.events, row.event_count)
    for (const event of JSON.parse(row.events) as HistoryEvent[]) events.push(event) // our own text
  }
  return { events, length }
}

/** Of an open run: the length is in characters here, which is less than in UTF-16 units where there are emoji. */
export function historySize(sql: Sql, runId: string): { events: number; length: number } {
  const statement = `SELECT SUM(event_count) AS events, SUM(LENGTH(events) - event_count - 1) AS length
    FROM history WHERE run_id = ?`
  const row = sql.first<{ events: number | null; length: number | null }>(statement, runId)
  return { events: row?.events ?? 0, length: row?.length ?? 0 }
}

export function hasSignal(sql: Sql, runId: string, signalId: string): boolean {
  // A run that took over from another begins with the ids of what that one has received.
  const statement = `SELECT 1 AS found FROM history h, json_each(h.events) e WHERE h.run_id = ?
    AND (json_extract(e.value, '$.type') = 'signal_received' AND json_extract(e.value, '$.signalId') = ?
      OR json_extract(e.value, '$.type') = 'workflow_started'
        AND EXISTS (SELECT 1 FROM json_each(e.value, '$.signalIds') s WHERE s.value = ?)) LIMIT 1`
  return sql.first<{ found: number }>(statement, runId, signalId, signalId) !== undefined
}

/** What the run has recorded of one update. */
export function updateEvents(sql: Sql, runId: string, updateId: string): HistoryEvent[] {
  const statement = `SELECT e.value AS event FROM history h, json_each(h.events) e WHERE h.run_id = ?
    AND json_extract(e.value, '$.updateId') = ? ORDER BY h.first_event_id, e.key`
  const rows = sql.all<{ event: string }>(statement, runId, updateId)
  return rows.map(({ event }) => JSON.parse(event) as HistoryEvent) // our own text
}

export function deleteHistory(sql: Sql, runId: string): void {
  sql.run('DELETE FROM history WHERE run_id = ?', runId)
}

export interface HistoryPlace {
  runId: string
  firstEventId: number
  sequence: number
  /** How many. */
  events: number
}

/** Where rows of a run are that have an event behind a position of the shard's sequence, newest first. */
export function historyAfter(sql: Sql, runId: string, sequence: number): HistoryPlace[] {
  const places: HistoryPlace[] = []
  for (const row of sql.each<RawTurn>(`${TURNS} DESC`, runId)) {
    if (row.sequence + row.event_count - 1 <= sequence) break
    places.push({ runId, firstEventId: row.first_event_id, sequence: row.sequence, events: row.event_count })
  }
  return places
}

/** The numbers of a run's events in the shard's sequence, as `numbersOf` puts them. */
export function eventNumbers(sql: Sql, runId: string): EventNumbers {
  const turns = sql.all<RawTurn>(TURNS, runId)
  return numbersOf(turns.map(({ sequence, event_count: events }) => ({ sequence, events })))
}

const TURNS =
  'SELECT first_event_id, sequence, event_count FROM history WHERE run_id = ? ORDER BY first_event_id'
type RawTurn = { first_event_id: number; sequence: number; event_count: number }

/** The events of the row that begins with one. */
export function eventsAt(sql: Sql, runId: string, firstEventId: number): HistoryEvent[] {
  const statement = 'SELECT events FROM history WHERE run_id = ? AND first_event_id = ?'
  return fromJson<HistoryEvent[]>(sql.first<{ events: string }>(statement, runId, firstEventId)?.events) ?? []
}
