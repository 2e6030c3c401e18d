/** How a client reaches one workflow. */
/* oxlint-disable typescript/no-explicit-any -- `any` is "not said" in the public signatures: workflows used by name only */
import type { WorkflowCdcEvent } from './cdc.ts'
import { newId } from './ids.ts'
import { decodeFailure } from './codec.ts'
import type { Shards } from './connection.ts'
import { deserializeError } from './core/failure.ts'
import { decodedEvent, decodedRun } from './decoded.ts'
import { ending } from './ending.ts'
import { received, sendQuery, sendSignal, sendUpdate, visible } from './edge.ts'
import { WorkflowFailedError } from './errors.ts'
import { historyEventOf, infoOf } from './info.ts'
import type { HistoryEvent, WorkflowInfo } from './info.ts'
import type {
  MessageMap,
  QueryDefinition,
  SignalDefinition,
  SignalPayload,
  UpdateDefinition,
} from './message.ts'
import { intercepted } from './interceptor.ts'
import type { QueryCall, SignalCall, UpdateCall } from './interceptor.ts'
import { checkedName, checkedWhole, invalid, nameOf } from './names.ts'
import { sendablePayload } from './payload.ts'
import type { ClientApi, CloseRequest, HistoryPage, Reply, RunRequest } from './protocol.ts'
import { closedRun, POLL_MS } from './result.ts'
import type { ClosedReply, ResultOptions, RunTarget } from './result.ts'
import { signalDraft } from './start.ts'
import type { RunTailOptions } from './tailing.ts'
import { AcceptedUpdate, updateDraft } from './updating.ts'
import type { UpdateDraft } from './updating.ts'
import type { UpdateHandle, UpdateOptions } from './updating.ts'
import type { ResetOptions, WorkflowHandle } from './workflow-handle.ts'

export class RunHandle<R, M extends MessageMap> implements WorkflowHandle<R, M> {
  readonly workflowId: string
  readonly runId: string
  readonly #shards: Shards
  readonly #target: RunTarget

  constructor(shards: Shards, target: RunTarget, runId = target.runId ?? '') {
    this.workflowId = target.workflowId
    this.runId = runId
    this.#shards = shards
    this.#target = target
  }

