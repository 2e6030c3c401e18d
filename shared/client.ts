/** Starts workflows and finds them: from any Worker over a binding, and from everywhere else over HTTP. */
/* oxlint-disable typescript/no-explicit-any -- `any` is "not said" in the public signatures: workflows of any type */
import type { InputArg } from './activity.ts'
import { StartBatch } from './batch.ts'
import type { BatchStarted } from './batch.ts'
import { bulk } from './bulk.ts'
import type { BulkAction, BulkProgress } from './bulk.ts'
import { codingOf } from './codec.ts'
import type { CodecOptions } from './codec.ts'
import { ActivityCompletion } from './completion.ts'
import { reachOf, Shards } from './connection.ts'
import type { EngineNamespace, ServiceBinding } from './connection.ts'
import { sendStart } from './edge.ts'
import { WorkflowError } from './errors.ts'
import { RunHandle } from './handle.ts'
import type { HttpConnection } from './http.ts'
import type { WorkflowHandle } from './workflow-handle.ts'
import type { WorkflowInfo, WorkflowSummary } from './info.ts'
import type { CountGroup } from './list.ts'
import { countRuns, listRuns } from './listing.ts'
import type { ListFilter, Listing } from './listing.ts'
import type { MessageMap } from './message.ts'
import { intercepted } from './interceptor.ts'
import type { ClientInterceptor, StartCall } from './interceptor.ts'
import { checkedName, checkedNamespace, checkedWhole, checkedWorkflowId, nameOf } from './names.ts'
import type { StartReply } from './protocol.ts'
import { POLL_MS } from './result.ts'
import { ScheduleClient } from './schedules.ts'
import type { TailedEvent, TailOptions } from './tailing.ts'
import { signalWithStartDraft, startDraft } from './start.ts'
import type { SignalOptions, StartDraft, StartOptions } from './start.ts'
import type { WorkflowDefinition } from './workflow.ts'

/** What a client is made with. */
export interface ClientOptions extends CodecOptions {
  /** Namespaces share nothing. Default: `default`. */
  namespace?: string
  /** An assertion: a namespace with another number of shards refuses. Absent, the namespace is asked. Not over HTTP. */
  shards?: number
  /**
   * The R2 bucket (binding ARCHIVE) for payloads above 128 KiB over a namespace connection. Over a service binding or
   * HTTP the scheduler Worker writes and reads them.
   */
  archive?: unknown
  /** Around starts, signals, queries and updates; the first is the outermost. */
  interceptors?: readonly ClientInterceptor[]
}

/**
 * Starts workflows and finds them, from any Worker: `const client = new WorkflowClient(env.WORKFLOWS)`, and from Node
 * or a browser: `new WorkflowClient({ url: 'https://scheduler.example.com', token })`. Its calls are repeated where
 * they may not have arrived, and count once. What all of them may throw: `invalid_argument` with the
 * field's `path`, `not_configured`, `shard_count_mismatch`, `overloaded`, `internal`.
 */
export class WorkflowClient {
  /** Ends activities that were handed over with `ctx.completeLater()`. */
  readonly activities: ActivityCompletion
  /** Starts workflows by the clock. */
  readonly schedules: ScheduleClient
  readonly #shards: Shards

