/** What is known of a workflow id in every tier: its first and its latest run. */
import type { ClosedStatus } from '../../shared/core/events.ts'
import type { Bulk } from './bulk.ts'
import { fromJson, toJson } from './sql.ts'
import type { Sql } from './sql.ts'

export interface IdRow {
  workflowId: string
  /** No run of the id is older. */
  firstRunId: string
  runId: string
  /** How the latest run ended, once it has no row. */
  status: ClosedStatus | null
}

export function idRow(sql: Sql, workflowId: string): IdRow | undefined {
  type Row = { first_run_id: string; run_id: string; status: string | null }
  const statement = 'SELECT first_run_id, run_id, status FROM workflow_ids WHERE workflow_id = ?'
  const row = sql.first<Row>(statement, workflowId)
  if (!row) return undefined
  const status = row.status as ClosedStatus | null // copied from rows of closed runs only
  return { workflowId, firstRunId: row.first_run_id, runId: row.run_id, status }
}

/** What began a run of an id: a start or a reset. */
export interface EarlierStart {
  requestId: string
  runId: string
  /** The run that its chain began with; absent: it is that one. */
  firstRunId?: string
}

/** The requests that began the runs before the latest, the newest last. */
export function earlierStarts(sql: Sql, workflowId: string): EarlierStart[] {
  const statement = 'SELECT earlier_starts FROM workflow_ids WHERE workflow_id = ?'
  const row = sql.first<{ earlier_starts: string | null }>(statement, workflowId)
  return fromJson<EarlierStart[]>(row?.earlier_starts ?? null) ?? []
}

const IDS: Bulk = {
  before: 'INSERT OR FAIL INTO workflow_ids (workflow_id, first_run_id, run_id, earlier_starts)',
  after: ` ON CONFLICT (workflow_id) DO UPDATE SET run_id = excluded.run_id, status = NULL,
    earlier_starts = COALESCE(excluded.earlier_starts, earlier_starts)`,
}

/** Gathers that a new run is the latest of its id; what began those before it, where that changes. */
export function gatherLatest(
  sql: Sql,
  run: { workflowId: string; runId: string; before: readonly EarlierStart[] | undefined },
): void {
  sql.gather(IDS, run.workflowId, run.runId, run.runId, toJson(run.before))
}

export function latestRunId(sql: Sql, workflowId: string): string | undefined {
  return idRow(sql, workflowId)?.runId
}

/** The same of several ids, with one execution; null where an id has none. */
export function latestRunIds(sql: Sql, workflowIds: readonly string[]): Map<string, string | null> {
  const found = new Map<string, string | null>(workflowIds.map((workflowId) => [workflowId, null]))
  const statement =
    'SELECT workflow_id, run_id FROM workflow_ids WHERE workflow_id IN (SELECT value FROM json_each(?))'
  type Row = { workflow_id: string; run_id: string }
  for (const row of sql.all<Row>(statement, JSON.stringify(workflowIds)))
    found.set(row.workflow_id, row.run_id)
  return found
}

/** The run's row goes: if it is the latest of its id, how it ended is kept here. */
export function keepStatus(sql: Sql, run: { workflowId: string; runId: string; status: ClosedStatus }): void {
  const statement = 'UPDATE workflow_ids SET status = ? WHERE workflow_id = ? AND run_id = ?'
  sql.run(statement, run.status, run.workflowId, run.runId)
}

/** The latest run of the id is another one now; `status` where it has no row. */
export function setLatest(sql: Sql, id: Omit<IdRow, 'firstRunId'>): void {
  const statement = 'UPDATE workflow_ids SET run_id = ?, status = ? WHERE workflow_id = ?'
  sql.run(statement, id.runId, id.status, id.workflowId)
}

/** A run that was found again: the id knows it as its first or its latest, if it is. */
export function addToId(sql: Sql, workflowId: string, runId: string): void {
  const statement = `INSERT INTO workflow_ids (workflow_id, first_run_id, run_id) VALUES (?, ?, ?)
    ON CONFLICT (workflow_id) DO UPDATE SET first_run_id = MIN(first_run_id, excluded.first_run_id),
    run_id = MAX(run_id, excluded.run_id), status = CASE WHEN excluded.run_id > run_id THEN NULL ELSE status END`
  sql.run(statement, workflowId, runId, runId)
}

export function deleteId(sql: Sql, workflowId: string): void {
  sql.run('DELETE FROM workflow_ids WHERE workflow_id = ?', workflowId)
}
