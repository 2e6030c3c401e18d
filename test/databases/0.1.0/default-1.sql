CREATE TABLE "__drizzle_migrations" (
					id SERIAL PRIMARY KEY,
					hash text NOT NULL,
					created_at numeric
				);
INSERT INTO "__drizzle_migrations" ("id", "hash", "created_at") VALUES (NULL, '', 1795527205974);
INSERT INTO "__drizzle_migrations" ("id", "hash", "created_at") VALUES (NULL, '', 1795538446422);
CREATE TABLE `archive_batches` (
	`number` integer PRIMARY KEY NOT NULL,
	`state` text NOT NULL,
	`run_ids` text NOT NULL,
	`objects` text NOT NULL,
	`warmed_at` integer,
	`expires_at` integer,
	`cold` integer NOT NULL,
	`opened_by` integer NOT NULL
) WITHOUT ROWID;
INSERT INTO "archive_batches" ("number", "state", "run_ids", "objects", "warmed_at", "expires_at", "cold", "opened_by") VALUES (1, 'warm', '["01KJKB3Q00E1MF00VGEDCTQ3C3"]', '[{"object":"warm/1.parquet","etag":"e","bytes":1,"rows":2,"minClosedAt":1772323200000,"maxClosedAt":1772323200000}]', 1775779200000, 1778371200000, 1, 1);
CREATE TABLE `archive_deletions` (
	`run_id` text PRIMARY KEY NOT NULL,
	`workflow_id` text NOT NULL,
	`closed_at` integer NOT NULL,
	`segment` integer,
	`cold_gone_by` integer,
	`forget_at` integer
) WITHOUT ROWID;
CREATE TABLE `archive_garbage` (
	`key` text PRIMARY KEY NOT NULL
) WITHOUT ROWID;
CREATE TABLE `archive_holds` (
	`run_id` text PRIMARY KEY NOT NULL,
	`reason` text NOT NULL,
	`attempts` integer NOT NULL,
	`retry_at` integer NOT NULL
) WITHOUT ROWID;
CREATE TABLE `archive_segments` (
	`number` integer PRIMARY KEY NOT NULL,
	`state` text NOT NULL,
	`batches` text,
	`object` text,
	`etag` text,
	`rows` integer NOT NULL,
	`bytes` integer DEFAULT 0 NOT NULL,
	`min_run_id` text NOT NULL,
	`max_run_id` text NOT NULL,
	`min_closed_at` integer NOT NULL,
	`max_closed_at` integer NOT NULL
) WITHOUT ROWID;
CREATE TABLE `concurrency_keys` (
	`task_queue` text NOT NULL,
	`key` text NOT NULL,
	`number` integer NOT NULL,
	`holder` text NOT NULL,
	PRIMARY KEY(`task_queue`, `key`, `number`)
) WITHOUT ROWID;
CREATE TABLE `held_deliveries` (
	`id` text PRIMARY KEY NOT NULL,
	`delivery` text NOT NULL
) WITHOUT ROWID;
CREATE TABLE `history` (
	`run_id` text NOT NULL,
	`first_event_id` integer NOT NULL,
	`sequence` integer NOT NULL,
	`event_count` integer NOT NULL,
	`events` text NOT NULL,
	PRIMARY KEY(`run_id`, `first_event_id`)
) WITHOUT ROWID;
INSERT INTO "history" ("run_id", "first_event_id", "sequence", "event_count", "events") VALUES ('01KNTB0F001MRGKS15HNTKGX8X', 1, 9, 2, '[{"type":"workflow_started","at":1775779200000,"workflowType":"keyed","taskQueue":"default","version":"dev","requestId":"01M8M5VD6ZKZAQCH2Q90CK4BTC"},{"type":"activity_scheduled","seq":1,"activityType":"works","retry":{"initialMs":86400000,"maxMs":86400000,"backoff":"exponential","coefficient":2},"concurrencyKey":"one","taskQueue":"default","input":"keyed","at":1775779200000}]');
INSERT INTO "history" ("run_id", "first_event_id", "sequence", "event_count", "events") VALUES ('01KNTB0F004WDKWEB5XD18NVET', 1, 21, 1, '[{"type":"workflow_started","at":1775779200000,"workflowType":"listens","taskQueue":"default","version":"dev","requestId":"child:01KNTB0F00V8NJBHM1KGVH01RV/1","parent":{"workflowId":"parent-4","runId":"01KNTB0F00V8NJBHM1KGVH01RV","shard":0,"seq":1}}]');
INSERT INTO "history" ("run_id", "first_event_id", "sequence", "event_count", "events") VALUES ('01KNTB0F006FGC6GAZG8Z1DP21', 1, 3, 1, '[{"type":"workflow_started","at":1775779200000,"workflowType":"listens","taskQueue":"default","version":"dev","requestId":"01M8M5VD4EVPMC3D4NJNDSR1WT"}]');
INSERT INTO "history" ("run_id", "first_event_id", "sequence", "event_count", "events") VALUES ('01KNTB0F006FGC6GAZG8Z1DP21', 2, 4, 1, '[{"type":"signal_received","at":1775779200000,"name":"spare","signalId":"01M8M5VD51X1KE582KBZP6VX26","payload":"unread"}]');
INSERT INTO "history" ("run_id", "first_event_id", "sequence", "event_count", "events") VALUES ('01KNTB0F0090RK0SYX8TKGVTR0', 1, 19, 1, '[{"type":"workflow_started","at":1775779200000,"workflowType":"listens","taskQueue":"default","version":"dev","requestId":"child:01KNTB0F00SEF75FS0W4MMPBQW/1","parent":{"workflowId":"parent-2","runId":"01KNTB0F00SEF75FS0W4MMPBQW","shard":0,"seq":1}}]');
INSERT INTO "history" ("run_id", "first_event_id", "sequence", "event_count", "events") VALUES ('01KNTB0F009778BV6NMAQF6G7D', 1, 18, 1, '[{"type":"workflow_started","at":1775779200000,"workflowType":"listens","taskQueue":"default","version":"dev","requestId":"child:01KNTB0F00CZJVMG3ZMGF6Y0BQ/1","parent":{"workflowId":"parent-1","runId":"01KNTB0F00CZJVMG3ZMGF6Y0BQ","shard":1,"seq":1}}]');
INSERT INTO "history" ("run_id", "first_event_id", "sequence", "event_count", "events") VALUES ('01KNTB0F00AESTJ181P5XNFRMM', 1, 22, 2, '[{"type":"workflow_started","at":1775779200000,"workflowType":"sleeps","taskQueue":"default","version":"dev","requestId":"01M8M5VDEQ0E7895JRZFSQDNSD"},{"type":"timer_started","seq":1,"fireAt":1779235200000,"at":1775779200000}]');
INSERT INTO "history" ("run_id", "first_event_id", "sequence", "event_count", "events") VALUES ('01KNTB0F00AESTJ181P5XNFRMM', 3, 24, 1, '[{"type":"workflow_paused","at":1775779200000}]');
INSERT INTO "history" ("run_id", "first_event_id", "sequence", "event_count", "events") VALUES ('01KNTB0F00AZ0RRJENBJABRNZM', 1, 5, 2, '[{"type":"workflow_started","at":1775779200000,"workflowType":"acts","taskQueue":"default","version":"dev","requestId":"01M8M5VD598WACS6TN19YSZ94T"},{"type":"activity_scheduled","seq":1,"activityType":"works","retry":{"initialMs":86400000,"maxMs":86400000,"backoff":"exponential","coefficient":2},"taskQueue":"default","input":"acted","at":1775779200000}]');
INSERT INTO "history" ("run_id", "first_event_id", "sequence", "event_count", "events") VALUES ('01KNTB0F00B7AWQRWENBDB0QCP', 1, 11, 2, '[{"type":"workflow_started","at":1775779200000,"workflowType":"keyed","taskQueue":"default","version":"dev","requestId":"01M8M5VD9V4VDKW7FW7DEG5H1T"},{"type":"activity_scheduled","seq":1,"activityType":"works","retry":{"initialMs":86400000,"maxMs":86400000,"backoff":"exponential","coefficient":2},"concurrencyKey":"one","taskQueue":"default","input":"keyed","at":1775779200000}]');
INSERT INTO "history" ("run_id", "first_event_id", "sequence", "event_count", "events") VALUES ('01KNTB0F00CZJVMG3ZMGF6Y0BQ', 1, 15, 3, '[{"type":"workflow_started","at":1775779200000,"workflowType":"parent","taskQueue":"default","version":"dev","requestId":"01M8M5VDBC34GGST3TN7CMZPV1","input":"child-1"},{"type":"child_requested","seq":1,"workflowId":"child-1","workflowType":"listens","parentClosePolicy":"terminate","cancellation":"wait","idReuse":"allow","idConflict":"fail","at":1775779200000},{"type":"child_started","at":1775779200000,"seq":1,"runId":"01KNTB0F009778BV6NMAQF6G7D","shard":1}]');
INSERT INTO "history" ("run_id", "first_event_id", "sequence", "event_count", "events") VALUES ('01KNTB0F00G3CVRM85D5HV033X', 1, 20, 1, '[{"type":"workflow_started","at":1775779200000,"workflowType":"listens","taskQueue":"default","version":"dev","requestId":"child:01KNTB0F006YEBRMMJDBMKJA3W/1","parent":{"workflowId":"parent-3","runId":"01KNTB0F006YEBRMMJDBMKJA3W","shard":0,"seq":1}}]');
INSERT INTO "history" ("run_id", "first_event_id", "sequence", "event_count", "events") VALUES ('01KNTB0F00NHTF7WQS0MHFQEDY', 1, 13, 2, '[{"type":"workflow_started","at":1775779200000,"workflowType":"steps","taskQueue":"default","version":"dev","requestId":"01M8M5VDASTEJSDFA05W4PZA0R"},{"type":"step_scheduled","seq":1,"name":"step","retry":{"initialMs":86400000,"maxMs":86400000,"backoff":"exponential","coefficient":2,"maxAttempts":12},"at":1775779200000}]');
INSERT INTO "history" ("run_id", "first_event_id", "sequence", "event_count", "events") VALUES ('01KNTB0F00TC874XCVQRBD3W60', 1, 7, 2, '[{"type":"workflow_started","at":1775779200000,"workflowType":"keyed","taskQueue":"default","version":"dev","requestId":"01M8M5VD5TPRCKKP2T6WMG0EYK"},{"type":"activity_scheduled","seq":1,"activityType":"works","retry":{"initialMs":86400000,"maxMs":86400000,"backoff":"exponential","coefficient":2},"concurrencyKey":"one","taskQueue":"default","input":"keyed","at":1775779200000}]');
INSERT INTO "history" ("run_id", "first_event_id", "sequence", "event_count", "events") VALUES ('01KNTB0F00YMNC16G6QJGGK05C', 1, 25, 2, '[{"type":"workflow_started","at":1775779200000,"workflowType":"sleeps","taskQueue":"default","version":"dev","requestId":"01M8M5VDFD7R3475M7RWBHS7VF"},{"type":"timer_started","seq":1,"fireAt":1779235200000,"at":1775779200000}]');
INSERT INTO "history" ("run_id", "first_event_id", "sequence", "event_count", "events") VALUES ('01KNTB0F00YMNC16G6QJGGK05C', 3, 27, 1, '[{"type":"workflow_terminated","at":1775779200000,"reason":"as asked"}]');
CREATE TABLE `meta` (
	`key` text PRIMARY KEY NOT NULL,
	`value` text NOT NULL
) WITHOUT ROWID;
INSERT INTO "meta" ("key", "value") VALUES ('address', '{"namespace":"default","shard":1,"shards":2}');
INSERT INTO "meta" ("key", "value") VALUES ('archive_fence', '1');
INSERT INTO "meta" ("key", "value") VALUES ('archive_positions', '{"lastBatch":1,"numbered":true,"restoredUpTo":0,"openBatch":null,"offered":0,"cooled":0,"lastSegment":0,"openSegment":null}');
INSERT INTO "meta" ("key", "value") VALUES ('archived_since', '1775779200000');
INSERT INTO "meta" ("key", "value") VALUES ('next_sequence', '3');
CREATE TABLE `outbox` (
	`shard` integer NOT NULL,
	`number` integer NOT NULL,
	`run_id` text NOT NULL,
	`delivery` text NOT NULL,
	PRIMARY KEY(`shard`, `number`)
) WITHOUT ROWID;
CREATE TABLE `parked_inputs` (
	`run_id` text NOT NULL,
	`number` integer NOT NULL,
	`input` text NOT NULL,
	PRIMARY KEY(`run_id`, `number`)
) WITHOUT ROWID;
CREATE TABLE `payload_copies` (
	`key` text PRIMARY KEY NOT NULL,
	`run_id` text NOT NULL,
	`source` text NOT NULL,
	`size` integer NOT NULL
) WITHOUT ROWID;
CREATE TABLE `payloads` (
	`run_id` text NOT NULL,
	`sha256` text NOT NULL,
	`number` integer NOT NULL,
	`bytes` blob NOT NULL,
	PRIMARY KEY(`run_id`, `sha256`, `number`)
) WITHOUT ROWID;
CREATE TABLE `peers` (
	`shard` integer PRIMARY KEY NOT NULL,
	`sent_number` integer DEFAULT 0 NOT NULL,
	`applied_number` integer DEFAULT 0 NOT NULL
) WITHOUT ROWID;
INSERT INTO "peers" ("shard", "sent_number", "applied_number") VALUES (0, 6, 4);
CREATE TABLE `schedules` (
	`schedule_id` text PRIMARY KEY NOT NULL,
	`definition` text NOT NULL,
	`state` text NOT NULL,
	`due_at` integer
) WITHOUT ROWID;
CREATE TABLE `workflow_activities` (
	`run_id` text NOT NULL,
	`seq` integer NOT NULL,
	`kind` text NOT NULL,
	`workflow_id` text NOT NULL,
	`activity_type` text NOT NULL,
	`task_queue` text NOT NULL,
	`input` text,
	`status` text NOT NULL,
	`attempt` integer NOT NULL,
	`scheduled_at` integer NOT NULL,
	`due_at` integer NOT NULL,
	`started_at` integer,
	`claim` text,
	`rules` text NOT NULL,
	`heartbeat_details` text,
	`last_failure` text,
	`cancel_requested` integer DEFAULT 0 NOT NULL,
	PRIMARY KEY(`run_id`, `seq`)
) WITHOUT ROWID;
INSERT INTO "workflow_activities" ("run_id", "seq", "kind", "workflow_id", "activity_type", "task_queue", "input", "status", "attempt", "scheduled_at", "due_at", "started_at", "claim", "rules", "heartbeat_details", "last_failure", "cancel_requested") VALUES ('01KNTB0F001MRGKS15HNTKGX8X', 1, 'activity', 'keyed-2', 'works', 'default', '"keyed"', 'awaits_key', 1, 1775779200000, 1775779200000, NULL, NULL, '{"retry":{"initialMs":86400000,"maxMs":86400000,"backoff":"exponential","coefficient":2},"concurrencyKey":"one"}', NULL, NULL, 0);
INSERT INTO "workflow_activities" ("run_id", "seq", "kind", "workflow_id", "activity_type", "task_queue", "input", "status", "attempt", "scheduled_at", "due_at", "started_at", "claim", "rules", "heartbeat_details", "last_failure", "cancel_requested") VALUES ('01KNTB0F00AZ0RRJENBJABRNZM', 1, 'activity', 'acted', 'works', 'default', '"acted"', 'scheduled', 4, 1775779200000, 1776038400000, NULL, NULL, '{"retry":{"initialMs":86400000,"maxMs":86400000,"backoff":"exponential","coefficient":2}}', NULL, '{"name":"Error","message":"not yet","code":"application_error","stack":"Error: not yet\n    at defineActivity.retry.initialInterval (file:///perdure/code/test/environment/databases/scenario.ts:22:28)\n    at file:///perdure/code/testing/activities.ts:44:54\n    at outcomeOf (file:///perdure/code/activity-worker/run.ts:102:19)\n    at reported (file:///perdure/code/activity-worker/run.ts:88:25)\n    at runAttempt (file:///perdure/code/activity-worker/run.ts:49:41)\n    at carryOut (file:///perdure/code/activity-worker/carry-out.ts:59:27)\n    at serve (file:///perdure/code/activity-worker/consume.ts:145:19)\n    at async file:///perdure/code/activity-worker/consume.ts:39:19\n    at async Slots.hold (file:///perdure/code/activity-worker/slots.ts:14:14)\n    at async Promise.all (index 0)"}', 0);
INSERT INTO "workflow_activities" ("run_id", "seq", "kind", "workflow_id", "activity_type", "task_queue", "input", "status", "attempt", "scheduled_at", "due_at", "started_at", "claim", "rules", "heartbeat_details", "last_failure", "cancel_requested") VALUES ('01KNTB0F00B7AWQRWENBDB0QCP', 1, 'activity', 'keyed-3', 'works', 'default', '"keyed"', 'awaits_key', 1, 1775779200000, 1775779200000, NULL, NULL, '{"retry":{"initialMs":86400000,"maxMs":86400000,"backoff":"exponential","coefficient":2},"concurrencyKey":"one"}', NULL, NULL, 0);
INSERT INTO "workflow_activities" ("run_id", "seq", "kind", "workflow_id", "activity_type", "task_queue", "input", "status", "attempt", "scheduled_at", "due_at", "started_at", "claim", "rules", "heartbeat_details", "last_failure", "cancel_requested") VALUES ('01KNTB0F00NHTF7WQS0MHFQEDY', 1, 'step', 'stepped', 'step', '', NULL, 'scheduled', 4, 1775865600000, 1776038400000, NULL, NULL, '{}', NULL, NULL, 0);
INSERT INTO "workflow_activities" ("run_id", "seq", "kind", "workflow_id", "activity_type", "task_queue", "input", "status", "attempt", "scheduled_at", "due_at", "started_at", "claim", "rules", "heartbeat_details", "last_failure", "cancel_requested") VALUES ('01KNTB0F00TC874XCVQRBD3W60', 1, 'activity', 'keyed-1', 'works', 'default', '"keyed"', 'scheduled', 4, 1775779200000, 1776038400000, NULL, NULL, '{"retry":{"initialMs":86400000,"maxMs":86400000,"backoff":"exponential","coefficient":2},"concurrencyKey":"one"}', NULL, '{"name":"Error","message":"not yet","code":"application_error","stack":"Error: not yet\n    at defineActivity.retry.initialInterval (file:///perdure/code/test/environment/databases/scenario.ts:22:28)\n    at file:///perdure/code/testing/activities.ts:44:54\n    at outcomeOf (file:///perdure/code/activity-worker/run.ts:102:19)\n    at reported (file:///perdure/code/activity-worker/run.ts:88:25)\n    at runAttempt (file:///perdure/code/activity-worker/run.ts:49:41)\n    at carryOut (file:///perdure/code/activity-worker/carry-out.ts:59:27)\n    at serve (file:///perdure/code/activity-worker/consume.ts:145:19)\n    at async file:///perdure/code/activity-worker/consume.ts:39:19\n    at async Slots.hold (file:///perdure/code/activity-worker/slots.ts:14:14)\n    at async Promise.all (index 1)"}', 0);
CREATE TABLE `workflow_ids` (
	`workflow_id` text PRIMARY KEY NOT NULL,
	`first_run_id` text NOT NULL,
	`run_id` text NOT NULL,
	`status` text
) WITHOUT ROWID;
INSERT INTO "workflow_ids" ("workflow_id", "first_run_id", "run_id", "status") VALUES ('acted', '01KNTB0F00AZ0RRJENBJABRNZM', '01KNTB0F00AZ0RRJENBJABRNZM', NULL);
INSERT INTO "workflow_ids" ("workflow_id", "first_run_id", "run_id", "status") VALUES ('archived-2', '01KJKB3Q00E1MF00VGEDCTQ3C3', '01KJKB3Q00E1MF00VGEDCTQ3C3', NULL);
INSERT INTO "workflow_ids" ("workflow_id", "first_run_id", "run_id", "status") VALUES ('child-1', '01KNTB0F009778BV6NMAQF6G7D', '01KNTB0F009778BV6NMAQF6G7D', NULL);
INSERT INTO "workflow_ids" ("workflow_id", "first_run_id", "run_id", "status") VALUES ('child-2', '01KNTB0F0090RK0SYX8TKGVTR0', '01KNTB0F0090RK0SYX8TKGVTR0', NULL);
INSERT INTO "workflow_ids" ("workflow_id", "first_run_id", "run_id", "status") VALUES ('child-3', '01KNTB0F00G3CVRM85D5HV033X', '01KNTB0F00G3CVRM85D5HV033X', NULL);
INSERT INTO "workflow_ids" ("workflow_id", "first_run_id", "run_id", "status") VALUES ('child-4', '01KNTB0F004WDKWEB5XD18NVET', '01KNTB0F004WDKWEB5XD18NVET', NULL);
INSERT INTO "workflow_ids" ("workflow_id", "first_run_id", "run_id", "status") VALUES ('heard', '01KNTB0F006FGC6GAZG8Z1DP21', '01KNTB0F006FGC6GAZG8Z1DP21', NULL);
INSERT INTO "workflow_ids" ("workflow_id", "first_run_id", "run_id", "status") VALUES ('keyed-1', '01KNTB0F00TC874XCVQRBD3W60', '01KNTB0F00TC874XCVQRBD3W60', NULL);
INSERT INTO "workflow_ids" ("workflow_id", "first_run_id", "run_id", "status") VALUES ('keyed-2', '01KNTB0F001MRGKS15HNTKGX8X', '01KNTB0F001MRGKS15HNTKGX8X', NULL);
INSERT INTO "workflow_ids" ("workflow_id", "first_run_id", "run_id", "status") VALUES ('keyed-3', '01KNTB0F00B7AWQRWENBDB0QCP', '01KNTB0F00B7AWQRWENBDB0QCP', NULL);
INSERT INTO "workflow_ids" ("workflow_id", "first_run_id", "run_id", "status") VALUES ('parent-1', '01KNTB0F00CZJVMG3ZMGF6Y0BQ', '01KNTB0F00CZJVMG3ZMGF6Y0BQ', NULL);
INSERT INTO "workflow_ids" ("workflow_id", "first_run_id", "run_id", "status") VALUES ('paused', '01KNTB0F00AESTJ181P5XNFRMM', '01KNTB0F00AESTJ181P5XNFRMM', NULL);
INSERT INTO "workflow_ids" ("workflow_id", "first_run_id", "run_id", "status") VALUES ('stepped', '01KNTB0F00NHTF7WQS0MHFQEDY', '01KNTB0F00NHTF7WQS0MHFQEDY', NULL);
INSERT INTO "workflow_ids" ("workflow_id", "first_run_id", "run_id", "status") VALUES ('terminated', '01KNTB0F00YMNC16G6QJGGK05C', '01KNTB0F00YMNC16G6QJGGK05C', NULL);
CREATE TABLE `workflow_signals` (
	`run_id` text NOT NULL,
	`signal_id` text NOT NULL,
	`workflow_id` text NOT NULL,
	`signal_name` text NOT NULL,
	`payload` text,
	`received_at` integer NOT NULL,
	PRIMARY KEY(`run_id`, `signal_id`)
) WITHOUT ROWID;
INSERT INTO "workflow_signals" ("run_id", "signal_id", "workflow_id", "signal_name", "payload", "received_at") VALUES ('01KNTB0F006FGC6GAZG8Z1DP21', '01M8M5VD51X1KE582KBZP6VX26', 'heard', 'spare', '"unread"', 1775779200000);
CREATE TABLE `workflow_timers` (
	`run_id` text NOT NULL,
	`seq` integer NOT NULL,
	`workflow_id` text NOT NULL,
	`fire_at` integer NOT NULL,
	PRIMARY KEY(`run_id`, `seq`)
) WITHOUT ROWID;
INSERT INTO "workflow_timers" ("run_id", "seq", "workflow_id", "fire_at") VALUES ('01KNTB0F00AESTJ181P5XNFRMM', 1, 'paused', 1779235200000);
CREATE TABLE `workflows` (
	`run_id` text PRIMARY KEY NOT NULL,
	`workflow_id` text NOT NULL,
	`workflow_type` text NOT NULL,
	`status` text NOT NULL,
	`input` text,
	`result` text,
	`error` text,
	`started_at` integer NOT NULL,
	`completed_at` integer,
	`task_queue` text NOT NULL,
	`parent` text,
	`memo` text,
	`search_attributes` text,
	`version` text NOT NULL,
	`request_id` text NOT NULL,
	`deadline_at` integer,
	`cause` text,
	`blocked` text,
	`closed_sequence` integer,
	`history_length` integer,
	`history_bytes` integer,
	`first_run_id` text,
	`next_run_id` text,
	`archive_batch` integer,
	`warm` text
) WITHOUT ROWID;
INSERT INTO "workflows" ("run_id", "workflow_id", "workflow_type", "status", "input", "result", "error", "started_at", "completed_at", "task_queue", "parent", "memo", "search_attributes", "version", "request_id", "deadline_at", "cause", "blocked", "closed_sequence", "history_length", "history_bytes", "first_run_id", "next_run_id", "archive_batch", "warm") VALUES ('01KJKB3Q00E1MF00VGEDCTQ3C3', 'archived-2', 'brief', 'completed', NULL, NULL, NULL, 1772323200000, 1772323200000, 'default', NULL, NULL, NULL, 'dev', '01M8M5VCZKG4PSEBK7M6WCV4D2', NULL, NULL, NULL, 2, 2, 235, NULL, NULL, 1, '[{"object":"warm/1.parquet","etag":"e","rowGroupFirst":0,"rowGroupCount":1,"rowOffset":0,"rowCount":2}]');
INSERT INTO "workflows" ("run_id", "workflow_id", "workflow_type", "status", "input", "result", "error", "started_at", "completed_at", "task_queue", "parent", "memo", "search_attributes", "version", "request_id", "deadline_at", "cause", "blocked", "closed_sequence", "history_length", "history_bytes", "first_run_id", "next_run_id", "archive_batch", "warm") VALUES ('01KNTB0F001MRGKS15HNTKGX8X', 'keyed-2', 'keyed', 'running', NULL, NULL, NULL, 1775779200000, NULL, 'default', NULL, NULL, NULL, 'dev', '01M8M5VD6ZKZAQCH2Q90CK4BTC', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO "workflows" ("run_id", "workflow_id", "workflow_type", "status", "input", "result", "error", "started_at", "completed_at", "task_queue", "parent", "memo", "search_attributes", "version", "request_id", "deadline_at", "cause", "blocked", "closed_sequence", "history_length", "history_bytes", "first_run_id", "next_run_id", "archive_batch", "warm") VALUES ('01KNTB0F004WDKWEB5XD18NVET', 'child-4', 'listens', 'running', NULL, NULL, NULL, 1775779200000, NULL, 'default', '{"workflowId":"parent-4","runId":"01KNTB0F00V8NJBHM1KGVH01RV","shard":0,"seq":1}', NULL, NULL, 'dev', 'child:01KNTB0F00V8NJBHM1KGVH01RV/1', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO "workflows" ("run_id", "workflow_id", "workflow_type", "status", "input", "result", "error", "started_at", "completed_at", "task_queue", "parent", "memo", "search_attributes", "version", "request_id", "deadline_at", "cause", "blocked", "closed_sequence", "history_length", "history_bytes", "first_run_id", "next_run_id", "archive_batch", "warm") VALUES ('01KNTB0F006FGC6GAZG8Z1DP21', 'heard', 'listens', 'running', NULL, NULL, NULL, 1775779200000, NULL, 'default', NULL, NULL, NULL, 'dev', '01M8M5VD4EVPMC3D4NJNDSR1WT', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO "workflows" ("run_id", "workflow_id", "workflow_type", "status", "input", "result", "error", "started_at", "completed_at", "task_queue", "parent", "memo", "search_attributes", "version", "request_id", "deadline_at", "cause", "blocked", "closed_sequence", "history_length", "history_bytes", "first_run_id", "next_run_id", "archive_batch", "warm") VALUES ('01KNTB0F0090RK0SYX8TKGVTR0', 'child-2', 'listens', 'running', NULL, NULL, NULL, 1775779200000, NULL, 'default', '{"workflowId":"parent-2","runId":"01KNTB0F00SEF75FS0W4MMPBQW","shard":0,"seq":1}', NULL, NULL, 'dev', 'child:01KNTB0F00SEF75FS0W4MMPBQW/1', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO "workflows" ("run_id", "workflow_id", "workflow_type", "status", "input", "result", "error", "started_at", "completed_at", "task_queue", "parent", "memo", "search_attributes", "version", "request_id", "deadline_at", "cause", "blocked", "closed_sequence", "history_length", "history_bytes", "first_run_id", "next_run_id", "archive_batch", "warm") VALUES ('01KNTB0F009778BV6NMAQF6G7D', 'child-1', 'listens', 'running', NULL, NULL, NULL, 1775779200000, NULL, 'default', '{"workflowId":"parent-1","runId":"01KNTB0F00CZJVMG3ZMGF6Y0BQ","shard":1,"seq":1}', NULL, NULL, 'dev', 'child:01KNTB0F00CZJVMG3ZMGF6Y0BQ/1', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO "workflows" ("run_id", "workflow_id", "workflow_type", "status", "input", "result", "error", "started_at", "completed_at", "task_queue", "parent", "memo", "search_attributes", "version", "request_id", "deadline_at", "cause", "blocked", "closed_sequence", "history_length", "history_bytes", "first_run_id", "next_run_id", "archive_batch", "warm") VALUES ('01KNTB0F00AESTJ181P5XNFRMM', 'paused', 'sleeps', 'paused', NULL, NULL, NULL, 1775779200000, NULL, 'default', NULL, NULL, NULL, 'dev', '01M8M5VDEQ0E7895JRZFSQDNSD', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO "workflows" ("run_id", "workflow_id", "workflow_type", "status", "input", "result", "error", "started_at", "completed_at", "task_queue", "parent", "memo", "search_attributes", "version", "request_id", "deadline_at", "cause", "blocked", "closed_sequence", "history_length", "history_bytes", "first_run_id", "next_run_id", "archive_batch", "warm") VALUES ('01KNTB0F00AZ0RRJENBJABRNZM', 'acted', 'acts', 'running', NULL, NULL, NULL, 1775779200000, NULL, 'default', NULL, NULL, NULL, 'dev', '01M8M5VD598WACS6TN19YSZ94T', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO "workflows" ("run_id", "workflow_id", "workflow_type", "status", "input", "result", "error", "started_at", "completed_at", "task_queue", "parent", "memo", "search_attributes", "version", "request_id", "deadline_at", "cause", "blocked", "closed_sequence", "history_length", "history_bytes", "first_run_id", "next_run_id", "archive_batch", "warm") VALUES ('01KNTB0F00B7AWQRWENBDB0QCP', 'keyed-3', 'keyed', 'running', NULL, NULL, NULL, 1775779200000, NULL, 'default', NULL, NULL, NULL, 'dev', '01M8M5VD9V4VDKW7FW7DEG5H1T', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO "workflows" ("run_id", "workflow_id", "workflow_type", "status", "input", "result", "error", "started_at", "completed_at", "task_queue", "parent", "memo", "search_attributes", "version", "request_id", "deadline_at", "cause", "blocked", "closed_sequence", "history_length", "history_bytes", "first_run_id", "next_run_id", "archive_batch", "warm") VALUES ('01KNTB0F00CZJVMG3ZMGF6Y0BQ', 'parent-1', 'parent', 'running', '"child-1"', NULL, NULL, 1775779200000, NULL, 'default', NULL, NULL, NULL, 'dev', '01M8M5VDBC34GGST3TN7CMZPV1', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO "workflows" ("run_id", "workflow_id", "workflow_type", "status", "input", "result", "error", "started_at", "completed_at", "task_queue", "parent", "memo", "search_attributes", "version", "request_id", "deadline_at", "cause", "blocked", "closed_sequence", "history_length", "history_bytes", "first_run_id", "next_run_id", "archive_batch", "warm") VALUES ('01KNTB0F00G3CVRM85D5HV033X', 'child-3', 'listens', 'running', NULL, NULL, NULL, 1775779200000, NULL, 'default', '{"workflowId":"parent-3","runId":"01KNTB0F006YEBRMMJDBMKJA3W","shard":0,"seq":1}', NULL, NULL, 'dev', 'child:01KNTB0F006YEBRMMJDBMKJA3W/1', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO "workflows" ("run_id", "workflow_id", "workflow_type", "status", "input", "result", "error", "started_at", "completed_at", "task_queue", "parent", "memo", "search_attributes", "version", "request_id", "deadline_at", "cause", "blocked", "closed_sequence", "history_length", "history_bytes", "first_run_id", "next_run_id", "archive_batch", "warm") VALUES ('01KNTB0F00NHTF7WQS0MHFQEDY', 'stepped', 'steps', 'running', NULL, NULL, NULL, 1775779200000, NULL, 'default', NULL, NULL, NULL, 'dev', '01M8M5VDASTEJSDFA05W4PZA0R', NULL, 'step', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO "workflows" ("run_id", "workflow_id", "workflow_type", "status", "input", "result", "error", "started_at", "completed_at", "task_queue", "parent", "memo", "search_attributes", "version", "request_id", "deadline_at", "cause", "blocked", "closed_sequence", "history_length", "history_bytes", "first_run_id", "next_run_id", "archive_batch", "warm") VALUES ('01KNTB0F00TC874XCVQRBD3W60', 'keyed-1', 'keyed', 'running', NULL, NULL, NULL, 1775779200000, NULL, 'default', NULL, NULL, NULL, 'dev', '01M8M5VD5TPRCKKP2T6WMG0EYK', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO "workflows" ("run_id", "workflow_id", "workflow_type", "status", "input", "result", "error", "started_at", "completed_at", "task_queue", "parent", "memo", "search_attributes", "version", "request_id", "deadline_at", "cause", "blocked", "closed_sequence", "history_length", "history_bytes", "first_run_id", "next_run_id", "archive_batch", "warm") VALUES ('01KNTB0F00YMNC16G6QJGGK05C', 'terminated', 'sleeps', 'terminated', NULL, NULL, '{"name":"TerminatedError","message":"terminated: as asked","code":"terminated","stack":"TerminatedError: terminated: as asked\n    at failureOf (file:///perdure/code/shared/core/closing.ts:39:29)\n    at closingRow (file:///perdure/code/scheduler-do/project.ts:94:17)\n    at writeClosing (file:///perdure/code/scheduler-do/project.ts:86:30)\n    at writeChanges (file:///perdure/code/scheduler-do/project.ts:57:65)\n    at file:///perdure/code/scheduler-do/shard.ts:244:20\n    at transaction (file:///perdure/code/testing/simulated/storage.ts:67:14)\n    at Object.transactionSync (file:///perdure/code/testing/simulated/storage.ts:43:35)\n    at #commit (file:///perdure/code/scheduler-do/shard.ts:243:35)\n    at #attempt (file:///perdure/code/scheduler-do/shard.ts:229:26)\n    at async #turn (file:///perdure/code/scheduler-do/shard.ts:215:21)","facts":{"reason":"as asked"}}', 1775779200000, 1775779200000, 'default', NULL, NULL, NULL, 'dev', '01M8M5VDFD7R3475M7RWBHS7VF', NULL, NULL, NULL, 27, 3, 292, NULL, NULL, NULL, NULL);
CREATE INDEX `workflows_closed_hot` ON `workflows` (`closed_sequence`) WHERE "workflows"."completed_at" is not null and "workflows"."archive_batch" is null;
CREATE UNIQUE INDEX `workflows_open` ON `workflows` (`workflow_id`) WHERE "workflows"."completed_at" is null;
CREATE VIEW `workflow_history` AS
SELECT
	w.`workflow_id` AS `workflow_id`,
	h.`run_id` AS `run_id`,
	h.`first_event_id` + e.`key` AS `event_id`,
	json_extract(e.`value`, '$.type') AS `event_type`,
	json(e.`value`) AS `event_data`,
	json_extract(e.`value`, '$.at') AS `timestamp`,
	h.`sequence` + e.`key` AS `sequence`
FROM `history` h
JOIN `workflows` w ON w.`run_id` = h.`run_id`
JOIN json_each(h.`events`) e;
