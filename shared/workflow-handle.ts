/** One workflow, as its client holds it. */
/* oxlint-disable typescript/no-explicit-any -- `any` is "not said" in the public signatures: workflows used by name only */
import type { WorkflowCdcEvent } from './cdc.ts'
import type { HistoryEvent, WorkflowInfo } from './info.ts'
import type {
  Keys,
  Loose,
  MessageMap,
  MessageTarget,
  QueryArgs,
  QueryDefinition,
  QueryResult,
  UpdateArgs,
  UpdateDefinition,
  UpdateResult,
} from './message.ts'
import type { ResultOptions } from './result.ts'
import type { RunTailOptions } from './tailing.ts'
import type { UpdateHandle, UpdateOptions } from './updating.ts'

/**
 * From `start` it addresses the chain that began with the run: whatever run is the current one, after continue-as-new,
 * retries and resets. From `getHandle(id)` it addresses the latest run of the id, from `getHandle(id, runId)` that run alone.
 */
export interface WorkflowHandle<R = any, M extends MessageMap = {}> extends MessageTarget<M> {
  /** The workflow that it addresses. */
  readonly workflowId: string
  /** The run started, or the run named; empty where the handle addresses the latest run of the id. */
  readonly runId: string
  /** Waits for the end; a run that did not complete rejects with `WorkflowFailedError`, and `cause` says why. */
  result(options?: ResultOptions): Promise<R>
  /**
   * Answered by the workflow's handler from everything recorded so far; adds nothing to history. Without a handler:
   * `QueryNotRegisteredError`. `await handle.query(status)`
   */
  query<QR, A extends unknown[]>(definition: QueryDefinition<QR, A>, ...args: A): Promise<QR>
  /** By name, typed where the workflow declares it. */
  query<K extends Loose<Keys<M, QueryDefinition>>>(
    name: K,
    ...args: QueryArgs<M, K>
  ): Promise<QueryResult<M, K>>
  /**
   * Runs the workflow's update handler and gives its result; rejects with what the handler threw, or with
   * `update_rejected` and the validator's error as its cause.
   * `await handle.update(setAddress, { args: [address] })`
   */
  update<UR, A extends unknown[]>(definition: UpdateDefinition<UR, A>, options: UpdateOptions<A>): Promise<UR>
  /** By name, typed where the workflow declares it. */
  update<K extends Loose<Keys<M, UpdateDefinition>>>(
    name: K,
    options: UpdateOptions<UpdateArgs<M, K>>,
  ): Promise<UpdateResult<M, K>>
  /** Resolves when the update is durably accepted; any client may ask for its result later by its id. */
  startUpdate<UR, A extends unknown[]>(
    definition: UpdateDefinition<UR, A>,
    options: UpdateOptions<A>,
  ): Promise<UpdateHandle<UR>>
  /** By name, typed where the workflow declares it. */
  startUpdate<K extends Loose<Keys<M, UpdateDefinition>>>(
    name: K,
    options: UpdateOptions<UpdateArgs<M, K>>,
  ): Promise<UpdateHandle<UpdateResult<M, K>>>
  /** An update that was accepted before. Nothing is asked of the engine until its result is. */
  getUpdate<UR = unknown>(updateId: string): UpdateHandle<UR>
  /** Asks the workflow to stop: its pending awaits throw `CancelledError`, and it may clean up. Ended: `workflow_closed`. */
  cancel(reason?: string): Promise<void>
  /** Stops the workflow at once; its code does not hear of it. Ended: `workflow_closed`. */
  terminate(reason?: string): Promise<void>
  /**
   * Holds the run: it takes signals and results, and does nothing of its own until `resume()`. Work that it has asked for
   * goes on. Pausing a paused run changes nothing.
   */
  pause(reason?: string): Promise<void>
  /** Lets a paused run go on: what came meanwhile is handled in order, and timers that fell due fire. */
  resume(): Promise<void>
  /**
   * Makes a run of this one's history up to a point, which goes on from there with the code of today; the old one is
   * terminated, if it is open. Signals received behind the point are received again. `toEvent` is the last event kept;
   * `toActivity` keeps what comes before the last activity or step of that name, or the activity of that id. Work that
   * was pending at the point is done anew, under the new run's idempotency keys.
   *
   * `await handle.reset({ toActivity: 'charge', reason: 'charged the wrong card' })`
   */
  reset(options: ResetOptions): Promise<WorkflowHandle<R, M>>
  /**
   * What it is and what it waits for. `callSites` also says where in its code it waits, which replays it once more: for
   * a person who looks into a run, not for a loop. In a bundle without source maps that is a line of the bundle; a run
   * whose history refers to payloads above 128 KiB has none.
   */
  describe(options?: { callSites?: boolean }): Promise<WorkflowInfo>
  /** Every event recorded so far, from `fromEvent` (1 when absent). The data of the first names the run. */
  history(options?: { fromEvent?: number }): AsyncIterable<HistoryEvent>
  /**
   * Its change events, those recorded so far and then each as it happens, until it has ended; of the runs that take over
   * from it, too, unless the handle names one run. They are read from wherever the run lies, archived ones whole. With
   * `after`, the `sequence` of an event, they go on behind that one.
   *
   * `for await (const event of handle.events()) console.log(event.type, event.timestamp)`
   */
  events(options?: RunTailOptions): AsyncIterable<WorkflowCdcEvent>
}

/** One of `toEvent` and `toActivity`. */
export interface ResetOptions {
  /** The last event that is kept. */
  toEvent?: number
  /** What is kept ends before the last activity or step of this name, or before the activity of this id. */
  toActivity?: string
  /** For people, in the history; at most 2,000 characters. */
  reason: string
}
