/** The columns of both tables, in the order of their fields: one definition for Parquet and for Iceberg. */

export interface Column {
  /** The Iceberg field id, written into the file: readers match columns by it, never by name or position. */
  readonly id: number
  readonly name: string
  /** `timestamptz` is microseconds since the epoch, UTC. */
  readonly type: 'string' | 'long' | 'timestamptz'
  readonly required: boolean
  /** Off where nearly every value differs: a dictionary then only costs bytes. */
  readonly dictionary: boolean
  /** Text that is JSON: files have no bounds for it, which would select nothing and show what was in it. */
  readonly json?: true
}

/** One row per event, sorted by (workflow_id, run_id, event_id); the warm tier has the same columns. */
export const historyColumns: readonly Column[] = [
  { id: 1, name: 'namespace', type: 'string', required: true, dictionary: true },
  { id: 2, name: 'workflow_id', type: 'string', required: true, dictionary: true },
  { id: 3, name: 'run_id', type: 'string', required: true, dictionary: true },
  { id: 4, name: 'event_id', type: 'long', required: true, dictionary: false },
  { id: 5, name: 'event_type', type: 'string', required: true, dictionary: true },
  { id: 6, name: 'event_data', type: 'string', required: true, dictionary: false, json: true },
  { id: 7, name: 'timestamp', type: 'timestamptz', required: true, dictionary: false },
  { id: 8, name: 'workflow_type', type: 'string', required: true, dictionary: true },
  { id: 9, name: 'task_queue', type: 'string', required: false, dictionary: true },
  { id: 10, name: 'closed_at', type: 'timestamptz', required: true, dictionary: true },
  { id: 11, name: 'archive_batch_id', type: 'string', required: true, dictionary: true },
]

/** One row per closed run, sorted by (closed_at, workflow_id). Payloads are JSON. */
export const executionColumns: readonly Column[] = [
  { id: 1, name: 'namespace', type: 'string', required: true, dictionary: true },
  { id: 2, name: 'workflow_id', type: 'string', required: true, dictionary: false },
  { id: 3, name: 'run_id', type: 'string', required: true, dictionary: false },
  { id: 4, name: 'workflow_type', type: 'string', required: true, dictionary: true },
  { id: 5, name: 'task_queue', type: 'string', required: false, dictionary: true },
  { id: 6, name: 'status', type: 'string', required: true, dictionary: true },
  { id: 7, name: 'parent_workflow_id', type: 'string', required: false, dictionary: true },
  { id: 8, name: 'parent_run_id', type: 'string', required: false, dictionary: true },
  { id: 9, name: 'started_at', type: 'timestamptz', required: true, dictionary: false },
  { id: 10, name: 'closed_at', type: 'timestamptz', required: true, dictionary: false },
  { id: 11, name: 'history_length', type: 'long', required: true, dictionary: true },
  { id: 12, name: 'history_bytes', type: 'long', required: true, dictionary: false },
  { id: 13, name: 'input', type: 'string', required: false, dictionary: false, json: true },
  { id: 14, name: 'result', type: 'string', required: false, dictionary: false, json: true },
  { id: 15, name: 'failure', type: 'string', required: false, dictionary: false, json: true },
  { id: 16, name: 'memo', type: 'string', required: false, dictionary: true, json: true },
  { id: 17, name: 'search_attributes', type: 'string', required: false, dictionary: true, json: true },
  { id: 18, name: 'shard_id', type: 'string', required: true, dictionary: true },
  { id: 19, name: 'archive_batch_id', type: 'string', required: true, dictionary: true },
]
