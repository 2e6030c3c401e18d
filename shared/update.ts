/** Updates between clients and shards. */
import type { SerializedError } from './errors.ts'
import type { Payload } from './payload.ts'
import type { RunRequest } from './protocol.ts'

export interface UpdateRequest extends RunRequest {
  /** Deduplicates within a run: the same id is run once, and answered alike however often it is asked. */
  updateId: string
  name: string
  /** The list of arguments, one payload. */
  args?: Payload
  /** Hold the call open this long for the outcome, as `updateResult` does; 0: until the update is durably accepted. */
  waitMs: number
}

export interface UpdateResultRequest extends RunRequest {
  updateId: string
  /** As of `ResultRequest`; then the reply is `accepted`. */
  waitMs: number
}

export type UpdateReply =
  | { status: 'accepted'; runId: string }
  | { status: 'completed'; runId: string; result?: Payload }
  | { status: 'failed'; runId: string; error: SerializedError }
