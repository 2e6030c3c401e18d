/** Child workflows and other workflows of the namespace, as the code sees them. */
import { encodedAttributes } from '../attributes.ts'
import type { ChildHandle, ChildOptions } from '../child.ts'
import type { ChildRequested, OutcomeEvent } from '../core/events.ts'
import { toMs } from '../duration.ts'
import { CancelledError } from '../errors.ts'
import type { MessageMap } from '../message.ts'
import { checkedChoice, checkedName, checkedWorkflowId, fitsWorkflowId } from '../names.ts'
import { retryRules } from '../retry-policy.ts'
import { encodedFields } from '../workflow.ts'
import { Call } from './calls.ts'
import type { AnyWorkflow, Coroutine } from './coroutine.ts'
import type { Scope } from './scope.ts'

interface Child {
  readonly requested: Omit<ChildRequested, 'at'>
  readonly start: Call<string>
  readonly result: Call
  readonly scope: Scope
}

export class Children {
  readonly #coroutine: Coroutine
  readonly #open = new Map<number, Child>()

  constructor(coroutine: Coroutine) {
    this.#coroutine = coroutine
  }

  /** Asks for a child; its start and its result settle apart. */
  request(workflow: AnyWorkflow, options: ChildOptions & { input?: unknown }): Child {
    const coroutine = this.#coroutine
    const scope = coroutine.enter('ctx.startChild')
    coroutine.calls.checkRoom('child')
    const seq = coroutine.nextSeq()
    const requested = childCommand(coroutine, seq, { workflow, options })
    const facts = { kind: 'child', name: requested.workflowId, since: coroutine.now } as const
    const child = { requested, scope, start: new Call<string>(facts, scope), result: new Call(facts, scope) }
    // Whoever never asks for one of the two must not be told of its failure as an unhandled rejection.
    child.start.promise.catch(() => {})
    child.result.promise.catch(() => {})
    child.start.onCancel = () => {}
    child.result.onCancel = (error) => this.#cancel(seq, child, error)
    this.#open.set(seq, child)
    coroutine.calls.add(seq, child.result)
    coroutine.issue(requested)
    return child
  }

  started(event: Extract<OutcomeEvent, { type: 'child_started' }>): void {
    const child = this.#open.get(event.seq)
    if (child && !child.start.settled) child.start.resolve(event.runId)
  }

  /** Before the result is answered: a start that never came fails with it. */
  closed(seq: number): void {
    const child = this.#open.get(seq)
    if (!this.#open.delete(seq) || !child || child.start.settled) return
    child.result.promise.then(
      () => {},
      (error: Error) => child.start.reject(error),
    )
  }

  async handle(child: Child): Promise<ChildHandle<unknown, MessageMap>> {
    const firstRunId = await child.start.promise
    const { workflowId } = child.requested
    const target = externalTarget(this.#coroutine, workflowId, firstRunId)
    return { ...target, workflowId, firstRunId, result: () => child.result.promise }
  }

  #cancel(seq: number, child: Child, error: CancelledError): void {
    const { cancellation } = child.requested
    child.result.onCancel = () => {}
    if (cancellation === 'wait-requested') {
      this.#tell(child, error.reason).then(
        () => this.#letGo(seq, child, error),
        () => {}, // it has closed, or never started: its result settles by itself
      )
      return
    }
    if (cancellation !== 'abandon') {
      const reason = error.reason === undefined ? {} : { reason: error.reason }
      this.#coroutine.issue({ type: 'child_cancel_requested', seq, ...reason })
    }
    if (cancellation !== 'wait') this.#letGo(seq, child, error)
  }

  /** Resolves when the request has reached the child; one that is not known to have started is told once it is. */
  async #tell(child: Child, reason: string | undefined): Promise<void> {
    const to = { workflowId: child.requested.workflowId, runId: await child.start.promise }
    const call = cancelExternal(this.#coroutine, child.scope, { to, reason })
    call.onCancel = () => {} // it is the cancel
    await call.promise
  }

  #letGo(seq: number, child: Child, error: CancelledError): void {
    if (child.result.settled) return
    this.#coroutine.calls.take(seq)
    this.#open.delete(seq)
    child.result.reject(error)
    if (!child.start.settled) child.start.reject(error)
  }
}

