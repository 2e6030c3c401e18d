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
CREATE TABLE `meta` (
	`key` text PRIMARY KEY NOT NULL,
	`value` text NOT NULL
) WITHOUT ROWID;
INSERT INTO "meta" ("key", "value") VALUES ('archive_lease', '{"holder":null,"until":0,"fence":1}');
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
CREATE TABLE `workflow_ids` (
	`workflow_id` text PRIMARY KEY NOT NULL,
	`first_run_id` text NOT NULL,
	`run_id` text NOT NULL,
	`status` text
) WITHOUT ROWID;
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
