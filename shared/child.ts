/** What a workflow says of its children, and what it has of them. */
import type { RetryPolicy } from './activity.ts'
import type { SearchAttributes } from './attributes.ts'
import type { Duration } from './duration.ts'
import type { MessageMap, MessageTarget } from './message.ts'
import type { IdConflict, IdReuse } from './protocol.ts'

/** How a child is started. */
export interface ChildOptions {
  /** Absent: one is made, the same on every replay. */
  workflowId?: string
  /** Of its activities. Default: the child workflow's own, then its parent's. */
  taskQueue?: string
  /** From the start to the end of its last run, retries and continue-as-new included. Default: none. */
  executionTimeout?: Duration
  /** A child that fails is tried again, as a new run of the same id; its parent hears of the last. Default: it is not. */
  retry?: RetryPolicy
  /** What becomes of the child when this workflow closes. Default: terminate. */
  parentClosePolicy?: 'terminate' | 'cancel' | 'abandon'
  /**
   * When a cancelled child settles here: after it ended, when it was told, at once while it is told, or at once untold.
   * Default: wait.
   */
  cancellation?: 'wait' | 'wait-requested' | 'try' | 'abandon'
  /** When runs of the id are closed. Default: allow. */
  idReuse?: IdReuse
  /** When a run of the id is open. Default: fail. */
  idConflict?: IdConflict
  /** What `describe` and `list` show of it. */
  memo?: Record<string, unknown>
  /** What it is found by. */
  searchAttributes?: SearchAttributes
}

/** A child that has started. */
export interface ChildHandle<R, M extends MessageMap> extends MessageTarget<M> {
  /** The id that it has, whoever made it. */
  readonly workflowId: string
  /** The run that was started; others may have followed it. */
  readonly firstRunId: string
  /** Waits for its end; a child that did not complete rejects with `ChildWorkflowError`. */
  result(): Promise<R>
  /** Asks it to stop; resolves when it was told. */
  cancel(reason?: string): Promise<void>
}
