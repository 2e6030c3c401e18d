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
INSERT INTO "archive_batches" ("number", "state", "run_ids", "objects", "warmed_at", "expires_at", "cold", "opened_by") VALUES (1, 'warm', '["01KJKB3Q00EAGJ753JDMVNYNT8"]', '[{"object":"warm/0.parquet","etag":"e","bytes":1,"rows":2,"minClosedAt":1772323200000,"maxClosedAt":1772323200000}]', 1775779200000, 1778371200000, 1, 1);
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
INSERT INTO "concurrency_keys" ("task_queue", "key", "number", "holder") VALUES ('default', 'one', 1, '{"workflowId":"keyed-1","runId":"01KNTB0F00TC874XCVQRBD3W60","shard":1,"seq":1}');
INSERT INTO "concurrency_keys" ("task_queue", "key", "number", "holder") VALUES ('default', 'one', 2, '{"workflowId":"keyed-2","runId":"01KNTB0F001MRGKS15HNTKGX8X","shard":1,"seq":1}');
INSERT INTO "concurrency_keys" ("task_queue", "key", "number", "holder") VALUES ('default', 'one', 3, '{"workflowId":"keyed-3","runId":"01KNTB0F00B7AWQRWENBDB0QCP","shard":1,"seq":1}');
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
INSERT INTO "history" ("run_id", "first_event_id", "sequence", "event_count", "events") VALUES ('01KNTB0F003HCWFG3DS3J7G0JQ', 1, 7, 2, '[{"type":"workflow_started","at":1775779200000,"workflowType":"sleeps","taskQueue":"default","version":"dev","requestId":"01M8M5VD3PH567D244Q97S83N4","executionDeadlineAt":1783555200000},{"type":"timer_started","seq":1,"fireAt":1779235200000,"at":1775779200000}]');
INSERT INTO "history" ("run_id", "first_event_id", "sequence", "event_count", "events") VALUES ('01KNTB0F006PWBJ840FDC6JMHB', 1, 3, 2, '[{"type":"workflow_started","at":1775779200000,"workflowType":"brief","taskQueue":"default","version":"dev","requestId":"01M8M5VD2WVKXEMAEDH59JCY9R","input":"done","memo":{"of":"a test"}},{"type":"workflow_completed","result":"done","at":1775779200000}]');
INSERT INTO "history" ("run_id", "first_event_id", "sequence", "event_count", "events") VALUES ('01KNTB0F006YEBRMMJDBMKJA3W', 1, 11, 2, '[{"type":"workflow_started","at":1775779200000,"workflowType":"parent","taskQueue":"default","version":"dev","requestId":"01M8M5VDC2WZ66QJQFBBZ11Y81","input":"child-3"},{"type":"child_requested","seq":1,"workflowId":"child-3","workflowType":"listens","parentClosePolicy":"terminate","cancellation":"wait","idReuse":"allow","idConflict":"fail","at":1775779200000}]');
INSERT INTO "history" ("run_id", "first_event_id", "sequence", "event_count", "events") VALUES ('01KNTB0F006YEBRMMJDBMKJA3W', 3, 16, 1, '[{"type":"child_started","at":1775779200000,"seq":1,"runId":"01KNTB0F00G3CVRM85D5HV033X","shard":1}]');
INSERT INTO "history" ("run_id", "first_event_id", "sequence", "event_count", "events") VALUES ('01KNTB0F0081P4FA3P4799015W', 1, 23, 2, '[{"type":"workflow_started","at":1775779200000,"workflowType":"fickle","taskQueue":"default","version":"dev","requestId":"01M8M5VDFT8R7JSXAJ1YRM4H3W"},{"type":"timer_started","seq":1,"fireAt":1776643200000,"at":1775779200000}]');
INSERT INTO "history" ("run_id", "first_event_id", "sequence", "event_count", "events") VALUES ('01KNTB0F00PNHX3BHA5TJYF89Q', 1, 21, 2, '[{"type":"workflow_started","at":1775779200000,"workflowType":"chain","taskQueue":"default","version":"dev","requestId":"01M8M5VDEPN825MSET6TYFNP0V","input":2},{"type":"timer_started","seq":1,"fireAt":1777075200000,"at":1775779200000}]');
INSERT INTO "history" ("run_id", "first_event_id", "sequence", "event_count", "events") VALUES ('01KNTB0F00QX6KQERK9NT9707A', 1, 17, 1, '[{"type":"workflow_started","at":1775779200000,"workflowType":"sums","taskQueue":"default","version":"dev","requestId":"01M8M5VDDBW8MB14W8DX06FMSX"}]');
INSERT INTO "history" ("run_id", "first_event_id", "sequence", "event_count", "events") VALUES ('01KNTB0F00QX6KQERK9NT9707A', 2, 19, 2, '[{"type":"update_accepted","at":1775779200000,"updateId":"five","name":"add","args":[5]},{"type":"timer_started","seq":1,"fireAt":1777507200000,"at":1775779200000}]');
INSERT INTO "history" ("run_id", "first_event_id", "sequence", "event_count", "events") VALUES ('01KNTB0F00SEF75FS0W4MMPBQW', 1, 9, 2, '[{"type":"workflow_started","at":1775779200000,"workflowType":"parent","taskQueue":"default","version":"dev","requestId":"01M8M5VDBM5SD8MARDBMAHEW86","input":"child-2"},{"type":"child_requested","seq":1,"workflowId":"child-2","workflowType":"listens","parentClosePolicy":"terminate","cancellation":"wait","idReuse":"allow","idConflict":"fail","at":1775779200000}]');
INSERT INTO "history" ("run_id", "first_event_id", "sequence", "event_count", "events") VALUES ('01KNTB0F00SEF75FS0W4MMPBQW', 3, 13, 1, '[{"type":"child_started","at":1775779200000,"seq":1,"runId":"01KNTB0F0090RK0SYX8TKGVTR0","shard":1}]');
INSERT INTO "history" ("run_id", "first_event_id", "sequence", "event_count", "events") VALUES ('01KNTB0F00V5EA66MGTJRWBWSZ', 1, 5, 2, '[{"type":"workflow_started","at":1775779200000,"workflowType":"brief","taskQueue":"default","version":"dev","requestId":"01M8M5VD2ZQ0CDEM0R9FYW9PE2","input":"failed"},{"type":"workflow_failed","error":{"name":"Error","message":"as asked","code":"application_error","stack":"Error: as asked\n    at file:///perdure/code/test/environment/databases/scenario.ts:71:33\n    at file:///perdure/code/shared/replay/coroutine.ts:283:24"},"at":1775779200000}]');
INSERT INTO "history" ("run_id", "first_event_id", "sequence", "event_count", "events") VALUES ('01KNTB0F00V8NJBHM1KGVH01RV', 1, 14, 2, '[{"type":"workflow_started","at":1775779200000,"workflowType":"parent","taskQueue":"default","version":"dev","requestId":"01M8M5VDD1BA7FN3VPS7VEQRAE","input":"child-4"},{"type":"child_requested","seq":1,"workflowId":"child-4","workflowType":"listens","parentClosePolicy":"terminate","cancellation":"wait","idReuse":"allow","idConflict":"fail","at":1775779200000}]');
INSERT INTO "history" ("run_id", "first_event_id", "sequence", "event_count", "events") VALUES ('01KNTB0F00V8NJBHM1KGVH01RV', 3, 18, 1, '[{"type":"child_started","at":1775779200000,"seq":1,"runId":"01KNTB0F004WDKWEB5XD18NVET","shard":1}]');
INSERT INTO "history" ("run_id", "first_event_id", "sequence", "event_count", "events") VALUES ('01KNZFSX00KNT34HENY584X7NP', 1, 25, 2, '[{"type":"workflow_started","at":1775952000000,"workflowType":"parent","taskQueue":"default","version":"dev","requestId":"01M8M5VE5Z60SNH49YJ3KGMKQY","input":"cut-1"},{"type":"child_requested","seq":1,"workflowId":"cut-1","workflowType":"listens","parentClosePolicy":"terminate","cancellation":"wait","idReuse":"allow","idConflict":"fail","at":1775952000000}]');
CREATE TABLE `meta` (
	`key` text PRIMARY KEY NOT NULL,
	`value` text NOT NULL
) WITHOUT ROWID;
INSERT INTO "meta" ("key", "value") VALUES ('address', '{"namespace":"default","shard":0,"shards":2}');
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
INSERT INTO "outbox" ("shard", "number", "run_id", "delivery") VALUES (1, 5, '01KNZFSX00KNT34HENY584X7NP', '{"kind":"start_child","parent":{"workflowId":"cut","runId":"01KNZFSX00KNT34HENY584X7NP","shard":0,"seq":1},"parentTaskQueue":"default","child":{"seq":1,"workflowId":"cut-1","workflowType":"listens","parentClosePolicy":"terminate","cancellation":"wait","idReuse":"allow","idConflict":"fail"}}');
CREATE TABLE `parked_inputs` (
	`run_id` text NOT NULL,
	`number` integer NOT NULL,
	`input` text NOT NULL,
	PRIMARY KEY(`run_id`, `number`)
) WITHOUT ROWID;
INSERT INTO "parked_inputs" ("run_id", "number", "input") VALUES ('01KNTB0F0081P4FA3P4799015W', 1, '{"type":"signal_workflow","name":"go","signalId":"01M8M5VE4BG3WRENXJ5411HB8Q","payload":"parked"}');
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
INSERT INTO "peers" ("shard", "sent_number", "applied_number") VALUES (1, 5, 6);
CREATE TABLE `schedules` (
	`schedule_id` text PRIMARY KEY NOT NULL,
	`definition` text NOT NULL,
	`state` text NOT NULL,
	`due_at` integer
) WITHOUT ROWID;
INSERT INTO "schedules" ("schedule_id", "definition", "state", "due_at") VALUES ('resting', '{"incarnation":"01KNTB0F00EK8A140FTDSQH1EP","times":{"cron":["0 9 * * 1"],"timeZone":"UTC","jitterMs":0},"rules":{"overlap":"skip","catchUpMs":31536000000,"pauseOnFailure":false},"action":{"workflowId":"resting","workflowType":"brief","input":"never","idReuse":"allow","idConflict":"fail"}}', '{"paused":true,"position":1775779200000,"dueAt":null,"waiting":[],"backfills":[],"open":[],"starts":0,"triggeredAt":0,"recent":[],"requests":["01M8M5VDQ1HX41QQ15RW0F97EW"]}', NULL);
INSERT INTO "schedules" ("schedule_id", "definition", "state", "due_at") VALUES ('weekly', '{"incarnation":"01KNTB0F00PA19Q1RGAG3Y0343","times":{"cron":["0 9 * * 1"],"timeZone":"UTC","jitterMs":0},"rules":{"overlap":"allow-all","catchUpMs":31536000000,"pauseOnFailure":false},"action":{"workflowId":"weekly","workflowType":"brief","input":"on time","idReuse":"allow","idConflict":"fail"}}', '{"paused":false,"position":1775779200000,"dueAt":1776070800000,"waiting":[],"backfills":[],"open":[],"starts":0,"triggeredAt":0,"recent":[],"requests":["01M8M5VDG67Q1Q0EB4206T739Y"]}', 1776070800000);
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
CREATE TABLE `workflow_ids` (
	`workflow_id` text PRIMARY KEY NOT NULL,
	`first_run_id` text NOT NULL,
	`run_id` text NOT NULL,
	`status` text
) WITHOUT ROWID;
INSERT INTO "workflow_ids" ("workflow_id", "first_run_id", "run_id", "status") VALUES ('archived-1', '01KJKB3Q00EAGJ753JDMVNYNT8', '01KJKB3Q00EAGJ753JDMVNYNT8', NULL);
INSERT INTO "workflow_ids" ("workflow_id", "first_run_id", "run_id", "status") VALUES ('blocked', '01KNTB0F0081P4FA3P4799015W', '01KNTB0F0081P4FA3P4799015W', NULL);
INSERT INTO "workflow_ids" ("workflow_id", "first_run_id", "run_id", "status") VALUES ('chained', '01KNTB0F00PNHX3BHA5TJYF89Q', '01KNTB0F00PNHX3BHA5TJYF89Q', NULL);
INSERT INTO "workflow_ids" ("workflow_id", "first_run_id", "run_id", "status") VALUES ('completed', '01KNTB0F006PWBJ840FDC6JMHB', '01KNTB0F006PWBJ840FDC6JMHB', NULL);
INSERT INTO "workflow_ids" ("workflow_id", "first_run_id", "run_id", "status") VALUES ('cut', '01KNZFSX00KNT34HENY584X7NP', '01KNZFSX00KNT34HENY584X7NP', NULL);
INSERT INTO "workflow_ids" ("workflow_id", "first_run_id", "run_id", "status") VALUES ('failed', '01KNTB0F00V5EA66MGTJRWBWSZ', '01KNTB0F00V5EA66MGTJRWBWSZ', NULL);
INSERT INTO "workflow_ids" ("workflow_id", "first_run_id", "run_id", "status") VALUES ('parent-2', '01KNTB0F00SEF75FS0W4MMPBQW', '01KNTB0F00SEF75FS0W4MMPBQW', NULL);
INSERT INTO "workflow_ids" ("workflow_id", "first_run_id", "run_id", "status") VALUES ('parent-3', '01KNTB0F006YEBRMMJDBMKJA3W', '01KNTB0F006YEBRMMJDBMKJA3W', NULL);
INSERT INTO "workflow_ids" ("workflow_id", "first_run_id", "run_id", "status") VALUES ('parent-4', '01KNTB0F00V8NJBHM1KGVH01RV', '01KNTB0F00V8NJBHM1KGVH01RV', NULL);
INSERT INTO "workflow_ids" ("workflow_id", "first_run_id", "run_id", "status") VALUES ('slept', '01KNTB0F003HCWFG3DS3J7G0JQ', '01KNTB0F003HCWFG3DS3J7G0JQ', NULL);
INSERT INTO "workflow_ids" ("workflow_id", "first_run_id", "run_id", "status") VALUES ('summed', '01KNTB0F00QX6KQERK9NT9707A', '01KNTB0F00QX6KQERK9NT9707A', NULL);
CREATE TABLE `workflow_signals` (
	`run_id` text NOT NULL,
	`signal_id` text NOT NULL,
	`workflow_id` text NOT NULL,
	`signal_name` text NOT NULL,
	`payload` text,
	`received_at` integer NOT NULL,
	PRIMARY KEY(`run_id`, `signal_id`)
) WITHOUT ROWID;
CREATE TABLE `workflow_timers` (
	`run_id` text NOT NULL,
	`seq` integer NOT NULL,
	`workflow_id` text NOT NULL,
	`fire_at` integer NOT NULL,
	PRIMARY KEY(`run_id`, `seq`)
) WITHOUT ROWID;
INSERT INTO "workflow_timers" ("run_id", "seq", "workflow_id", "fire_at") VALUES ('01KNTB0F003HCWFG3DS3J7G0JQ', 1, 'slept', 1779235200000);
INSERT INTO "workflow_timers" ("run_id", "seq", "workflow_id", "fire_at") VALUES ('01KNTB0F0081P4FA3P4799015W', 1, 'blocked', 1776643200000);
INSERT INTO "workflow_timers" ("run_id", "seq", "workflow_id", "fire_at") VALUES ('01KNTB0F00PNHX3BHA5TJYF89Q', 1, 'chained', 1777075200000);
INSERT INTO "workflow_timers" ("run_id", "seq", "workflow_id", "fire_at") VALUES ('01KNTB0F00QX6KQERK9NT9707A', 1, 'summed', 1777507200000);
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
INSERT INTO "workflows" ("run_id", "workflow_id", "workflow_type", "status", "input", "result", "error", "started_at", "completed_at", "task_queue", "parent", "memo", "search_attributes", "version", "request_id", "deadline_at", "cause", "blocked", "closed_sequence", "history_length", "history_bytes", "first_run_id", "next_run_id", "archive_batch", "warm") VALUES ('01KJKB3Q00EAGJ753JDMVNYNT8', 'archived-1', 'brief', 'completed', NULL, NULL, NULL, 1772323200000, 1772323200000, 'default', NULL, NULL, NULL, 'dev', '01M8M5VCVAK32SWDT0MWS4YB33', NULL, NULL, NULL, 2, 2, 235, NULL, NULL, 1, '[{"object":"warm/0.parquet","etag":"e","rowGroupFirst":0,"rowGroupCount":1,"rowOffset":0,"rowCount":2}]');
INSERT INTO "workflows" ("run_id", "workflow_id", "workflow_type", "status", "input", "result", "error", "started_at", "completed_at", "task_queue", "parent", "memo", "search_attributes", "version", "request_id", "deadline_at", "cause", "blocked", "closed_sequence", "history_length", "history_bytes", "first_run_id", "next_run_id", "archive_batch", "warm") VALUES ('01KNTB0F003HCWFG3DS3J7G0JQ', 'slept', 'sleeps', 'running', NULL, NULL, NULL, 1775779200000, NULL, 'default', NULL, NULL, NULL, 'dev', '01M8M5VD3PH567D244Q97S83N4', 1783555200000, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO "workflows" ("run_id", "workflow_id", "workflow_type", "status", "input", "result", "error", "started_at", "completed_at", "task_queue", "parent", "memo", "search_attributes", "version", "request_id", "deadline_at", "cause", "blocked", "closed_sequence", "history_length", "history_bytes", "first_run_id", "next_run_id", "archive_batch", "warm") VALUES ('01KNTB0F006PWBJ840FDC6JMHB', 'completed', 'brief', 'completed', '"done"', '"done"', NULL, 1775779200000, 1775779200000, 'default', NULL, '{"of":"a test"}', NULL, 'dev', '01M8M5VD2WVKXEMAEDH59JCY9R', NULL, NULL, NULL, 4, 2, 250, NULL, NULL, NULL, NULL);
INSERT INTO "workflows" ("run_id", "workflow_id", "workflow_type", "status", "input", "result", "error", "started_at", "completed_at", "task_queue", "parent", "memo", "search_attributes", "version", "request_id", "deadline_at", "cause", "blocked", "closed_sequence", "history_length", "history_bytes", "first_run_id", "next_run_id", "archive_batch", "warm") VALUES ('01KNTB0F006YEBRMMJDBMKJA3W', 'parent-3', 'parent', 'running', '"child-3"', NULL, NULL, 1775779200000, NULL, 'default', NULL, NULL, NULL, 'dev', '01M8M5VDC2WZ66QJQFBBZ11Y81', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO "workflows" ("run_id", "workflow_id", "workflow_type", "status", "input", "result", "error", "started_at", "completed_at", "task_queue", "parent", "memo", "search_attributes", "version", "request_id", "deadline_at", "cause", "blocked", "closed_sequence", "history_length", "history_bytes", "first_run_id", "next_run_id", "archive_batch", "warm") VALUES ('01KNTB0F0081P4FA3P4799015W', 'blocked', 'fickle', 'running', NULL, NULL, NULL, 1775779200000, NULL, 'default', NULL, NULL, NULL, 'dev', '01M8M5VDFT8R7JSXAJ1YRM4H3W', NULL, NULL, '{"code":"nondeterminism","reason":"event 2 recorded timer_started (call 1) but the code asked for activity_scheduled works (call 1); use ctx.patched() instead of editing a workflow that has running runs","eventId":2,"since":1775952000000}', NULL, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO "workflows" ("run_id", "workflow_id", "workflow_type", "status", "input", "result", "error", "started_at", "completed_at", "task_queue", "parent", "memo", "search_attributes", "version", "request_id", "deadline_at", "cause", "blocked", "closed_sequence", "history_length", "history_bytes", "first_run_id", "next_run_id", "archive_batch", "warm") VALUES ('01KNTB0F00PNHX3BHA5TJYF89Q', 'chained', 'chain', 'running', '2', NULL, NULL, 1775779200000, NULL, 'default', NULL, NULL, NULL, 'dev', '01M8M5VDEPN825MSET6TYFNP0V', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO "workflows" ("run_id", "workflow_id", "workflow_type", "status", "input", "result", "error", "started_at", "completed_at", "task_queue", "parent", "memo", "search_attributes", "version", "request_id", "deadline_at", "cause", "blocked", "closed_sequence", "history_length", "history_bytes", "first_run_id", "next_run_id", "archive_batch", "warm") VALUES ('01KNTB0F00QX6KQERK9NT9707A', 'summed', 'sums', 'running', NULL, NULL, NULL, 1775779200000, NULL, 'default', NULL, NULL, NULL, 'dev', '01M8M5VDDBW8MB14W8DX06FMSX', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO "workflows" ("run_id", "workflow_id", "workflow_type", "status", "input", "result", "error", "started_at", "completed_at", "task_queue", "parent", "memo", "search_attributes", "version", "request_id", "deadline_at", "cause", "blocked", "closed_sequence", "history_length", "history_bytes", "first_run_id", "next_run_id", "archive_batch", "warm") VALUES ('01KNTB0F00SEF75FS0W4MMPBQW', 'parent-2', 'parent', 'running', '"child-2"', NULL, NULL, 1775779200000, NULL, 'default', NULL, NULL, NULL, 'dev', '01M8M5VDBM5SD8MARDBMAHEW86', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO "workflows" ("run_id", "workflow_id", "workflow_type", "status", "input", "result", "error", "started_at", "completed_at", "task_queue", "parent", "memo", "search_attributes", "version", "request_id", "deadline_at", "cause", "blocked", "closed_sequence", "history_length", "history_bytes", "first_run_id", "next_run_id", "archive_batch", "warm") VALUES ('01KNTB0F00V5EA66MGTJRWBWSZ', 'failed', 'brief', 'failed', '"failed"', NULL, '{"name":"Error","message":"as asked","code":"application_error","stack":"Error: as asked\n    at file:///perdure/code/test/environment/databases/scenario.ts:71:33\n    at file:///perdure/code/shared/replay/coroutine.ts:283:24"}', 1775779200000, 1775779200000, 'default', NULL, NULL, NULL, 'dev', '01M8M5VD2ZQ0CDEM0R9FYW9PE2', NULL, NULL, NULL, 6, 2, 446, NULL, NULL, NULL, NULL);
INSERT INTO "workflows" ("run_id", "workflow_id", "workflow_type", "status", "input", "result", "error", "started_at", "completed_at", "task_queue", "parent", "memo", "search_attributes", "version", "request_id", "deadline_at", "cause", "blocked", "closed_sequence", "history_length", "history_bytes", "first_run_id", "next_run_id", "archive_batch", "warm") VALUES ('01KNTB0F00V8NJBHM1KGVH01RV', 'parent-4', 'parent', 'running', '"child-4"', NULL, NULL, 1775779200000, NULL, 'default', NULL, NULL, NULL, 'dev', '01M8M5VDD1BA7FN3VPS7VEQRAE', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO "workflows" ("run_id", "workflow_id", "workflow_type", "status", "input", "result", "error", "started_at", "completed_at", "task_queue", "parent", "memo", "search_attributes", "version", "request_id", "deadline_at", "cause", "blocked", "closed_sequence", "history_length", "history_bytes", "first_run_id", "next_run_id", "archive_batch", "warm") VALUES ('01KNZFSX00KNT34HENY584X7NP', 'cut', 'parent', 'running', '"cut-1"', NULL, NULL, 1775952000000, NULL, 'default', NULL, NULL, NULL, 'dev', '01M8M5VE5Z60SNH49YJ3KGMKQY', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
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