function childCommand(
  coroutine: Coroutine,
  seq: number,
  call: { workflow: AnyWorkflow; options: ChildOptions & { input?: unknown } },
): Omit<ChildRequested, 'at'> {
  const { workflow, options } = call
  const { workflowId, memo, searchAttributes, executionTimeout, taskQueue, retry } = options
  const input = coroutine.encode(options.input, 'input')
  return {
    type: 'child_requested',
    seq,
    workflowId: workflowId === undefined ? madeId(coroutine) : checkedWorkflowId(workflowId),
    workflowType: workflow.name,
    ...childPolicies(options),
    ...(taskQueue !== undefined && { taskQueue: checkedName(taskQueue, 'taskQueue') }),
    ...(input !== undefined && { input }),
    ...(executionTimeout !== undefined && { executionTimeoutMs: toMs(executionTimeout, 'executionTimeout') }),
    ...(retry && { retry: retryRules(retry) }),
    ...(memo && { memo: encodedFields(memo, 'memo') }),
    ...(searchAttributes && { searchAttributes: encodedAttributes(searchAttributes) }),
  }
}

/** Below its parent's id, where a line of descendants has not become too long for that. */
function madeId(coroutine: Coroutine): string {
  const id = coroutine.random.uuid()
  const below = `${coroutine.identity.workflowId}/${id}`
  return fitsWorkflowId(below) ? below : id
}

function childPolicies({ parentClosePolicy, cancellation, idReuse, idConflict }: ChildOptions) {
  return {
    parentClosePolicy: checkedChoice(
      parentClosePolicy ?? 'terminate',
      ['terminate', 'cancel', 'abandon'],
      'parentClosePolicy',
    ),
    cancellation: checkedChoice(
      cancellation ?? 'wait',
      ['wait', 'wait-requested', 'try', 'abandon'],
      'cancellation',
    ),
    idReuse: checkedChoice(idReuse ?? 'allow', ['allow', 'allow-failed-only', 'reject'], 'idReuse'),
    idConflict: checkedChoice(
      idConflict ?? 'fail',
      ['fail', 'use-existing', 'terminate-existing'],
      'idConflict',
    ),
  }
}

/** Any workflow by its id: what `ctx.external` gives, and the messaging half of a child's handle. */
export function externalTarget(
  coroutine: Coroutine,
  workflowId: string,
  runId: string | undefined,
): Omit<ChildHandle<never, MessageMap>, 'result'> {
  const to = { workflowId: checkedWorkflowId(workflowId), ...(runId !== undefined && { runId }) }
  return {
    workflowId,
    firstRunId: runId ?? '',
    signal: async (signal: { name: string } | string, ...[payload]: unknown[]): Promise<void> => {
      const name = checkedName(typeof signal === 'string' ? signal : signal?.name, 'signal')
      const encoded = coroutine.encode(payload, 'payload')
      const facts = {
        type: 'external_signal_requested',
        ...to,
        name,
        ...(encoded !== undefined && { payload: encoded }),
      } as const
      const scope = coroutine.enter(A_MESSAGE)
      const { seq, call } = externalCall(coroutine, scope, `signal ${name} to ${workflowId}`)
      coroutine.issue({ ...facts, seq })
      await call.promise
    },
    cancel: async (reason?: string): Promise<void> => {
      await cancelExternal(coroutine, coroutine.enter(A_MESSAGE), { to, reason }).promise
    },
  }
}

const A_MESSAGE = 'a message to another workflow'

function cancelExternal(
  coroutine: Coroutine,
  scope: Scope,
  { to, reason }: { to: { workflowId: string; runId?: string }; reason: string | undefined },
): Call {
  const { seq, call } = externalCall(coroutine, scope, `cancel of ${to.workflowId}`)
  coroutine.issue({ type: 'external_cancel_requested', ...to, seq, ...(reason !== undefined && { reason }) })
  return call
}

function externalCall(coroutine: Coroutine, scope: Scope, name: string): { seq: number; call: Call } {
  const seq = coroutine.nextSeq()
  const call = new Call({ kind: 'external', name, since: coroutine.now }, scope)
  coroutine.calls.add(seq, call)
  return { seq, call }
}
