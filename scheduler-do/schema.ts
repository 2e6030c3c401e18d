/**
 * The hot store of a shard. Columns named as in the founding document keep its meaning; times are epoch ms, JSON is text.
 *
 * H1 A row written is money and time: no row that another one implies, no index that memory can replace.
 * H2 Every table is WITHOUT ROWID (written into the migration by hand; Drizzle cannot say it), so that a primary key
 *    costs no second row.
 */
import { blob, integer, primaryKey, sqliteTable, text } from 'drizzle-orm/sqlite-core'

export { workflows } from './store/runs-table.ts'

/** First and latest run of an id, kept in every tier until its runs are deleted. */
export const workflowIds = sqliteTable('workflow_ids', {
  workflowId: text('workflow_id').primaryKey(),
  /** No run of the id is older. */
  firstRunId: text('first_run_id').notNull(),
  runId: text('run_id').notNull(),
  /** How the latest run ended, once its row is gone and only a segment knows it. */
  status: text('status'),
  /** What began the runs before it, the newest last: whoever repeats such a request begins nothing. */
  earlierStarts: text('earlier_starts'),
})

/** One row per run and turn: its events as a JSON array. The view `workflow_history` shows them one by one. */
export const history = sqliteTable(
  'history',
  {
    runId: text('run_id').notNull(),
    firstEventId: integer('first_event_id').notNull(),
    /** The shard's sequence number of the first event; the others follow without gap. */
    sequence: integer('sequence').notNull(),
    eventCount: integer('event_count').notNull(),
    events: text('events').notNull(),
  },
  (table) => [primaryKey({ columns: [table.runId, table.firstEventId] })],
)

/** Pending activities, and inline steps that wait for another attempt. */
export const workflowActivities = sqliteTable(
  'workflow_activities',
  {
    runId: text('run_id').notNull(),
    seq: integer('seq').notNull(),
    kind: text('kind').notNull(),
    workflowId: text('workflow_id').notNull(),
    activityType: text('activity_type').notNull(),
    taskQueue: text('task_queue').notNull(),
    input: text('input'),
    status: text('status').notNull(),
    attempt: integer('attempt').notNull(),
    scheduledAt: integer('scheduled_at').notNull(),
    dueAt: integer('due_at').notNull(),
    startedAt: integer('started_at'),
    claim: text('claim'),
    rules: text('rules').notNull(),
    heartbeatDetails: text('heartbeat_details'),
    lastFailure: text('last_failure'),
    cancelRequested: integer('cancel_requested').notNull().default(0),
  },
  (table) => [primaryKey({ columns: [table.runId, table.seq] })],
)

export const workflowTimers = sqliteTable(
  'workflow_timers',
  {
    runId: text('run_id').notNull(),
    seq: integer('seq').notNull(),
    workflowId: text('workflow_id').notNull(),
    fireAt: integer('fire_at').notNull(),
  },
  (table) => [primaryKey({ columns: [table.runId, table.seq] })],
)

/** Signals received and not yet read by the code. */
export const workflowSignals = sqliteTable(
  'workflow_signals',
  {
    runId: text('run_id').notNull(),
    signalId: text('signal_id').notNull(),
    workflowId: text('workflow_id').notNull(),
    signalName: text('signal_name').notNull(),
    payload: text('payload'),
    receivedAt: integer('received_at').notNull(),
  },
  (table) => [primaryKey({ columns: [table.runId, table.signalId] })],
)

/** Inputs of blocked runs, in order, until compatible code can take them. */
export const parkedInputs = sqliteTable(
  'parked_inputs',
  {
    runId: text('run_id').notNull(),
    number: integer('number').notNull(),
    input: text('input').notNull(),
  },
  (table) => [primaryKey({ columns: [table.runId, table.number] })],
)

/** Messages to other shards, numbered per destination, until the receiver has applied them. */
export const outbox = sqliteTable(
  'outbox',
  {
    shard: integer('shard').notNull(),
    number: integer('number').notNull(),
    /** The run that sends it. */
    runId: text('run_id').notNull(),
    delivery: text('delivery').notNull(),
  },
  (table) => [primaryKey({ columns: [table.shard, table.number] })],
)

/** Large payloads that no object holds yet, in pieces: written with the events that refer to them. */
export const payloads = sqliteTable(
  'payloads',
  {
    runId: text('run_id').notNull(),
    sha256: text('sha256').notNull(),
    number: integer('number').notNull(),
    bytes: blob('bytes', { mode: 'buffer' }).notNull(),
  },
  (table) => [primaryKey({ columns: [table.runId, table.sha256, table.number] })],
)

