/** Inputs that wait for their run, in order. */
import type { Sql } from './sql.ts'

export function parkInput(sql: Sql, runId: string, input: unknown): void {
  const number = 'COALESCE((SELECT MAX(number) FROM parked_inputs WHERE run_id = ?), 0) + 1'
  sql.run(
    `INSERT INTO parked_inputs (run_id, number, input) VALUES (?, ${number}, ?)`,
    runId,
    runId,
    JSON.stringify(input),
  )
}

export function parkedInputs(sql: Sql, runId: string): string[] {
  const rows = sql.all<{ input: string }>(
    'SELECT input FROM parked_inputs WHERE run_id = ? ORDER BY number',
    runId,
  )
  return rows.map((row) => row.input)
}

/** Runs that are not blocked and have inputs parked: their replay needs payloads from R2. */
export function parkedRunIds(sql: Sql): string[] {
  const statement = `SELECT DISTINCT run_id FROM parked_inputs WHERE EXISTS (SELECT 1 FROM workflows
    WHERE workflows.run_id = parked_inputs.run_id AND completed_at IS NULL AND blocked IS NULL)`
  return sql.all<{ run_id: string }>(statement).map((row) => row.run_id)
}

export function deleteParked(sql: Sql, runId: string): void {
  sql.run('DELETE FROM parked_inputs WHERE run_id = ?', runId)
}
