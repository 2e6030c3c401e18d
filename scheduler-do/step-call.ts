/** An attempt of an inline step as its function sees it, and how the shard reaches it there. */
import type { StepContext } from '../shared/activity.ts'
import type { WorkflowError } from '../shared/errors.ts'
import { gaveIn } from '../shared/interrupted.ts'
import { attemptTraceparent } from '../shared/trace.ts'

export class StepCall implements StepContext {
  readonly attempt: number
  readonly idempotencyKey: string
  /** Made when it is asked for: most functions never do. */
  #controller: AbortController | null = null
  #reason: WorkflowError | null = null

  readonly #runId: string
  readonly #seq: number

  constructor(attempt: number, step: { workflowId: string; runId: string; seq: number }) {
    this.attempt = attempt
    this.#runId = step.runId
    this.#seq = step.seq
    this.idempotencyKey = `${step.workflowId}/${step.runId}/${step.seq}`
  }

  get traceparent(): string {
    return attemptTraceparent(this.#runId, this.#seq, this.attempt)
  }

  get cancellation(): AbortSignal {
    this.#controller ??= new AbortController()
    if (this.#reason && !this.#controller.signal.aborted) this.#controller.abort(this.#reason)
    return this.#controller.signal
  }

  /** Tells the function why it should stop; the first reason stays. */
  static interrupt(call: StepCall, reason: WorkflowError): void {
    call.#reason ??= reason
    call.#controller?.abort(call.#reason)
  }

  /** The reason for which the function threw `error`, where it stopped because it was asked to. */
  static gaveInTo(call: StepCall, error: unknown): WorkflowError | null {
    return call.#reason && gaveIn(error, call.#reason) ? call.#reason : null
  }
}
