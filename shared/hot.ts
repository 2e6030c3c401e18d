/** Runs that the cold tables do not have yet, as the archiver lists them over HTTP. */

/** Columns of `workflow_executions`, and the tier. Times in epoch milliseconds; payloads as JSON text, as in the table. */
export interface HotRow {
  readonly namespace: string
  readonly workflow_id: string
  readonly run_id: string
  readonly workflow_type: string
  readonly task_queue: string
  readonly status: string
  readonly started_at: number
  /** Null while it runs. */
  readonly closed_at: number | null
  readonly history_length: number
  readonly history_bytes: number
  /** Of a warm run the payloads are in its history only: null here. */
  readonly input: string | null
  readonly result: string | null
  readonly failure: string | null
  readonly memo: string | null
  readonly search_attributes: string | null
  readonly tier: string
}

/** Absent `cursor`: this is the last page. */
export interface HotPage {
  readonly rows: readonly HotRow[]
  readonly cursor?: string
}