  async result(options: ResultOptions = {}): Promise<R> {
    return await this.outcome(await closedRun(this.#shards, this.#target, options))
  }

  /** The result of a run that has ended, or its failure. */
  async outcome(reply: ClosedReply): Promise<R> {
    const { runId, status } = reply
    if (status === 'completed') return (await received(this.#shards, reply.result)) as R // as defined
    const run = { workflowId: this.workflowId, runId, status }
    throw new WorkflowFailedError(
      run,
      deserializeError(await decodeFailure(this.#shards.coding, reply.error)),
    )
  }

  async query(definition: QueryDefinition | string, ...args: unknown[]): Promise<any> {
    const around = this.#shards.interceptors.map((one) => one.query?.bind(one))
    const ask = intercepted(around, async (call: QueryCall) => {
      const encoded = call.args.map((arg, index) => sendablePayload(arg, `args[${index}]`))
      const name = checkedName(call.name, 'query')
      return await sendQuery(this.#shards, { ...(await this.#request()), name, args: encoded })
    })
    return await ask({ workflowId: this.workflowId, name: nameOf(definition, 'query'), args })
  }

  async signal(
    definition: SignalDefinition | string,
    payload?: SignalPayload<M, string>,
    options: { signalId?: string } = {},
  ): Promise<void> {
    const signalId = options.signalId === undefined ? newId() : checkedName(options.signalId, 'signalId')
    const around = this.#shards.interceptors.map((one) => one.signal?.bind(one))
    const send = intercepted(around, async (call: SignalCall) => {
      const draft = signalDraft(call.name, call.payload)
      await sendSignal(this.#shards, { ...(await this.#request()), ...draft, signalId })
    })
    await send({ workflowId: this.workflowId, name: nameOf(definition, 'signal'), payload })
  }

  async update(definition: UpdateDefinition | string, options: UpdateOptions<any>): Promise<any> {
    return await this.#updating(definition, options, async (draft) => {
      const request = { ...(await this.#request()), ...draft, waitMs: POLL_MS }
      const reply = await sendUpdate(this.#shards, request, {})
      return await this.#update(draft.updateId, reply.runId).outcome(reply)
    })
  }

  async startUpdate(
    definition: UpdateDefinition | string,
    options: UpdateOptions<any>,
  ): Promise<UpdateHandle<any>> {
    return await this.#updating(definition, options, async (draft) => {
      const { runId } = await sendUpdate(this.#shards, { ...(await this.#request()), ...draft, waitMs: 0 })
      return this.#update(draft.updateId, runId)
    })
  }

  getUpdate(updateId: string): UpdateHandle<any> {
    return new AcceptedUpdate(this.#shards, this.#target, checkedName(updateId, 'updateId'))
  }

  #updating(
    definition: UpdateDefinition | string,
    options: UpdateOptions<any>,
    send: (draft: UpdateDraft) => Promise<unknown>,
  ): Promise<any> {
    const around = this.#shards.interceptors.map((one) => one.update?.bind(one))
    const update = intercepted(around, (call: UpdateCall) => send(updateDraft(call.name, call)))
    return update({ ...options, workflowId: this.workflowId, name: nameOf(definition, 'update') })
  }

  #update(updateId: string, runId: string): AcceptedUpdate<any> {
    return new AcceptedUpdate(this.#shards, { workflowId: this.workflowId, runId }, updateId)
  }

  async cancel(reason?: string): Promise<void> {
    await this.#close(reason, (shard, request) => shard.cancel(request))
  }

  async pause(reason?: string): Promise<void> {
    await this.#close(reason, (shard, request) => shard.pause(request))
  }

  async resume(): Promise<void> {
    await this.#close(undefined, (shard, request) => shard.resume(request))
  }

  async reset({ toEvent, toActivity, reason }: ResetOptions): Promise<WorkflowHandle<R, M>> {
    if (toEvent !== undefined && toActivity !== undefined)
      throw invalid('toActivity', 'absent beside toEvent', toActivity)
    checkedReason(reason)
    const point =
      toActivity === undefined
        ? { toEvent: checkedWhole(toEvent, 'toEvent') }
        : { toActivity: checkedName(toActivity, 'toActivity') }
    const request = { ...(await this.#request()), ...point, reason, requestId: newId() }
    const { runId, firstRunId = runId } = await this.#shards.ask(request, (shard, one) => shard.reset(one))
    return new RunHandle(this.#shards, { workflowId: this.workflowId, firstRunId }, runId)
  }

  async terminate(reason?: string): Promise<void> {
    await this.#close(reason, (shard, request) => shard.terminate(request))
  }

  async describe({ callSites = false }: { callSites?: boolean } = {}): Promise<WorkflowInfo> {
    const asked = { ...(await this.#request()), ...(callSites && { callSites }) }
    const run = await this.#shards.ask(asked, (shard, request) => shard.describe(request))
    const input = await visible(this.#shards, run.input)
    const result = await visible(this.#shards, run.result)
    const whole = { ...run, ...(input !== undefined && { input }), ...(result !== undefined && { result }) }
    return infoOf(await decodedRun(this.#shards.coding, whole))
  }

  async *history(options: { fromEvent?: number } = {}): AsyncGenerator<HistoryEvent> {
    let run = await this.#request()
    let fromEvent: number | undefined = checkedWhole(options.fromEvent ?? 1, 'fromEvent')
    while (fromEvent !== undefined) {
      const page: HistoryPage = await this.#shards.ask({ ...run, fromEvent }, (shard, request) =>
        shard.history(request),
      )
      const { workflowId } = this
      const { runId } = page
      for (const { eventId, event } of page.events) {
        const decoded = await decodedEvent(this.#shards.coding, event)
        yield historyEventOf({ eventId, event: decoded }, { workflowId, runId })
      }
      fromEvent = page.nextEvent
      run = { to: run.to, workflowId, runId } // all pages are of one run
    }
  }

  async *events(options?: RunTailOptions): AsyncGenerator<WorkflowCdcEvent> {
    const { tailRun } = await import('./tailing.ts')
    yield* tailRun(this.#shards, this.#target, options)
  }

  async #request(): Promise<RunRequest> {
    return { to: await this.#shards.of(this.workflowId), ...this.#target }
  }

  async #close(
    reason: string | undefined,
    verb: (shard: ClientApi, request: CloseRequest) => Promise<Reply<null>>,
  ): Promise<void> {
    if (reason !== undefined) checkedReason(reason)
    const request = { ...(await this.#request()), ...(reason !== undefined && { reason }) }
    await this.#shards.ask(request, ending(verb, 'workflow_closed'))
  }
}

const MAX_REASON_LENGTH = 2_000

function checkedReason(reason: unknown): void {
  if (typeof reason === 'string' && reason.length <= MAX_REASON_LENGTH) return
  throw invalid('reason', `a text of at most ${MAX_REASON_LENGTH} characters`, reason)
}
