/** What an inline step's attempt is to its run: under way, or ended with a result, a failure, or another attempt. */
import type { PendingActivity } from '../shared/description.ts'
import type { StepScheduled } from '../shared/core/events.ts'
import { serializeError } from '../shared/core/failure.ts'
import type { Input, StepEnd } from '../shared/core/inputs.ts'
import type { StepRetry } from '../shared/core/step.ts'
import { WorkflowError } from '../shared/errors.ts'
import type { SerializedError } from '../shared/errors.ts'
import type { Payload } from '../shared/payload.ts'
import { visibleReference } from '../shared/reference.ts'
import { tellOfUnread } from './asked-delay.ts'
import { attachContent } from './contents.ts'
import type { LiveRun } from './live.ts'
import { storeOutput } from './output.ts'
import type { StepCall } from './step-call.ts'
import type { Turn } from './turn.ts'

/** One attempt of a step, in flight or waiting for its time. */
export interface Attempt {
  readonly live: LiveRun
  readonly scheduled: StepScheduled
  readonly call: StepCall
  /** Null while it waits. */
  readonly startedAt: number | null
  readonly dueAt: number
  /** What the attempt before it failed with; memory alone knows. */
  readonly lastError: SerializedError | undefined
}

/** What follows an attempt that gave no result. */
export function follow(
  turn: Turn,
  live: LiveRun,
  {
    seq,
    attempt,
    error,
    next,
  }: {
    seq: number
    attempt: number
    error?: SerializedError
    next: StepRetry | StepEnd
  },
): void {
  const open = live.state.steps.get(seq)
  if (next.kind === 'retry' && open) {
    const { name } = open.scheduled
    if (error) tellOfUnread(error, { step: name, runId: live.state.runId, seq })
    turn.changes.steps.push({
      live,
      seq,
      attempt: next.attempt,
      dueAt: next.dueAt,
      begins: next.dueAt <= turn.now,
      name,
      lastError: error,
    })
  } else if (next.kind !== 'retry')
    turn.input(live.state.runId, { type: 'resolve_step', seq, attempt, end: next })
}

/** Without a bucket a large result cannot be kept, and ends the step as one that cannot be encoded does. */
export function completedEnd(turn: Turn, runId: string, payload: Payload): StepEnd {
  try {
    const result = storeOutput(turn, runId, { payload, path: 'result' })
    const shown = result === payload ? null : visibleReference(result)
    if (shown) attachContent(shown, payload)
    return { kind: 'completed', ...(result !== undefined && { result }) }
  } catch (error) {
    if (error instanceof WorkflowError) return { kind: 'failed', error: serializeError(error) }
    throw error
  }
}

/** The end of an attempt, as an input of its run. */
export function endInput(
  attempt: { readonly scheduled: StepScheduled; readonly call: StepCall },
  end: StepEnd,
): Extract<Input, { type: 'resolve_step' }> {
  return { type: 'resolve_step', seq: attempt.scheduled.seq, attempt: attempt.call.attempt, end }
}

/** An attempt as `describe` tells of it: steps are told of as activities are. */
export function pendingStep({
  live,
  scheduled,
  call,
  startedAt,
  dueAt,
  lastError,
}: Attempt): PendingActivity {
  return {
    activityId: `${live.state.runId}/${scheduled.seq}`,
    activityType: scheduled.name,
    attempt: call.attempt,
    ...(startedAt === null && { nextAttemptAt: dueAt }),
    ...(lastError && { lastError }),
  }
}