/** Objects that a run takes over from the one before it, until they are its own. */
export const payloadCopies = sqliteTable('payload_copies', {
  key: text('key').primaryKey(),
  runId: text('run_id').notNull(),
  source: text('source').notNull(),
  size: integer('size').notNull(),
})

/** Messages to runs of this shard, until their payload is an object of the run they are for. */
export const heldDeliveries = sqliteTable('held_deliveries', {
  id: text('id').primaryKey(),
  delivery: text('delivery').notNull(),
})

/** Activities that hold a concurrency key, or wait for it: of each key the one with the least number holds it. */
export const concurrencyKeys = sqliteTable(
  'concurrency_keys',
  {
    taskQueue: text('task_queue').notNull(),
    key: text('key').notNull(),
    number: integer('number').notNull(),
    /** JSON: the call that has the place, and its shard. */
    holder: text('holder').notNull(),
  },
  (table) => [primaryKey({ columns: [table.taskQueue, table.key, table.number] })],
)

/** Schedules of this shard: what was asked for, and how far it has come. */
export const schedules = sqliteTable('schedules', {
  scheduleId: text('schedule_id').primaryKey(),
  /** JSON: times, rules, action. */
  definition: text('definition').notNull(),
  state: text('state').notNull(),
  /** When there is something to do next; null: not by itself. */
  dueAt: integer('due_at'),
})

/** Per other shard: the last number sent to it and the last one applied from it. */
export const peers = sqliteTable('peers', {
  shard: integer('shard').primaryKey(),
  sentNumber: integer('sent_number').notNull().default(0),
  appliedNumber: integer('applied_number').notNull().default(0),
})

/** Batches of runs that went to the archive together, until all their runs are gone from here. */
export const archiveBatches = sqliteTable('archive_batches', {
  number: integer('number').primaryKey(),
  /** `open`, `warm`, `cold` or `void`: rejected, its number used up. */
  state: text('state').notNull(),
  /** JSON, in the order of the batch. While it is open they are its content and never change. */
  runIds: text('run_ids').notNull(),
  /** JSON: its warm objects. */
  objects: text('objects').notNull(),
  warmedAt: integer('warmed_at'),
  /** When its warm objects go; null: never. */
  expiresAt: integer('expires_at'),
  /** Whether it is to be cold. */
  cold: integer('cold').notNull(),
  /** The fencing number of the pass that it was first proposed to. */
  openedBy: integer('opened_by').notNull(),
})

/** Objects that name runs of which only the cold tier and they know. */
export const archiveSegments = sqliteTable('archive_segments', {
  number: integer('number').primaryKey(),
  state: text('state').notNull(),
  /** JSON: the batches that an open segment is to replace. */
  batches: text('batches'),
  object: text('object'),
  etag: text('etag'),
  rows: integer('rows').notNull(),
  bytes: integer('bytes').notNull().default(0),
  minRunId: text('min_run_id').notNull(),
  maxRunId: text('max_run_id').notNull(),
  minClosedAt: integer('min_closed_at').notNull(),
  maxClosedAt: integer('max_closed_at').notNull(),
})

/** Runs that a caller deleted: nothing shows them any more. Kept for a while after they are gone, to answer again. */
export const archiveDeletions = sqliteTable('archive_deletions', {
  runId: text('run_id').primaryKey(),
  workflowId: text('workflow_id').notNull(),
  closedAt: integer('closed_at').notNull(),
  /** The segment that names it. */
  segment: integer('segment'),
  coldGoneBy: integer('cold_gone_by'),
  /** When this row may go; null: the run has not been purged yet. */
  forgetAt: integer('forget_at'),
})

/** Runs that could not be archived, and when that is tried again. */
export const archiveHolds = sqliteTable('archive_holds', {
  runId: text('run_id').primaryKey(),
  reason: text('reason').notNull(),
  attempts: integer('attempts').notNull(),
  retryAt: integer('retry_at').notNull(),
})

/** Keys and prefixes in R2 that nothing refers to any more. */
export const archiveGarbage = sqliteTable('archive_garbage', {
  key: text('key').primaryKey(),
})

export const meta = sqliteTable('meta', {
  key: text('key').primaryKey(),
  value: text('value').notNull(),
})
