/** An attempt as its activity sees it. */
import type { ActivityContext } from '../shared/activity.ts'
import { WorkflowError } from '../shared/errors.ts'
import type { Payload } from '../shared/payload.ts'
import { attemptTraceparent } from '../shared/trace.ts'
import type { Heartbeat } from './heartbeat.ts'
import { outgoing } from './payloads.ts'
import type { Claimed } from './run.ts'

/** What the activity asks for is made when it does: most never ask. */
export class AttemptContext implements ActivityContext {
  readonly activityId: string
  readonly activityType: string
  readonly attempt: number
  readonly workflowId: string
  readonly runId: string
  readonly taskQueue: string
  readonly idempotencyKey: string
  readonly heartbeatDetails: unknown
  readonly #claimed: Claimed
  readonly #deadlineAt: number

  constructor(claimed: Claimed, heartbeatDetails: unknown) {
    const { task, grant, time } = claimed
    const { workflowId, runId, seq } = task
    this.activityId = `${runId}/${seq}`
    this.activityType = task.activityType
    this.attempt = grant.attempt
    this.workflowId = workflowId
    this.runId = runId
    this.taskQueue = grant.taskQueue
    this.idempotencyKey = `${workflowId}/${runId}/${seq}`
    this.heartbeatDetails = heartbeatDetails
    this.#claimed = claimed
    this.#deadlineAt = Math.min(grant.deadlineAt, time.now() + grant.startToCloseMs)
  }

  get cancellation(): AbortSignal {
    return this.#claimed.interruption.signal
  }

  get deadline(): Date {
    return new Date(this.#deadlineAt)
  }

  get traceparent(): string {
    const { task, grant } = this.#claimed
    return attemptTraceparent(task.runId, task.seq, grant.attempt)
  }

  get taskToken(): string {
    const { taskToken } = this.#claimed.grant
    if (taskToken !== undefined) return taskToken
    const message = 'the scheduler signs no task tokens: give it the secret TASK_TOKEN_KEYS'
    throw new WorkflowError('not_configured', message, { path: 'env.TASK_TOKEN_KEYS' })
  }

  /** Rejects only for details that cannot be stored: a cancel request arrives through `cancellation`. */
  readonly heartbeat = async (details?: unknown): Promise<void> => {
    const { objects, beat } = this.#claimed
    const payload = outgoing(objects, details, 'details')
    await beat(heartbeatOf(payload instanceof Promise ? await payload : payload))
  }

  readonly completeLater = (): never => {
    void this.taskToken // throws where there is none
    throw new HandedOver()
  }
}

/** What `ctx.completeLater()` throws. */
export class HandedOver extends Error {
  override readonly name = 'HandedOver'
  constructor() {
    super('ctx.completeLater() ends the function by this throw: let it through')
  }
}

function heartbeatOf(payload: Payload): Heartbeat {
  return payload === undefined ? {} : { details: payload }
}
