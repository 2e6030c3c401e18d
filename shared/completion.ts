/** Activities that are finished from elsewhere: by whoever holds the token of their attempt. */
import { encode, encodeFailure } from './codec.ts'
import type { Shards } from './connection.ts'
import { serializeError } from './core/failure.ts'
import type { AttemptOutcome } from './core/inputs.ts'
import { placedFor } from './edge.ts'
import { CancelledError } from './errors.ts'
import { encodePayload } from './payload.ts'
import type { Payload } from './payload.ts'
import { readTaskToken } from './task-token.ts'

/** Ends attempts that were handed over with `ctx.completeLater()`, from wherever their token is. */
export class ActivityCompletion {
  readonly #shards: Shards

  constructor(shards: Shards) {
    this.#shards = shards
  }

  /**
   * Completes the attempt. An attempt that has ended, by an earlier call too, is refused with `stale_task`; a token that
   * the scheduler did not sign with `unauthorized`.
   *
   * ```ts
   * await client.activities.complete(order.taskToken, { approvedBy: 'ada' })
   * ```
   */
  async complete(taskToken: string, result?: unknown): Promise<void> {
    const payload = await this.#sent(taskToken, result, 'result')
    await this.#settle(taskToken, { kind: 'completed', ...(payload !== undefined && { result: payload }) })
  }

  /** Fails the attempt; another one follows by the retry policy. A `CancelledError` ends it as cancelled. */
  async fail(taskToken: string, error: Error): Promise<void> {
    const cancelled = error instanceof CancelledError
    if (cancelled) return await this.#settle(taskToken, { kind: 'cancelled' })
    const { runId } = readTaskToken(taskToken)
    const failure = await encodeFailure(this.#shards.coding, serializeError(error), runId)
    await this.#settle(taskToken, { kind: 'failed', error: failure })
  }

  /** Says that the work goes on, and tells whether the workflow has asked to cancel it. */
  async heartbeat(
    taskToken: string,
    details?: unknown,
  ): Promise<{
    /** Give up: the workflow no longer wants it. */
    cancelRequested: boolean
  }> {
    const { to } = readTaskToken(taskToken)
    const payload = await this.#sent(taskToken, details, 'details')
    const request = { to, taskToken, ...(payload !== undefined && { details: payload }) }
    return await this.#shards.ask(request, (shard, one) => shard.report(one))
  }

  /** The value as it travels to the run of the token. */
  async #sent(taskToken: string, value: unknown, field: string): Promise<Payload> {
    const { to, runId } = readTaskToken(taskToken)
    const payload = encodePayload(value, field)
    const encoded = await encode(this.#shards.coding, payload, { workflowId: runId, field })
    return await placedFor(this.#shards, { to, runId }, encoded)
  }

  async #settle(taskToken: string, outcome: AttemptOutcome): Promise<void> {
    const { to } = readTaskToken(taskToken)
    await this.#shards.ask({ to, taskToken, outcome }, (shard, one) => shard.report(one))
  }
}
