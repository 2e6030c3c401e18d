export interface paths {
    "/api/v1/workflows": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List runs
         * @description Scope: read.
         */
        get: operations["listWorkflows"];
        put?: never;
        /**
         * Start a run
         * @description Answers when the run is durably recorded; with waitMs, when it has ended or that time is over. With a signal, an open run of the id only gets that.
         *
         *     Scope: write.
         */
        post: operations["startWorkflow"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/workflows/batch": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Start many runs
         * @description Each is answered by itself, in the order of the request: nothing is undone where one is refused.
         *
         *     Scope: write.
         */
        post: operations["startWorkflows"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/workflows/{workflowId}/target": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Ask where large payloads are to be stored before they are sent
         * @description A payload above 128 KiB is an object of the run that it reaches: see the guide.
         *
         *     Scope: write.
         */
        get: operations["workflowTarget"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/workflow-count": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Count runs
         * @description Scope: read.
         */
        get: operations["countWorkflows"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/workflows/bulk": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Act on every open run that a filter matches
         * @description Newest first. Each line of the answer is an object of JSON that says how far it is; one request acts on about 1000 runs. Where the last line has a cursor there are more: send the same with it as the filter's cursor.
         *
         *     Scope: write.
         */
        post: operations["bulkWorkflows"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/workflows/{workflowId}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Describe a run
         * @description Scope: read.
         */
        get: operations["describeWorkflow"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/workflows/{workflowId}/history": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Read the history of a run, page by page
         * @description Scope: read.
         */
        get: operations["workflowHistory"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/workflows/{workflowId}/replay": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Replay the history of a run, open or closed, against the code that is deployed
         * @description It happens beside the run, of which nothing changes.
         *
         *     Scope: read.
         */
        post: operations["replayWorkflow"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/workflows/{workflowId}/result": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Wait for the result of a run
         * @description Scope: read.
         */
        get: operations["workflowResult"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/workflows/{workflowId}/cancel": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Ask a run to stop, so that it may clean up
         * @description Scope: write.
         */
        post: operations["cancelWorkflow"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/workflows/{workflowId}/terminate": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Stop a run at once: its code does not hear of it
         * @description Scope: write.
         */
        post: operations["terminateWorkflow"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/workflows/{workflowId}/pause": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Let a run do nothing until it is resumed
         * @description Scope: write.
         */
        post: operations["pauseWorkflow"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/workflows/{workflowId}/resume": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Let a paused run go on
         * @description Scope: write.
         */
        post: operations["resumeWorkflow"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/workflows/{workflowId}/reset": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Begin anew from an event
         * @description The run ends, and another one of the id goes on behind toEvent, or before toActivity.
         *
         *     Scope: write.
         */
        post: operations["resetWorkflow"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/workflows/{workflowId}/runs/{runId}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /**
         * Delete a closed run, and every trace of it
         * @description Scope: admin.
         */
        delete: operations["deleteRun"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/workflows/{workflowId}/signals/{name}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Send a signal to a run
         * @description Scope: write.
         */
        post: operations["signalWorkflow"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/workflows/{workflowId}/queries/{name}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Ask a run of its state
         * @description Answers what the workflow's handler gives; nothing (204) where that is undefined.
         *
         *     Scope: read.
         */
        post: operations["queryWorkflow"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/workflows/{workflowId}/updates/{name}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Ask a run to do something, and for its outcome
         * @description Scope: write.
         */
        post: operations["updateWorkflow"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/workflows/{workflowId}/updates/{updateId}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Wait for the outcome of an update
         * @description Scope: read.
         */
        get: operations["updateResult"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/schedules": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List schedules
         * @description Scope: read.
         */
        get: operations["listSchedules"];
        put?: never;
        /**
         * Create a schedule
         * @description The fields of a start are those of each of its runs, whose id is `<workflowId>-<time>`.
         *
         *     Scope: write.
         */
        post: operations["createSchedule"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/schedules/{scheduleId}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Describe a schedule
         * @description Scope: read.
         */
        get: operations["describeSchedule"];
        put?: never;
        post?: never;
        /**
         * Delete a schedule: runs that have begun go on
         * @description Scope: write.
         */
        delete: operations["deleteSchedule"];
        options?: never;
        head?: never;
        /**
         * Change a schedule
         * @description What is given replaces what was there, whole; it is for runs that begin later.
         *
         *     Scope: write.
         */
        patch: operations["updateSchedule"];
        trace?: never;
    };
    "/api/v1/schedules/{scheduleId}/pause": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Let a schedule begin no runs
         * @description Scope: write.
         */
        post: operations["pauseSchedule"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/schedules/{scheduleId}/unpause": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Let a schedule begin runs again
         * @description Scope: write.
         */
        post: operations["unpauseSchedule"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/schedules/{scheduleId}/trigger": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Begin one run now, paused or not
         * @description Scope: write.
         */
        post: operations["triggerSchedule"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/schedules/{scheduleId}/backfill": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Begin a run for every time of some ranges
         * @description Scope: write.
         */
        post: operations["backfillSchedule"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/activities/complete": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Complete an attempt
         * @description Scope: write.
         */
        post: operations["completeActivity"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/activities/fail": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Fail an attempt
         * @description Another one follows by the retry policy. With the code cancelled it ends as cancelled.
         *
         *     Scope: write.
         */
        post: operations["failActivity"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/activities/heartbeat": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Say that an attempt goes on
         * @description Scope: write.
         */
        post: operations["heartbeatActivity"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/task-queues/{taskQueue}/poll": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Take tasks of a task queue that is pulled
         * @description Scope: write.
         */
        post: operations["pollTaskQueue"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/task-queues/{taskQueue}/renew": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Say that attempts go on
         * @description Scope: write.
         */
        post: operations["renewTasks"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/task-queues/{taskQueue}/settle": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Say how attempts ended
         * @description Scope: write.
         */
        post: operations["settleTasks"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/calls": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Make many calls in one request
         * @description Each line of the answer is an object of JSON with what came of one call, as soon as that is known: in no order. Nothing is undone where one is refused. A call needs the scope of its operation. An Idempotency-Key stands for one of each call, by its place.
         *
         *     Scope: read.
         */
        post: operations["callMany"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/payloads/{key}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Read the bytes of a payload
         * @description Scope: read.
         */
        get: operations["readPayload"];
        /**
         * Store the bytes of a payload
         * @description Once more makes no difference. Bytes that have another hash or length than the key and the header Content-Length say are refused.
         *
         *     Scope: write.
         */
        put: operations["storePayload"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/events": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Follow change events
         * @description Server-sent events: `id` is where to go on, `event` the type of the change event, `data` the change event as JSON. Of a workflow it ends when its run has ended and nobody has taken over; asked again then, there is nothing (204). With waitMs, one page of them as JSON: `{events, position, more}`, whose position is the next after, or of a workflow `{events, next}`, whose next has runId and fromEvent.
         *
         *     Scope: read.
         */
        get: operations["followEvents"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/stats": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Figures of the namespace, and of each of its shards
         * @description What is counted is counted since the shard woke; everything else is as it is now.
         *
         *     Scope: read.
         */
        get: operations["namespaceStats"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/archive": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Snapshots and files of the cold tables, and what waits for them
         * @description Only metadata is read. Of each table 1,000 files are named.
         *
         *     Scope: read.
         */
        get: operations["archive"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/archive/sql": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Ask the runs of every tier by SQL, where perdure dev runs
         * @description One query of DuckDB, of all namespaces: 1,000 rows, 4 MiB and 20 seconds at most.
         *
         *     Scope: admin.
         */
        post: operations["archiveSql"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/metrics": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The figures as Prometheus reads them
         * @description Scope: read.
         */
        get: operations["metrics"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/health": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Check that the rows of a shard agree with each other, page by page
         * @description Scope: admin.
         */
        post: operations["checkHealth"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
}
export type webhooks = Record<string, never>;
export interface components {
    schemas: {
        SerializedError: {
            name: string;
            message: string;
            /** @description What to branch on; application_error where it is none of the engine. */
            code: string;
            stack?: string;
            cause?: components["schemas"]["SerializedError"];
            details?: unknown;
            facts?: {
                [key: string]: unknown;
            };
        };
        /**
         * @example {
         *       "type": "about:blank",
         *       "title": "Not Found",
         *       "status": 404,
         *       "code": "workflow_not_found",
         *       "detail": "no workflow order-7 is known here",
         *       "workflowId": "order-7"
         *     }
         */
        Problem: {
            /** @constant */
            type: "about:blank";
            title: string;
            status: number;
            /** @description What to branch on: one of the codes of docs/reference/errors.md. */
            code: string;
            /** @description The same for people, and what to do. */
            detail: string;
            /** @description The field that is wrong. */
            path?: string;
            /** @description Of overloaded and workflow_not_begun: when the same may succeed. */
            retryAfterMs?: number;
            error?: components["schemas"]["SerializedError"];
        } & {
            [key: string]: unknown;
        };
        CompleteActivity: {
            /** @description What ctx.taskToken gave the activity. */
            taskToken: string;
            /** @description JSON of at most 128 KiB. What JSON has no form for is an object with $type, such as a Date. */
            result?: unknown;
        };
        FailActivity: {
            /** @description What ctx.taskToken gave the activity. */
            taskToken: string;
            error: components["schemas"]["SerializedError"];
        };
        HeartbeatActivity: {
            /** @description What ctx.taskToken gave the activity. */
            taskToken: string;
            /** @description JSON of at most 128 KiB. What JSON has no form for is an object with $type, such as a Date. */
            details?: unknown;
        };
        Heartbeat: {
            cancelRequested: boolean;
        };
        /**
         * @example {
         *       "cron": "0 3 * * *",
         *       "timeZone": "Europe/Paris"
         *     }
         */
        ScheduleSpec: {
            cron?: string | string[];
            /**
             * @description Milliseconds, or a text such as 30 minutes.
             * @example 60000
             * @example 30 minutes
             */
            every?: number | string;
            timeZone?: string;
            /**
             * @description Milliseconds, or a text such as 30 minutes.
             * @example 60000
             * @example 30 minutes
             */
            jitter?: number | string;
            /** @description Epoch milliseconds, or an ISO 8601 text. */
            startAt?: number | string;
            /** @description Epoch milliseconds, or an ISO 8601 text. */
            endAt?: number | string;
        } & {
            [key: string]: unknown;
        };
        SchedulePolicy: {
            /** @enum {string} */
            overlap?: "skip" | "buffer-one" | "buffer-all" | "cancel-other" | "terminate-other" | "allow-all";
            /**
             * @description Milliseconds, or a text such as 30 minutes.
             * @example 60000
             * @example 30 minutes
             */
            catchUpWindow?: number | string;
            pauseOnFailure?: boolean;
        } & {
            [key: string]: unknown;
        };
        RunSummary: {
            workflowId: string;
            runId: string;
            workflowType: string;
            /** @enum {string} */
            status: "running" | "paused" | "completed" | "failed" | "cancelled" | "terminated" | "timed_out" | "continued_as_new";
            taskQueue: string;
            /** @description Epoch milliseconds. */
            startedAt: number;
            /** @description Epoch milliseconds. */
            completedAt?: number;
            /** @enum {string} */
            tier: "hot" | "warm" | "cold";
            version: string;
            historyEvents: number;
            historyBytes: number;
            memo: {
                [key: string]: unknown;
            };
            searchAttributes: {
                [key: string]: unknown;
            };
            /** @description JSON of at most 128 KiB. What JSON has no form for is an object with $type, such as a Date. */
            input?: unknown;
            /** @description JSON of at most 128 KiB. What JSON has no form for is an object with $type, such as a Date. */
            result?: unknown;
            error?: components["schemas"]["SerializedError"];
            blocked?: {
                code: string;
                reason: string;
                /** @description Epoch milliseconds. */
                since: number;
                eventId?: number;
            };
        };
        RunDescription: {
            workflowId: string;
            runId: string;
            workflowType: string;
            /** @enum {string} */
            status: "running" | "paused" | "completed" | "failed" | "cancelled" | "terminated" | "timed_out" | "continued_as_new";
            taskQueue: string;
            /** @description Epoch milliseconds. */
            startedAt: number;
            /** @description Epoch milliseconds. */
            completedAt?: number;
            /** @enum {string} */
            tier: "hot" | "warm" | "cold";
            version: string;
            historyEvents: number;
            historyBytes: number;
            memo: {
                [key: string]: unknown;
            };
            searchAttributes: {
                [key: string]: unknown;
            };
            /** @description JSON of at most 128 KiB. What JSON has no form for is an object with $type, such as a Date. */
            input?: unknown;
            /** @description JSON of at most 128 KiB. What JSON has no form for is an object with $type, such as a Date. */
            result?: unknown;
            error?: components["schemas"]["SerializedError"];
            blocked?: {
                code: string;
                reason: string;
                /** @description Epoch milliseconds. */
                since: number;
                eventId?: number;
            };
            waitingFor: {
                /** @enum {string} */
                kind: "activity" | "timer" | "signal" | "child" | "condition" | "step";
                name: string;
                /** @description Epoch milliseconds. */
                since: number;
                /** @description Epoch milliseconds. */
                until?: number;
                /** @description The line of its call, with callSites. */
                at?: string;
            }[];
            pendingActivities: {
                activityId: string;
                activityType: string;
                attempt: number;
                /** @description Epoch milliseconds. */
                nextAttemptAt?: number;
                lastError?: components["schemas"]["SerializedError"];
            }[];
            parent?: {
                workflowId: string;
                runId: string;
            };
            schedule?: {
                scheduleId: string;
                /** @description Epoch milliseconds. */
                scheduledAt: number;
            };
        };
        RunPage: {
            items: components["schemas"]["RunSummary"][];
            nextCursor?: string;
        };
        /**
         * @example {
         *       "count": 43,
         *       "groups": {
         *         "running": 3,
         *         "completed": 40
         *       }
         *     }
         */
        RunCount: {
            count: number;
            groups?: {
                [key: string]: number;
            };
        };
        HistoryPage: {
            runId: string;
            events: {
                eventId: number;
                event: {
                    type: string;
                    at: number;
                } & {
                    [key: string]: unknown;
                };
            }[];
            /** @description fromEvent of the next page; absent on the last. */
            nextEvent?: number;
        };
        Replayed: {
            /** @constant */
            ok: true;
            runId: string;
            events: number;
            /** @description Of an open run: the lines of the calls that it waits for. */
            waitsAt: string[];
        } | {
            /** @constant */
            ok: false;
            runId: string;
            events: number;
            error: {
                code: string;
                message: string;
            };
            /** @description The first event that differs. */
            eventId?: number;
            /** @description What it recorded. */
            expected?: string;
            /** @description What the code asks for in its place. */
            actual?: string;
        };
        /**
         * @example {
         *       "status": "completed",
         *       "runId": "01KB9Z6E9MZ4X5T0W1V2Y3N8QP",
         *       "result": 42
         *     }
         */
        Result: {
            /** @constant */
            status: "running";
            runId: string;
        } | {
            /** @constant */
            status: "completed";
            runId: string;
            /** @description JSON of at most 128 KiB. What JSON has no form for is an object with $type, such as a Date. */
            result?: unknown;
        } | {
            /** @enum {string} */
            status: "failed" | "cancelled" | "terminated" | "timed_out" | "continued_as_new";
            runId: string;
            error: components["schemas"]["SerializedError"];
            nextRunId?: string;
        };
        /**
         * @example {
         *       "workflowId": "order-7",
         *       "runId": "01KB9Z6E9MZ4X5T0W1V2Y3N8QP"
         *     }
         */
        Started: {
            workflowId: string;
            runId: string;
            firstRunId?: string;
            result?: components["schemas"]["Result"];
        };
        NewRun: {
            runId: string;
            firstRunId?: string;
            result?: components["schemas"]["Result"];
        };
        Deleted: {
            /** @description Epoch milliseconds by when the cold tier has lost it; null where it never had it. */
            coldGoneBy: number | null;
        };
        Target: {
            latest: {
                runId: string;
                open: boolean;
            } | null;
            /** @description For runId of a start. */
            fresh: string;
            shard?: number;
        };
        Update: {
            /** @constant */
            status: "accepted";
            runId: string;
        } | {
            /** @constant */
            status: "completed";
            runId: string;
            /** @description JSON of at most 128 KiB. What JSON has no form for is an object with $type, such as a Date. */
            result?: unknown;
        } | {
            /** @constant */
            status: "failed";
            runId: string;
            error: components["schemas"]["SerializedError"];
        };
        ScheduleDescription: {
            scheduleId: string;
            workflowType: string;
            spec: components["schemas"]["ScheduleSpec"];
            policy: components["schemas"]["SchedulePolicy"];
            paused: boolean;
            note?: string;
            nextRuns: number[];
            recentRuns: {
                workflowId: string;
                runId: string;
                /** @description Epoch milliseconds. */
                scheduledAt: number;
            }[];
            lastRefused?: {
                /** @description Epoch milliseconds. */
                scheduledAt: number;
                code: string;
                message: string;
            };
        };
        SchedulePage: {
            items: components["schemas"]["ScheduleDescription"][];
            nextCursor?: string;
        };
        Signal: {
            /** @description JSON of at most 128 KiB. What JSON has no form for is an object with $type, such as a Date. */
            payload?: unknown;
            /** @description The same one is received once. Absent: the Idempotency-Key. */
            signalId?: string;
        };
        Query: {
            args?: unknown[];
        };
        UpdateRequest: {
            /** @description The list of arguments. */
            args?: unknown;
            /** @description The same one is run once. Absent: the Idempotency-Key. */
            updateId?: string;
            /** @description How long to hold the call open for the outcome. Absent: until the update is accepted. */
            waitMs?: number;
        };
        Reason: {
            reason?: string;
        };
        Reset: {
            /** @description The last event kept. */
            toEvent?: number;
            /** @description Instead: the activity or step to run again, by its id or its name. */
            toActivity?: string;
            reason: string;
            /** @description The same one resets once. Absent: the Idempotency-Key. */
            requestId?: string;
        };
        Start: {
            /** @description Absent: the requestId. */
            workflowId?: string;
            workflowType: string;
            taskQueue?: string;
            /** @description JSON of at most 128 KiB. What JSON has no form for is an object with $type, such as a Date. */
            input?: unknown;
            /**
             * @description When runs of the id are closed. Absent: allow.
             * @enum {string}
             */
            idReuse?: "allow" | "allow-failed-only" | "reject";
            /**
             * @description When a run of the id is open. Absent: fail, or use-existing with a signal.
             * @enum {string}
             */
            idConflict?: "fail" | "use-existing" | "terminate-existing";
            priority?: number;
            retry?: {
                [key: string]: unknown;
            };
            memo?: {
                [key: string]: unknown;
            };
            searchAttributes?: {
                [key: string]: unknown;
            };
            traceparent?: string;
            version?: string;
            /**
             * @description Milliseconds, or a text such as 30 minutes.
             * @example 60000
             * @example 30 minutes
             */
            executionTimeout?: number | string;
            /**
             * @description Milliseconds, or a text such as 30 minutes.
             * @example 60000
             * @example 30 minutes
             */
            runTimeout?: number | string;
            /**
             * @description Milliseconds, or a text such as 30 minutes.
             * @example 60000
             * @example 30 minutes
             */
            startDelay?: number | string;
            /** @description The same one starts once. Absent: the Idempotency-Key. */
            requestId?: string;
            /** @description Of a start whose large payloads were stored before: fresh, as target answered it. */
            runId?: string;
            signal?: {
                name: string;
                /** @description JSON of at most 128 KiB. What JSON has no form for is an object with $type, such as a Date. */
                payload?: unknown;
                signalId?: string;
            };
            waitMs?: number;
        };
        BatchStart: {
            /** @description Absent: the requestId. */
            workflowId?: string;
            workflowType: string;
            taskQueue?: string;
            /** @description JSON of at most 128 KiB. What JSON has no form for is an object with $type, such as a Date. */
            input?: unknown;
            /**
             * @description When runs of the id are closed. Absent: allow.
             * @enum {string}
             */
            idReuse?: "allow" | "allow-failed-only" | "reject";
            /**
             * @description When a run of the id is open. Absent: fail, or use-existing with a signal.
             * @enum {string}
             */
            idConflict?: "fail" | "use-existing" | "terminate-existing";
            priority?: number;
            retry?: {
                [key: string]: unknown;
            };
            memo?: {
                [key: string]: unknown;
            };
            searchAttributes?: {
                [key: string]: unknown;
            };
            traceparent?: string;
            version?: string;
            /**
             * @description Milliseconds, or a text such as 30 minutes.
             * @example 60000
             * @example 30 minutes
             */
            executionTimeout?: number | string;
            /**
             * @description Milliseconds, or a text such as 30 minutes.
             * @example 60000
             * @example 30 minutes
             */
            runTimeout?: number | string;
            /**
             * @description Milliseconds, or a text such as 30 minutes.
             * @example 60000
             * @example 30 minutes
             */
            startDelay?: number | string;
            /** @description The same one starts once. Absent: the Idempotency-Key. */
            requestId?: string;
            /** @description Of a start whose large payloads were stored before: fresh, as target answered it. */
            runId?: string;
            signal?: {
                name: string;
                /** @description JSON of at most 128 KiB. What JSON has no form for is an object with $type, such as a Date. */
                payload?: unknown;
                signalId?: string;
            };
        };
        BatchOfStarts: {
            starts: components["schemas"]["BatchStart"][];
        };
        Call: {
            /**
             * @description By its operationId.
             * @enum {string}
             */
            operation: "startWorkflow" | "workflowResult" | "cancelWorkflow" | "terminateWorkflow" | "pauseWorkflow" | "resumeWorkflow" | "signalWorkflow" | "queryWorkflow" | "updateWorkflow" | "updateResult";
            /** @description Those of its path. */
            params?: {
                [key: string]: unknown;
            };
            /** @description Numbers and booleans may be such, too. The namespace is that of the request. */
            query?: {
                [key: string]: unknown;
            };
            body?: unknown;
        };
        CallAnswer: {
            /** @description Of the call in the request, from 0. */
            place: number;
            problem: components["schemas"]["Problem"];
        } | {
            /** @description Of the call in the request, from 0. */
            place: number;
            value?: unknown;
        };
        Calls: {
            calls: components["schemas"]["Call"][];
        };
        ChangeEvent: {
            type: string;
            workflowId: string;
            runId?: string;
            sequence?: number;
        } & {
            [key: string]: unknown;
        };
        EventPage: {
            events: components["schemas"]["ChangeEvent"][];
            position: string;
            more: boolean;
        };
        RunEventPage: {
            events: components["schemas"]["ChangeEvent"][];
            next?: {
                runId: string;
                fromEvent: number;
            };
        };
        ServerSentEvent: {
            event: string;
            data: string;
            id?: string;
        };
        HealthRequest: {
            shard: number;
            cursor?: string;
            /** @description Mend what can be mended. */
            repair?: boolean;
        };
        Health: {
            shards: number;
            findings: {
                code: string;
                workflowId?: string;
                runId?: string;
                what: string;
                repaired?: boolean;
            }[];
            runs: number;
            events: number;
            cursor?: string;
        };
        Filter: {
            status?: ("running" | "paused" | "completed" | "failed" | "cancelled" | "terminated" | "timed_out" | "continued_as_new")[] | ("running" | "paused" | "completed" | "failed" | "cancelled" | "terminated" | "timed_out" | "continued_as_new");
            taskQueue?: string;
            workflowType?: string;
            idPrefix?: string;
            /** @description Epoch milliseconds, or an ISO 8601 text. */
            startedAfter?: number | string;
            /** @description Epoch milliseconds, or an ISO 8601 text. */
            startedBefore?: number | string;
            /** @description Epoch milliseconds, or an ISO 8601 text. */
            closedAfter?: number | string;
            /** @description Epoch milliseconds, or an ISO 8601 text. */
            closedBefore?: number | string;
            tiers?: ("hot" | "warm" | "cold")[] | ("hot" | "warm" | "cold");
            /** @enum {string} */
            orderBy?: "startedAt" | "-startedAt" | "closedAt" | "-closedAt";
            /** @description Runs of a page at most. Absent: 100. */
            limit?: number | string;
            /** @description nextCursor of the page before. */
            cursor?: string;
            searchAttributes?: {
                [key: string]: unknown;
            };
        };
        BulkAction: ("cancel" | "terminate" | "pause" | "resume") | {
            signal: string;
            /** @description JSON of at most 128 KiB. What JSON has no form for is an object with $type, such as a Date. */
            payload?: unknown;
            signalId?: string;
        };
        BulkProgress: {
            matched: number;
            done: number;
            failed: number;
            errors?: {
                workflowId: string;
                runId: string;
                problem: components["schemas"]["Problem"];
            }[];
            /** @description Where a request goes on that is sent after this one. */
            cursor?: string;
        };
        Bulk: {
            filter: components["schemas"]["Filter"];
            action: components["schemas"]["BulkAction"];
            reason?: string;
        };
        ArchiveLease: {
            fence: number;
            heldUntil: number | null;
            beganAt: number | null;
            endedAt: number | null;
        };
        TaskQueueStats: {
            pending: number;
            running: number;
            delayed: number;
            /** @description Epoch milliseconds. */
            oldestDueAt?: number;
        };
        ShardArchiveStats: {
            warmRuns: number;
            coldRuns: number;
            lastBatch: number;
            cooledBatch: number;
            openBatches: number;
            waiting: {
                batches: number;
                runs: number;
                bytes: number;
                /** @description Epoch milliseconds. */
                since?: number;
            };
            heldRuns: number;
            pendingDeletions: number;
            garbageKeys: number;
        };
        ShardStats: {
            shard: number;
            /** @description Epoch milliseconds. */
            since: number;
            runs: {
                [key: string]: number;
            };
            openRuns: number;
            blockedRuns: number;
            liveRuns: number;
            databaseBytes: number;
            turns: number;
            turnDurations?: {
                counts: number[];
                sumMs: number;
            };
            rowsWritten: number;
            inputsWaiting: number;
            refused: number;
            sequence: number;
            cdcLag: number | null;
            events: {
                [key: string]: number;
            };
            taskQueues: {
                [key: string]: components["schemas"]["TaskQueueStats"];
            };
            archive: components["schemas"]["ShardArchiveStats"];
        };
        Stats: {
            namespace: string;
            runs: {
                [key: string]: number;
            };
            blockedRuns: number;
            taskQueues: {
                [key: string]: components["schemas"]["TaskQueueStats"];
            };
            tiers: {
                hot: number;
                warm: number;
                cold: number;
            };
            archiver: {
                fence: number;
                heldUntil: number | null;
                beganAt: number | null;
                endedAt: number | null;
                waiting: {
                    batches: number;
                    runs: number;
                    bytes: number;
                    /** @description Epoch milliseconds. */
                    since?: number;
                };
                heldRuns: number;
            };
            shards: components["schemas"]["ShardStats"][];
        };
        ArchiveTable: {
            name: string;
            location: string;
            /** @description Epoch milliseconds. */
            updatedAt: number;
            records: number;
            bytes: number;
            fileCount: number;
            files: {
                location: string;
                day?: string;
                records: number;
                bytes: number;
            }[];
            snapshots: {
                snapshotId: string;
                /** @description Epoch milliseconds. */
                committedAt: number;
                operation: string;
                current: boolean;
                summary: {
                    [key: string]: string;
                };
            }[];
            properties: {
                [key: string]: string;
            };
        };
        Archive: {
            /** @description Those that exist; null where the scheduler has no binding ARCHIVE_SERVICE. */
            tables: components["schemas"]["ArchiveTable"][] | null;
            archiver: components["schemas"]["ArchiveLease"];
            shards: (components["schemas"]["ShardArchiveStats"] & {
                shard: number;
            })[];
            /** @description Whether it can be asked by SQL here. */
            sql: boolean;
        };
        SqlResult: {
            columns: {
                name: string;
                type: string;
            }[];
            rows: unknown[][];
            /** @description There are more rows than these. */
            truncated: boolean;
            tookMs: number;
        };
        Sql: {
            statement: string;
        };
        CreateSchedule: {
            /** @description Absent: the scheduleId. */
            workflowId?: string;
            workflowType: string;
            taskQueue?: string;
            /** @description JSON of at most 128 KiB. What JSON has no form for is an object with $type, such as a Date. */
            input?: unknown;
            /**
             * @description When runs of the id are closed. Absent: allow.
             * @enum {string}
             */
            idReuse?: "allow" | "allow-failed-only" | "reject";
            /**
             * @description When a run of the id is open. Absent: fail, or use-existing with a signal.
             * @enum {string}
             */
            idConflict?: "fail" | "use-existing" | "terminate-existing";
            priority?: number;
            retry?: {
                [key: string]: unknown;
            };
            memo?: {
                [key: string]: unknown;
            };
            searchAttributes?: {
                [key: string]: unknown;
            };
            traceparent?: string;
            version?: string;
            /**
             * @description Milliseconds, or a text such as 30 minutes.
             * @example 60000
             * @example 30 minutes
             */
            executionTimeout?: number | string;
            /**
             * @description Milliseconds, or a text such as 30 minutes.
             * @example 60000
             * @example 30 minutes
             */
            runTimeout?: number | string;
            /**
             * @description Milliseconds, or a text such as 30 minutes.
             * @example 60000
             * @example 30 minutes
             */
            startDelay?: number | string;
            scheduleId: string;
            spec: components["schemas"]["ScheduleSpec"];
            policy?: components["schemas"]["SchedulePolicy"];
            paused?: boolean;
            note?: string;
            /** @description The same one counts once. Absent: the Idempotency-Key. */
            requestId?: string;
        };
        UpdateSchedule: {
            spec?: components["schemas"]["ScheduleSpec"];
            policy?: components["schemas"]["SchedulePolicy"];
            /** @description JSON of at most 128 KiB. What JSON has no form for is an object with $type, such as a Date. */
            input?: unknown;
            /** @description The same one counts once. Absent: the Idempotency-Key. */
            requestId?: string;
        };
        PauseSchedule: {
            note?: string;
            /** @description The same one counts once. Absent: the Idempotency-Key. */
            requestId?: string;
        };
        UnpauseSchedule: {
            note?: string;
            /** @description The same one counts once. Absent: the Idempotency-Key. */
            requestId?: string;
        };
        TriggerSchedule: {
            /** @description The same one counts once. Absent: the Idempotency-Key. */
            requestId?: string;
        };
        BackfillSchedule: {
            ranges: {
                /** @description Epoch milliseconds, or an ISO 8601 text. */
                from: number | string;
                /** @description Epoch milliseconds, or an ISO 8601 text. */
                to: number | string;
            }[];
            /** @description The same one counts once. Absent: the Idempotency-Key. */
            requestId?: string;
        };
        PulledTask: {
            task: {
                workflowId: string;
                runId: string;
                seq: number;
                attempt: number;
                activityType: string;
                /** @description JSON of at most 128 KiB. What JSON has no form for is an object with $type, such as a Date. */
                input?: unknown;
            } & {
                [key: string]: unknown;
            };
            grant: {
                attempt: number;
                /** @description JSON of at most 128 KiB. What JSON has no form for is an object with $type, such as a Date. */
                input?: unknown;
                deadlineAt: number;
                startToCloseMs: number;
                taskToken?: string;
            } & {
                [key: string]: unknown;
            };
        };
        Poll: {
            claimId: string;
            poller: string;
            limit: number;
            waitMs: number;
            again?: boolean;
        };
        Renew: {
            v: number;
            to: {
                namespace: string;
                shard: number;
                shards: number;
            };
            claimId: string;
            tasks: {
                runId: string;
                seq: number;
                attempt: number;
                heartbeat?: {
                    /** @description JSON of at most 128 KiB. What JSON has no form for is an object with $type, such as a Date. */
                    details?: unknown;
                };
            }[];
        };
        Settle: {
            v: number;
            to: {
                namespace: string;
                shard: number;
                shards: number;
            };
            claimId: string;
            tasks: {
                runId: string;
                seq: number;
                attempt: number;
                outcome: {
                    /** @constant */
                    kind: "completed";
                    /** @description JSON of at most 128 KiB. What JSON has no form for is an object with $type, such as a Date. */
                    result?: unknown;
                } | {
                    /** @constant */
                    kind: "failed";
                    error: components["schemas"]["SerializedError"];
                } | {
                    /** @constant */
                    kind: "cancelled";
                } | {
                    /** @constant */
                    kind: "given_back";
                } | {
                    /** @constant */
                    kind: "handed_over";
                };
                heartbeat?: {
                    /** @description JSON of at most 128 KiB. What JSON has no form for is an object with $type, such as a Date. */
                    details?: unknown;
                };
            }[];
        };
    };
    responses: {
        /** @description What was sent is not what it must be; `path` says where. */
        Problem400: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description Nobody who is known sent it. */
        Problem401: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description The scope of the token does not suffice. */
        Problem403: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description What it names is not there. */
        Problem404: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description What it names is not in a state for it. */
        Problem409: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description It is too large. */
        Problem413: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description It was not taken, and may be sent again: `retryAfterMs` says when. Or the scheduler lacks a binding. */
        Problem503: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description An error that the log of the Worker has. */
        Problemdefault: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
    };
    parameters: never;
    requestBodies: never;
    headers: never;
    pathItems: never;
}
export type $defs = Record<string, never>;
export interface operations {
    listWorkflows: {
        parameters: {
            query?: {
                status?: ("running" | "paused" | "completed" | "failed" | "cancelled" | "terminated" | "timed_out" | "continued_as_new")[] | ("running" | "paused" | "completed" | "failed" | "cancelled" | "terminated" | "timed_out" | "continued_as_new");
                taskQueue?: string;
                workflowType?: string;
                idPrefix?: string;
                /** @description Epoch milliseconds, or an ISO 8601 text. */
                startedAfter?: number | string;
                /** @description Epoch milliseconds, or an ISO 8601 text. */
                startedBefore?: number | string;
                /** @description Epoch milliseconds, or an ISO 8601 text. */
                closedAfter?: number | string;
                /** @description Epoch milliseconds, or an ISO 8601 text. */
                closedBefore?: number | string;
                tiers?: ("hot" | "warm" | "cold")[] | ("hot" | "warm" | "cold");
                /** @description Equal values by name, as JSON; null: that it is not set. */
                searchAttributes?: string;
                orderBy?: "startedAt" | "-startedAt" | "closedAt" | "-closedAt";
                /** @description Runs of a page at most. Absent: 100. */
                limit?: number | string;
                /** @description nextCursor of the page before. */
                cursor?: string;
                /** @description Absent: default. */
                namespace?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description What was asked for. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RunPage"];
                };
            };
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            404: components["responses"]["Problem404"];
            409: components["responses"]["Problem409"];
            413: components["responses"]["Problem413"];
            503: components["responses"]["Problem503"];
            default: components["responses"]["Problemdefault"];
        };
    };
    startWorkflow: {
        parameters: {
            query?: {
                /** @description Absent: default. */
                namespace?: string;
            };
            header?: {
                /** @description Stands for the id that the body does not name: sent twice, the request counts once. */
                "Idempotency-Key"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "workflowType": "order",
                 *       "workflowId": "order-7",
                 *       "input": {
                 *         "productId": "p-1",
                 *         "quantity": 2
                 *       }
                 *     }
                 */
                "application/json": components["schemas"]["Start"];
            };
        };
        responses: {
            /** @description What was asked for. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Started"];
                };
            };
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            404: components["responses"]["Problem404"];
            409: components["responses"]["Problem409"];
            413: components["responses"]["Problem413"];
            503: components["responses"]["Problem503"];
            default: components["responses"]["Problemdefault"];
        };
    };
    startWorkflows: {
        parameters: {
            query?: {
                /** @description Absent: default. */
                namespace?: string;
            };
            header?: {
                /** @description Stands for the id that the body does not name: sent twice, the request counts once. */
                "Idempotency-Key"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "starts": [
                 *         {
                 *           "workflowType": "order",
                 *           "workflowId": "order-7"
                 *         },
                 *         {
                 *           "workflowType": "order"
                 *         }
                 *       ]
                 *     }
                 */
                "application/json": components["schemas"]["BatchOfStarts"];
            };
        };
        responses: {
            /** @description What was asked for. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": (components["schemas"]["Started"] | {
                        workflowId: string;
                        problem: components["schemas"]["Problem"];
                    })[];
                };
            };
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            404: components["responses"]["Problem404"];
            409: components["responses"]["Problem409"];
            413: components["responses"]["Problem413"];
            503: components["responses"]["Problem503"];
            default: components["responses"]["Problemdefault"];
        };
    };
    workflowTarget: {
        parameters: {
            query?: {
                /** @description This run, and no other. Absent: the latest of the workflow id. */
                runId?: string;
                /** @description The latest run of the chain that began with this one. */
                firstRunId?: string;
                /** @description Absent: default. */
                namespace?: string;
            };
            header?: never;
            path: {
                workflowId: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description What was asked for. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Target"];
                };
            };
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            404: components["responses"]["Problem404"];
            409: components["responses"]["Problem409"];
            413: components["responses"]["Problem413"];
            503: components["responses"]["Problem503"];
            default: components["responses"]["Problemdefault"];
        };
    };
    countWorkflows: {
        parameters: {
            query?: {
                status?: ("running" | "paused" | "completed" | "failed" | "cancelled" | "terminated" | "timed_out" | "continued_as_new")[] | ("running" | "paused" | "completed" | "failed" | "cancelled" | "terminated" | "timed_out" | "continued_as_new");
                taskQueue?: string;
                workflowType?: string;
                idPrefix?: string;
                /** @description Epoch milliseconds, or an ISO 8601 text. */
                startedAfter?: number | string;
                /** @description Epoch milliseconds, or an ISO 8601 text. */
                startedBefore?: number | string;
                /** @description Epoch milliseconds, or an ISO 8601 text. */
                closedAfter?: number | string;
                /** @description Epoch milliseconds, or an ISO 8601 text. */
                closedBefore?: number | string;
                tiers?: ("hot" | "warm" | "cold")[] | ("hot" | "warm" | "cold");
                /** @description Equal values by name, as JSON; null: that it is not set. */
                searchAttributes?: string;
                groupBy?: "status" | "workflowType" | "taskQueue";
                /** @description Absent: default. */
                namespace?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description What was asked for. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RunCount"];
                };
            };
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            404: components["responses"]["Problem404"];
            409: components["responses"]["Problem409"];
            413: components["responses"]["Problem413"];
            503: components["responses"]["Problem503"];
            default: components["responses"]["Problemdefault"];
        };
    };
    bulkWorkflows: {
        parameters: {
            query?: {
                /** @description Absent: default. */
                namespace?: string;
            };
            header?: {
                /** @description Stands for the id that the body does not name: sent twice, the request counts once. */
                "Idempotency-Key"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "filter": {
                 *         "workflowType": "order"
                 *       },
                 *       "action": "cancel",
                 *       "reason": "recalled"
                 *     }
                 */
                "application/json": components["schemas"]["Bulk"];
            };
        };
        responses: {
            /** @description What was asked for. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/x-ndjson": components["schemas"]["BulkProgress"] | {
                        problem: components["schemas"]["Problem"];
                    };
                };
            };
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            404: components["responses"]["Problem404"];
            409: components["responses"]["Problem409"];
            413: components["responses"]["Problem413"];
            503: components["responses"]["Problem503"];
            default: components["responses"]["Problemdefault"];
        };
    };
    describeWorkflow: {
        parameters: {
            query?: {
                /** @description This run, and no other. Absent: the latest of the workflow id. */
                runId?: string;
                /** @description The latest run of the chain that began with this one. */
                firstRunId?: string;
                /** @description Say of what it waits for where the code called it. */
                callSites?: boolean;
                /** @description Absent: default. */
                namespace?: string;
            };
            header?: never;
            path: {
                workflowId: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description What was asked for. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RunDescription"];
                };
            };
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            404: components["responses"]["Problem404"];
            409: components["responses"]["Problem409"];
            413: components["responses"]["Problem413"];
            503: components["responses"]["Problem503"];
            default: components["responses"]["Problemdefault"];
        };
    };
    workflowHistory: {
        parameters: {
            query?: {
                /** @description This run, and no other. Absent: the latest of the workflow id. */
                runId?: string;
                /** @description The latest run of the chain that began with this one. */
                firstRunId?: string;
                /** @description The first event. Absent: 1. */
                fromEvent?: number | string;
                /** @description Absent: default. */
                namespace?: string;
            };
            header?: never;
            path: {
                workflowId: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description What was asked for. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["HistoryPage"];
                };
            };
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            404: components["responses"]["Problem404"];
            409: components["responses"]["Problem409"];
            413: components["responses"]["Problem413"];
            503: components["responses"]["Problem503"];
            default: components["responses"]["Problemdefault"];
        };
    };
    replayWorkflow: {
        parameters: {
            query?: {
                /** @description This run, and no other. Absent: the latest of the workflow id. */
                runId?: string;
                /** @description The latest run of the chain that began with this one. */
                firstRunId?: string;
                /** @description Absent: default. */
                namespace?: string;
            };
            header?: never;
            path: {
                workflowId: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description What was asked for. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Replayed"];
                };
            };
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            404: components["responses"]["Problem404"];
            409: components["responses"]["Problem409"];
            413: components["responses"]["Problem413"];
            503: components["responses"]["Problem503"];
            default: components["responses"]["Problemdefault"];
        };
    };
    workflowResult: {
        parameters: {
            query?: {
                /** @description This run, and no other. Absent: the latest of the workflow id. */
                runId?: string;
                /** @description The latest run of the chain that began with this one. */
                firstRunId?: string;
                /** @description How long to hold the call open, in milliseconds. Absent: 0. */
                waitMs?: number | string;
                /** @description Answer of the run that takes over from one that has ended. Absent: true, but for a runId. */
                follow?: boolean;
                /** @description Absent: default. */
                namespace?: string;
            };
            header?: never;
            path: {
                workflowId: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description What was asked for. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Result"];
                };
            };
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            404: components["responses"]["Problem404"];
            409: components["responses"]["Problem409"];
            413: components["responses"]["Problem413"];
            503: components["responses"]["Problem503"];
            default: components["responses"]["Problemdefault"];
        };
    };
    cancelWorkflow: {
        parameters: {
            query?: {
                /** @description This run, and no other. Absent: the latest of the workflow id. */
                runId?: string;
                /** @description The latest run of the chain that began with this one. */
                firstRunId?: string;
                /** @description Absent: default. */
                namespace?: string;
            };
            header?: never;
            path: {
                workflowId: string;
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                /**
                 * @example {
                 *       "reason": "the customer called"
                 *     }
                 */
                "application/json": components["schemas"]["Reason"];
            };
        };
        responses: {
            /** @description Done. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            404: components["responses"]["Problem404"];
            409: components["responses"]["Problem409"];
            413: components["responses"]["Problem413"];
            503: components["responses"]["Problem503"];
            default: components["responses"]["Problemdefault"];
        };
    };
    terminateWorkflow: {
        parameters: {
            query?: {
                /** @description This run, and no other. Absent: the latest of the workflow id. */
                runId?: string;
                /** @description The latest run of the chain that began with this one. */
                firstRunId?: string;
                /** @description Absent: default. */
                namespace?: string;
            };
            header?: never;
            path: {
                workflowId: string;
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                /**
                 * @example {
                 *       "reason": "the customer called"
                 *     }
                 */
                "application/json": components["schemas"]["Reason"];
            };
        };
        responses: {
            /** @description Done. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            404: components["responses"]["Problem404"];
            409: components["responses"]["Problem409"];
            413: components["responses"]["Problem413"];
            503: components["responses"]["Problem503"];
            default: components["responses"]["Problemdefault"];
        };
    };
    pauseWorkflow: {
        parameters: {
            query?: {
                /** @description This run, and no other. Absent: the latest of the workflow id. */
                runId?: string;
                /** @description The latest run of the chain that began with this one. */
                firstRunId?: string;
                /** @description Absent: default. */
                namespace?: string;
            };
            header?: never;
            path: {
                workflowId: string;
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                /**
                 * @example {
                 *       "reason": "the customer called"
                 *     }
                 */
                "application/json": components["schemas"]["Reason"];
            };
        };
        responses: {
            /** @description Done. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            404: components["responses"]["Problem404"];
            409: components["responses"]["Problem409"];
            413: components["responses"]["Problem413"];
            503: components["responses"]["Problem503"];
            default: components["responses"]["Problemdefault"];
        };
    };
    resumeWorkflow: {
        parameters: {
            query?: {
                /** @description This run, and no other. Absent: the latest of the workflow id. */
                runId?: string;
                /** @description The latest run of the chain that began with this one. */
                firstRunId?: string;
                /** @description Absent: default. */
                namespace?: string;
            };
            header?: never;
            path: {
                workflowId: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            404: components["responses"]["Problem404"];
            409: components["responses"]["Problem409"];
            413: components["responses"]["Problem413"];
            503: components["responses"]["Problem503"];
            default: components["responses"]["Problemdefault"];
        };
    };
    resetWorkflow: {
        parameters: {
            query?: {
                /** @description This run, and no other. Absent: the latest of the workflow id. */
                runId?: string;
                /** @description The latest run of the chain that began with this one. */
                firstRunId?: string;
                /** @description Absent: default. */
                namespace?: string;
            };
            header?: {
                /** @description Stands for the id that the body does not name: sent twice, the request counts once. */
                "Idempotency-Key"?: string;
            };
            path: {
                workflowId: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "toActivity": "chargeCard",
                 *       "reason": "the card was charged the wrong amount"
                 *     }
                 */
                "application/json": components["schemas"]["Reset"];
            };
        };
        responses: {
            /** @description What was asked for. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["NewRun"];
                };
            };
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            404: components["responses"]["Problem404"];
            409: components["responses"]["Problem409"];
            413: components["responses"]["Problem413"];
            503: components["responses"]["Problem503"];
            default: components["responses"]["Problemdefault"];
        };
    };
    deleteRun: {
        parameters: {
            query?: {
                /** @description Absent: default. */
                namespace?: string;
            };
            header?: never;
            path: {
                workflowId: string;
                runId: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description What was asked for. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Deleted"];
                };
            };
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            404: components["responses"]["Problem404"];
            409: components["responses"]["Problem409"];
            413: components["responses"]["Problem413"];
            503: components["responses"]["Problem503"];
            default: components["responses"]["Problemdefault"];
        };
    };
    signalWorkflow: {
        parameters: {
            query?: {
                /** @description This run, and no other. Absent: the latest of the workflow id. */
                runId?: string;
                /** @description The latest run of the chain that began with this one. */
                firstRunId?: string;
                /** @description Absent: default. */
                namespace?: string;
            };
            header?: {
                /** @description Stands for the id that the body does not name: sent twice, the request counts once. */
                "Idempotency-Key"?: string;
            };
            path: {
                workflowId: string;
                name: string;
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                /**
                 * @example {
                 *       "payload": {
                 *         "paidWith": "card"
                 *       }
                 *     }
                 */
                "application/json": components["schemas"]["Signal"];
            };
        };
        responses: {
            /** @description Done. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            404: components["responses"]["Problem404"];
            409: components["responses"]["Problem409"];
            413: components["responses"]["Problem413"];
            503: components["responses"]["Problem503"];
            default: components["responses"]["Problemdefault"];
        };
    };
    queryWorkflow: {
        parameters: {
            query?: {
                /** @description This run, and no other. Absent: the latest of the workflow id. */
                runId?: string;
                /** @description The latest run of the chain that began with this one. */
                firstRunId?: string;
                /** @description Absent: default. */
                namespace?: string;
            };
            header?: never;
            path: {
                workflowId: string;
                name: string;
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                /**
                 * @example {
                 *       "args": []
                 *     }
                 */
                "application/json": components["schemas"]["Query"];
            };
        };
        responses: {
            /** @description What was asked for. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": unknown;
                };
            };
            /** @description Done. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            404: components["responses"]["Problem404"];
            409: components["responses"]["Problem409"];
            413: components["responses"]["Problem413"];
            503: components["responses"]["Problem503"];
            default: components["responses"]["Problemdefault"];
        };
    };
    updateWorkflow: {
        parameters: {
            query?: {
                /** @description This run, and no other. Absent: the latest of the workflow id. */
                runId?: string;
                /** @description The latest run of the chain that began with this one. */
                firstRunId?: string;
                /** @description Absent: default. */
                namespace?: string;
            };
            header?: {
                /** @description Stands for the id that the body does not name: sent twice, the request counts once. */
                "Idempotency-Key"?: string;
            };
            path: {
                workflowId: string;
                name: string;
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                /**
                 * @example {
                 *       "args": [
                 *         "express"
                 *       ],
                 *       "waitMs": 5000
                 *     }
                 */
                "application/json": components["schemas"]["UpdateRequest"];
            };
        };
        responses: {
            /** @description What was asked for. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Update"];
                };
            };
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            404: components["responses"]["Problem404"];
            409: components["responses"]["Problem409"];
            413: components["responses"]["Problem413"];
            503: components["responses"]["Problem503"];
            default: components["responses"]["Problemdefault"];
        };
    };
    updateResult: {
        parameters: {
            query?: {
                /** @description This run, and no other. Absent: the latest of the workflow id. */
                runId?: string;
                /** @description The latest run of the chain that began with this one. */
                firstRunId?: string;
                /** @description How long to hold the call open, in milliseconds. Absent: 0. */
                waitMs?: number | string;
                /** @description Absent: default. */
                namespace?: string;
            };
            header?: never;
            path: {
                workflowId: string;
                updateId: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description What was asked for. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Update"];
                };
            };
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            404: components["responses"]["Problem404"];
            409: components["responses"]["Problem409"];
            413: components["responses"]["Problem413"];
            503: components["responses"]["Problem503"];
            default: components["responses"]["Problemdefault"];
        };
    };
    listSchedules: {
        parameters: {
            query?: {
                /** @description Schedules of a page at most. Absent: 50. */
                limit?: number | string;
                /** @description nextCursor of the page before. */
                cursor?: string;
                /** @description Absent: default. */
                namespace?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description What was asked for. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SchedulePage"];
                };
            };
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            404: components["responses"]["Problem404"];
            409: components["responses"]["Problem409"];
            413: components["responses"]["Problem413"];
            503: components["responses"]["Problem503"];
            default: components["responses"]["Problemdefault"];
        };
    };
    createSchedule: {
        parameters: {
            query?: {
                /** @description Absent: default. */
                namespace?: string;
            };
            header?: {
                /** @description Stands for the id that the body does not name: sent twice, the request counts once. */
                "Idempotency-Key"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "scheduleId": "nightly",
                 *       "spec": {
                 *         "cron": "0 3 * * *"
                 *       },
                 *       "workflowType": "report"
                 *     }
                 */
                "application/json": components["schemas"]["CreateSchedule"];
            };
        };
        responses: {
            /** @description Done. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            404: components["responses"]["Problem404"];
            409: components["responses"]["Problem409"];
            413: components["responses"]["Problem413"];
            503: components["responses"]["Problem503"];
            default: components["responses"]["Problemdefault"];
        };
    };
    describeSchedule: {
        parameters: {
            query?: {
                /** @description Absent: default. */
                namespace?: string;
            };
            header?: never;
            path: {
                scheduleId: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description What was asked for. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ScheduleDescription"];
                };
            };
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            404: components["responses"]["Problem404"];
            409: components["responses"]["Problem409"];
            413: components["responses"]["Problem413"];
            503: components["responses"]["Problem503"];
            default: components["responses"]["Problemdefault"];
        };
    };
    deleteSchedule: {
        parameters: {
            query?: {
                /** @description The same one counts once. Absent: the Idempotency-Key. */
                requestId?: string;
                /** @description Absent: default. */
                namespace?: string;
            };
            header?: {
                /** @description Stands for the id that the body does not name: sent twice, the request counts once. */
                "Idempotency-Key"?: string;
            };
            path: {
                scheduleId: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            404: components["responses"]["Problem404"];
            409: components["responses"]["Problem409"];
            413: components["responses"]["Problem413"];
            503: components["responses"]["Problem503"];
            default: components["responses"]["Problemdefault"];
        };
    };
    updateSchedule: {
        parameters: {
            query?: {
                /** @description Absent: default. */
                namespace?: string;
            };
            header?: {
                /** @description Stands for the id that the body does not name: sent twice, the request counts once. */
                "Idempotency-Key"?: string;
            };
            path: {
                scheduleId: string;
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                /**
                 * @example {
                 *       "spec": {
                 *         "every": "1 hour"
                 *       }
                 *     }
                 */
                "application/json": components["schemas"]["UpdateSchedule"];
            };
        };
        responses: {
            /** @description Done. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            404: components["responses"]["Problem404"];
            409: components["responses"]["Problem409"];
            413: components["responses"]["Problem413"];
            503: components["responses"]["Problem503"];
            default: components["responses"]["Problemdefault"];
        };
    };
    pauseSchedule: {
        parameters: {
            query?: {
                /** @description Absent: default. */
                namespace?: string;
            };
            header?: {
                /** @description Stands for the id that the body does not name: sent twice, the request counts once. */
                "Idempotency-Key"?: string;
            };
            path: {
                scheduleId: string;
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                /**
                 * @example {
                 *       "note": "until the stock is counted"
                 *     }
                 */
                "application/json": components["schemas"]["PauseSchedule"];
            };
        };
        responses: {
            /** @description Done. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            404: components["responses"]["Problem404"];
            409: components["responses"]["Problem409"];
            413: components["responses"]["Problem413"];
            503: components["responses"]["Problem503"];
            default: components["responses"]["Problemdefault"];
        };
    };
    unpauseSchedule: {
        parameters: {
            query?: {
                /** @description Absent: default. */
                namespace?: string;
            };
            header?: {
                /** @description Stands for the id that the body does not name: sent twice, the request counts once. */
                "Idempotency-Key"?: string;
            };
            path: {
                scheduleId: string;
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                /**
                 * @example {
                 *       "note": "until the stock is counted"
                 *     }
                 */
                "application/json": components["schemas"]["UnpauseSchedule"];
            };
        };
        responses: {
            /** @description Done. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            404: components["responses"]["Problem404"];
            409: components["responses"]["Problem409"];
            413: components["responses"]["Problem413"];
            503: components["responses"]["Problem503"];
            default: components["responses"]["Problemdefault"];
        };
    };
    triggerSchedule: {
        parameters: {
            query?: {
                /** @description Absent: default. */
                namespace?: string;
            };
            header?: {
                /** @description Stands for the id that the body does not name: sent twice, the request counts once. */
                "Idempotency-Key"?: string;
            };
            path: {
                scheduleId: string;
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": components["schemas"]["TriggerSchedule"];
            };
        };
        responses: {
            /** @description Done. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            404: components["responses"]["Problem404"];
            409: components["responses"]["Problem409"];
            413: components["responses"]["Problem413"];
            503: components["responses"]["Problem503"];
            default: components["responses"]["Problemdefault"];
        };
    };
    backfillSchedule: {
        parameters: {
            query?: {
                /** @description Absent: default. */
                namespace?: string;
            };
            header?: {
                /** @description Stands for the id that the body does not name: sent twice, the request counts once. */
                "Idempotency-Key"?: string;
            };
            path: {
                scheduleId: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "ranges": [
                 *         {
                 *           "from": "2026-01-01T00:00:00Z",
                 *           "to": "2026-01-02T00:00:00Z"
                 *         }
                 *       ]
                 *     }
                 */
                "application/json": components["schemas"]["BackfillSchedule"];
            };
        };
        responses: {
            /** @description Done. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            404: components["responses"]["Problem404"];
            409: components["responses"]["Problem409"];
            413: components["responses"]["Problem413"];
            503: components["responses"]["Problem503"];
            default: components["responses"]["Problemdefault"];
        };
    };
    completeActivity: {
        parameters: {
            query?: {
                /** @description Absent: default. */
                namespace?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "taskToken": "WyJkZWZhdWx0Ii…",
                 *       "result": {
                 *         "approvedBy": "ada"
                 *       }
                 *     }
                 */
                "application/json": components["schemas"]["CompleteActivity"];
            };
        };
        responses: {
            /** @description Done. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            404: components["responses"]["Problem404"];
            409: components["responses"]["Problem409"];
            413: components["responses"]["Problem413"];
            503: components["responses"]["Problem503"];
            default: components["responses"]["Problemdefault"];
        };
    };
    failActivity: {
        parameters: {
            query?: {
                /** @description Absent: default. */
                namespace?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "taskToken": "WyJkZWZhdWx0Ii…",
                 *       "error": {
                 *         "name": "Error",
                 *         "message": "the printer is on fire",
                 *         "code": "application_error"
                 *       }
                 *     }
                 */
                "application/json": components["schemas"]["FailActivity"];
            };
        };
        responses: {
            /** @description Done. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            404: components["responses"]["Problem404"];
            409: components["responses"]["Problem409"];
            413: components["responses"]["Problem413"];
            503: components["responses"]["Problem503"];
            default: components["responses"]["Problemdefault"];
        };
    };
    heartbeatActivity: {
        parameters: {
            query?: {
                /** @description Absent: default. */
                namespace?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "taskToken": "WyJkZWZhdWx0Ii…",
                 *       "details": {
                 *         "page": 3
                 *       }
                 *     }
                 */
                "application/json": components["schemas"]["HeartbeatActivity"];
            };
        };
        responses: {
            /** @description What was asked for. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Heartbeat"];
                };
            };
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            404: components["responses"]["Problem404"];
            409: components["responses"]["Problem409"];
            413: components["responses"]["Problem413"];
            503: components["responses"]["Problem503"];
            default: components["responses"]["Problemdefault"];
        };
    };
    pollTaskQueue: {
        parameters: {
            query?: {
                /** @description Absent: default. */
                namespace?: string;
            };
            header?: never;
            path: {
                taskQueue: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "claimId": "c-1",
                 *       "poller": "p-1",
                 *       "limit": 10,
                 *       "waitMs": 20000
                 *     }
                 */
                "application/json": components["schemas"]["Poll"];
            };
        };
        responses: {
            /** @description What was asked for. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PulledTask"][];
                };
            };
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            404: components["responses"]["Problem404"];
            409: components["responses"]["Problem409"];
            413: components["responses"]["Problem413"];
            503: components["responses"]["Problem503"];
            default: components["responses"]["Problemdefault"];
        };
    };
    renewTasks: {
        parameters: {
            query?: {
                /** @description Absent: default. */
                namespace?: string;
            };
            header?: never;
            path: {
                taskQueue: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "claimId": "c-1",
                 *       "to": {
                 *         "namespace": "default",
                 *         "shard": 0,
                 *         "shards": 8
                 *       },
                 *       "v": 1,
                 *       "tasks": [
                 *         {
                 *           "runId": "01KB9Z6E9MZ4X5T0W1V2Y3N8QP",
                 *           "seq": 1,
                 *           "attempt": 1
                 *         }
                 *       ]
                 *     }
                 */
                "application/json": components["schemas"]["Renew"];
            };
        };
        responses: {
            /** @description What was asked for. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        cancel: boolean;
                        superseded: boolean;
                    }[];
                };
            };
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            404: components["responses"]["Problem404"];
            409: components["responses"]["Problem409"];
            413: components["responses"]["Problem413"];
            503: components["responses"]["Problem503"];
            default: components["responses"]["Problemdefault"];
        };
    };
    settleTasks: {
        parameters: {
            query?: {
                /** @description Absent: default. */
                namespace?: string;
            };
            header?: never;
            path: {
                taskQueue: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "claimId": "c-1",
                 *       "to": {
                 *         "namespace": "default",
                 *         "shard": 0,
                 *         "shards": 8
                 *       },
                 *       "v": 1,
                 *       "tasks": [
                 *         {
                 *           "runId": "01KB9Z6E9MZ4X5T0W1V2Y3N8QP",
                 *           "seq": 1,
                 *           "attempt": 1,
                 *           "outcome": {
                 *             "kind": "completed",
                 *             "result": 42
                 *           }
                 *         }
                 *       ]
                 *     }
                 */
                "application/json": components["schemas"]["Settle"];
            };
        };
        responses: {
            /** @description What was asked for. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": ({
                        ok: boolean;
                    } & {
                        [key: string]: unknown;
                    })[];
                };
            };
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            404: components["responses"]["Problem404"];
            409: components["responses"]["Problem409"];
            413: components["responses"]["Problem413"];
            503: components["responses"]["Problem503"];
            default: components["responses"]["Problemdefault"];
        };
    };
    callMany: {
        parameters: {
            query?: {
                /** @description Absent: default. */
                namespace?: string;
            };
            header?: {
                /** @description Stands for the id that the body does not name: sent twice, the request counts once. */
                "Idempotency-Key"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "calls": [
                 *         {
                 *           "operation": "startWorkflow",
                 *           "body": {
                 *             "workflowType": "order",
                 *             "workflowId": "order-7"
                 *           }
                 *         },
                 *         {
                 *           "operation": "workflowResult",
                 *           "params": {
                 *             "workflowId": "order-6"
                 *           },
                 *           "query": {
                 *             "waitMs": 5000
                 *           }
                 *         }
                 *       ]
                 *     }
                 */
                "application/json": components["schemas"]["Calls"];
            };
        };
        responses: {
            /** @description What was asked for. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/x-ndjson": components["schemas"]["CallAnswer"];
                };
            };
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            404: components["responses"]["Problem404"];
            409: components["responses"]["Problem409"];
            413: components["responses"]["Problem413"];
            503: components["responses"]["Problem503"];
            default: components["responses"]["Problemdefault"];
        };
    };
    readPayload: {
        parameters: {
            query?: {
                /** @description Absent: default. */
                namespace?: string;
            };
            header?: never;
            path: {
                /** @description payload/<namespace>/<shard>/<run id>/<sha256> */
                key: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description What was asked for. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/octet-stream": string;
                };
            };
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            404: components["responses"]["Problem404"];
            409: components["responses"]["Problem409"];
            413: components["responses"]["Problem413"];
            503: components["responses"]["Problem503"];
            default: components["responses"]["Problemdefault"];
        };
    };
    storePayload: {
        parameters: {
            query?: {
                /** @description Absent: default. */
                namespace?: string;
            };
            header?: never;
            path: {
                /** @description payload/<namespace>/<shard>/<run id>/<sha256> */
                key: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/octet-stream": string;
            };
        };
        responses: {
            /** @description Done. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            404: components["responses"]["Problem404"];
            409: components["responses"]["Problem409"];
            413: components["responses"]["Problem413"];
            503: components["responses"]["Problem503"];
            default: components["responses"]["Problemdefault"];
        };
    };
    followEvents: {
        parameters: {
            query?: {
                /** @description This run, and no other. Absent: the latest of the workflow id. */
                runId?: string;
                /** @description The latest run of the chain that began with this one. */
                firstRunId?: string;
                /** @description Of this workflow. Absent: of the whole namespace. */
                workflowId?: string;
                /** @description The id of an event: those behind it. Of a namespace also now: what happens from now on. Absent: from the first, of a namespace from the oldest of its hot tier. The header Last-Event-ID goes before it. */
                after?: string;
                /** @description Whether to go on as events happen. Absent: true. */
                live?: boolean;
                /** @description Answer one page as JSON, and hold the call open for it so long, in milliseconds. Absent: a stream. */
                waitMs?: number | string;
                /** @description Of a page of the run named: from this event on. */
                fromEvent?: number | string;
                /** @description Of a page of a run: go on with the run that takes over. Absent: unless one run is named. */
                follow?: boolean;
                /** @description Absent: default. */
                namespace?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description What was asked for. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/event-stream": components["schemas"]["ServerSentEvent"];
                    "application/json": components["schemas"]["EventPage"] | components["schemas"]["RunEventPage"];
                };
            };
            /** @description Done. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            404: components["responses"]["Problem404"];
            409: components["responses"]["Problem409"];
            413: components["responses"]["Problem413"];
            503: components["responses"]["Problem503"];
            default: components["responses"]["Problemdefault"];
        };
    };
    namespaceStats: {
        parameters: {
            query?: {
                /** @description Absent: default. */
                namespace?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description What was asked for. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Stats"];
                };
            };
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            404: components["responses"]["Problem404"];
            409: components["responses"]["Problem409"];
            413: components["responses"]["Problem413"];
            503: components["responses"]["Problem503"];
            default: components["responses"]["Problemdefault"];
        };
    };
    archive: {
        parameters: {
            query?: {
                /** @description Absent: default. */
                namespace?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description What was asked for. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Archive"];
                };
            };
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            404: components["responses"]["Problem404"];
            409: components["responses"]["Problem409"];
            413: components["responses"]["Problem413"];
            503: components["responses"]["Problem503"];
            default: components["responses"]["Problemdefault"];
        };
    };
    archiveSql: {
        parameters: {
            query?: {
                /** @description Absent: default. */
                namespace?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "statement": "SELECT status, count(*) AS runs FROM all_executions GROUP BY ALL"
                 *     }
                 */
                "application/json": components["schemas"]["Sql"];
            };
        };
        responses: {
            /** @description What was asked for. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SqlResult"];
                };
            };
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            404: components["responses"]["Problem404"];
            409: components["responses"]["Problem409"];
            413: components["responses"]["Problem413"];
            503: components["responses"]["Problem503"];
            default: components["responses"]["Problemdefault"];
        };
    };
    metrics: {
        parameters: {
            query?: {
                /** @description Absent: default. */
                namespace?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description What was asked for. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/plain": string;
                };
            };
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            404: components["responses"]["Problem404"];
            409: components["responses"]["Problem409"];
            413: components["responses"]["Problem413"];
            503: components["responses"]["Problem503"];
            default: components["responses"]["Problemdefault"];
        };
    };
    checkHealth: {
        parameters: {
            query?: {
                /** @description Absent: default. */
                namespace?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "shard": 0
                 *     }
                 */
                "application/json": components["schemas"]["HealthRequest"];
            };
        };
        responses: {
            /** @description What was asked for. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Health"];
                };
            };
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            404: components["responses"]["Problem404"];
            409: components["responses"]["Problem409"];
            413: components["responses"]["Problem413"];
            503: components["responses"]["Problem503"];
            default: components["responses"]["Problemdefault"];
        };
    };
}
