CREATE TABLE `held_deliveries` (
	`id` text PRIMARY KEY NOT NULL,
	`delivery` text NOT NULL
) WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE `payload_copies` (
	`key` text PRIMARY KEY NOT NULL,
	`run_id` text NOT NULL,
	`source` text NOT NULL,
	`size` integer NOT NULL
) WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE `payloads` (
	`run_id` text NOT NULL,
	`sha256` text NOT NULL,
	`number` integer NOT NULL,
	`bytes` blob NOT NULL,
	PRIMARY KEY(`run_id`, `sha256`, `number`)
) WITHOUT ROWID;
