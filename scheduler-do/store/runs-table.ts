/** The table of runs, in a file of its own: it is the only one that queries are built over, so the others stay out of the bundle. */
import { isNotNull, isNull, sql } from 'drizzle-orm'
import { index, integer, sqliteTable, text, uniqueIndex } from 'drizzle-orm/sqlite-core'

/** One row per run, for as long as the run is known anywhere. */
export const workflows = sqliteTable(
  'workflows',
  {
    runId: text('run_id').primaryKey(),
    workflowId: text('workflow_id').notNull(),
    workflowType: text('workflow_type').notNull(),
    status: text('status').notNull(),
    input: text('input'),
    result: text('result'),
    error: text('error'),
    startedAt: integer('started_at').notNull(),
    completedAt: integer('completed_at'),
    taskQueue: text('task_queue').notNull(),
    parent: text('parent'),
    memo: text('memo'),
    searchAttributes: text('search_attributes'),
    version: text('version').notNull(),
    requestId: text('request_id').notNull(),
    /** When the run times out: by its own timeout or by its chain's. */
    deadlineAt: integer('deadline_at'),
    /** `step` while inline steps may be in flight, `activity` while activities without a row may be too: what a wake must load. */
    cause: text('cause'),
    blocked: text('blocked'),
    /** The shard's sequence of the closing event. */
    closedSequence: integer('closed_sequence'),
    historyLength: integer('history_length'),
    historyBytes: integer('history_bytes'),
    /** The run that its chain began with; null: this one. */
    firstRunId: text('first_run_id'),
    /** The run that took over from it. */
    nextRunId: text('next_run_id'),
    /** The batch that took the run to the archive; null: hot. */
    archiveBatch: integer('archive_batch'),
    warm: text('warm'),
    /** JSON: the numbers of its events in the shard's sequence, from the day on which its rows are gone. */
    eventNumbers: text('event_numbers'),
  },
  (table) => [
    uniqueIndex('workflows_open').on(table.workflowId).where(isNull(table.completedAt)),
    index('workflows_closed_hot')
      .on(table.closedSequence)
      .where(sql`${isNotNull(table.completedAt)} and ${isNull(table.archiveBatch)}`),
  ],
)