  constructor(connection: EngineNamespace | ServiceBinding | HttpConnection, options: ClientOptions = {}) {
    const namespace = checkedNamespace(options.namespace ?? 'default')
    const reach = reachOf(connection, options.archive)
    const shards = checkedShards(options.shards)
    this.#shards = new Shards(reach.connection, namespace, {
      shards,
      store: reach.store,
      coding: codingOf(options),
      interceptors: options.interceptors,
    })
    this.activities = new ActivityCompletion(this.#shards)
    this.schedules = new ScheduleClient(this.#shards)
  }

  /**
   * Resolves when the run is durably recorded. An id with an open run is refused with `WorkflowAlreadyStartedError`
   * unless `idConflict` says otherwise; a workflow that the scheduler does not list with `unknown_workflow`.
   */
  start<I, R, M extends MessageMap>(
    workflow: WorkflowDefinition<I, R, M>,
    options: StartOptions & InputArg<I>,
  ): Promise<WorkflowHandle<R, M>>
  /** By name. */
  start(workflow: string, options: StartOptions & { input?: unknown }): Promise<WorkflowHandle>
  async start(
    workflow: WorkflowDefinition<any, any, any> | string,
    options: StartOptions & { input?: unknown },
  ): Promise<WorkflowHandle<any, any>> {
    return await this.#starting(workflow, options)
  }

  /** `start`, and then `result()` of its handle. */
  async execute<I, R, M extends MessageMap>(
    workflow: WorkflowDefinition<I, R, M>,
    options: StartOptions & InputArg<I>,
  ): Promise<R> {
    if (this.#shards.interceptors.some((one) => 'start' in one))
      return await (await this.start(workflow, options)).result()
    // One call where the run ends within a poll: the start waits for the result as a poll would.
    const draft = startDraft(workflow, options)
    const request = { to: await this.#shards.of(draft.workflowId), ...draft, waitMs: POLL_MS }
    const { result, ...run } = await sendStart(this.#shards, request, {})
    const handle = this.#started<R, M>(draft.workflowId, run)
    return await (result && result.status !== 'running' ? handle.outcome(result) : handle.result())
  }

  /**
   * An open run of the id only gets the signal; otherwise one is started with it as its first message.
   * `await client.signalWithStart(cart, { workflowId: 'cart-7', signal: addItem, payload: item })`
   */
  async signalWithStart<I, R, M extends MessageMap, P>(
    workflow: WorkflowDefinition<I, R, M>,
    options: StartOptions & InputArg<I> & SignalOptions<P>,
  ): Promise<WorkflowHandle<R, M>> {
    return await this.#starting(workflow, options, {
      drafted: (call) => signalWithStartDraft(call.workflow, { ...options, ...call.options }),
    })
  }

  /**
   * Starts one run per item, with one call per shard for up to 500 of them. Nothing is undone: those that could not be
   * started are named by their index, and items with the same `requestId` as before are not started twice.
   */
  async startBatch<I, R, M extends MessageMap>(
    workflow: WorkflowDefinition<I, R, M>,
    items: readonly (StartOptions & InputArg<I>)[],
  ): Promise<BatchStarted<R, M>> {
    const together = new StartBatch(this.#shards)
    const starts = items.map((item) => this.#starting(workflow, item, { batch: together }))
    const batch: BatchStarted<R, M> = { started: [], errors: [] }
    for (const [index, start] of (await Promise.allSettled(starts)).entries()) {
      if (start.status === 'fulfilled') batch.started.push(start.value)
      else batch.errors.push({ index, error: codedError(start.reason) })
    }
    return batch
  }

  /**
   * Acts on every open run that the filter matches, newest first and 20 at a time, and tells how far it is after each
   * page of `filter.limit` runs. An iteration that was broken off is resumed by the last `cursor`, as `filter.cursor`:
   * `for await (const { done, failed } of client.bulk({ workflowType: 'order' }, 'cancel', 'recalled'))`
   */
  bulk(filter: ListFilter, action: BulkAction, reason?: string): AsyncIterable<BulkProgress> {
    return bulk(this.#shards, filter, { action, reason })
  }

  /**
   * The latest run of the id, or the run named. Nothing is asked of the engine until the handle is used.
   * `const handle = client.getHandle<typeof order>('order-1')`
   */
  getHandle<W extends WorkflowDefinition<any, any, any> = WorkflowDefinition>(
    workflowId: string,
    runId?: string,
  ): W extends WorkflowDefinition<any, infer R, infer M> ? WorkflowHandle<R, M> : never
  getHandle(workflowId: string, runId?: string): WorkflowHandle<any, any> {
    checkedWorkflowId(workflowId)
    if (runId === undefined) return new RunHandle(this.#shards, { workflowId })
    return new RunHandle(this.#shards, { workflowId, runId: checkedName(runId, 'runId') })
  }

  /** `await client.list({ status: 'running' })` is one page; `for await` goes over every run. */
  list(filter: ListFilter = {}): Listing<WorkflowSummary> {
    return listRuns(this.#shards, filter)
  }

  /** How many runs match; `limit` and `cursor` mean nothing here. */
  count(filter?: ListFilter): Promise<number>
  /** The same by value of a field: `{ running: 3, completed: 40 }`. */
  count(filter: ListFilter, options: { groupBy: CountGroup }): Promise<Record<string, number>>
  async count(
    filter: ListFilter = {},
    options: { groupBy?: CountGroup } = {},
  ): Promise<number | Record<string, number>> {
    const { count, groups } = await countRuns(this.#shards, filter, options.groupBy)
    return options.groupBy === undefined ? count : groups
  }

  /**
   * Change events of every run of the namespace, as they happen: those of a shard in order, each once. They begin with the
   * oldest of the hot tier, behind `after` where it is given, or with what happens from now on (`after: 'now'`); they end
   * with `live: false` only. Whoever is cut off goes on with the last `cursor`.
   *
   * `for await (const event of client.events({ after: 'now' })) console.log(event.type, event.workflowId)`
   */
  async *events(options?: TailOptions): AsyncGenerator<TailedEvent> {
    const { tailNamespace } = await import('./tailing.ts')
    yield* tailNamespace(this.#shards, options)
  }

  /** What a run is and what it waits for; unknown: `WorkflowNotFoundError`. */
  async describe(workflowId: string, runId?: string): Promise<WorkflowInfo> {
    return await this.getHandle(workflowId, runId).describe()
  }

  /** Stops the open run of the id at once; its code does not hear of it. Ended: `workflow_closed`. */
  async terminate(workflowId: string, reason?: string): Promise<void> {
    await this.getHandle(workflowId).terminate(reason)
  }

  /** Asks the open run of the id to stop, so that it may clean up. Ended: `workflow_closed`. */
  async cancel(workflowId: string, reason?: string): Promise<void> {
    await this.getHandle(workflowId).cancel(reason)
  }

  /**
   * Deletes a closed run: from now on it is as if it had never been, and every trace of it goes. One that is open is
   * refused with `workflow_running`.
   */
  async delete(
    workflowId: string,
    runId: string,
  ): Promise<{
    /** When the cold tier will have lost it; null where it never had it. */
    coldGoneBy: Date | null
  }> {
    checkedWorkflowId(workflowId)
    const request = { to: await this.#shards.of(workflowId), workflowId, runId: checkedName(runId, 'runId') }
    const { coldGoneBy } = await this.#shards.ask(request, (shard, one) => shard.delete(one))
    return { coldGoneBy: coldGoneBy === null ? null : new Date(coldGoneBy) }
  }

  async #starting(
    workflow: { readonly name: string } | string,
    options: StartCall['options'],
    { drafted = draftOf, batch }: { drafted?: typeof draftOf; batch?: StartBatch } = {},
  ): Promise<WorkflowHandle<any, any>> {
    const around = this.#shards.interceptors.map((one) => one.start?.bind(one))
    const start = intercepted<StartCall, WorkflowHandle>(around, async (call) => {
      const draft = drafted(call)
      const { workflowId } = draft
      const request = { to: await this.#shards.of(workflowId), ...draft }
      const reply = await (batch ? batch.start(request) : sendStart(this.#shards, request))
      return this.#started(workflowId, reply)
    })
    return await start({ workflow: nameOf(workflow, 'workflow'), options })
  }

  #started<R, M extends MessageMap>(
    workflowId: string,
    { runId, firstRunId = runId }: StartReply,
  ): RunHandle<R, M> {
    return new RunHandle(this.#shards, { workflowId, firstRunId }, runId)
  }
}

function draftOf({ workflow, options }: StartCall): StartDraft {
  return startDraft(workflow, options)
}

/** Anything else is an interceptor's own. */
function codedError(error: unknown): WorkflowError {
  if (error instanceof WorkflowError) return error
  return new WorkflowError('internal', `the start was not made: ${String(error)}`, { cause: error })
}

function checkedShards(shards: number | undefined): number | undefined {
  return shards === undefined ? shards : checkedWhole(shards, 'shards')
}
