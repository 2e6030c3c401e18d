/** The outcome of a call, handed to the code that waits for it. A call the code has let go of hears nothing. */
import type { OutcomeEvent } from '../core/events.ts'
import { deserializeError } from '../core/failure.ts'
import { unreachable } from '../core/unreachable.ts'
import { ActivityError, CancelledError, ChildWorkflowError, TimeoutError } from '../errors.ts'
import { decodePayload } from '../payload.ts'
import type { Payload } from '../payload.ts'
import type { Call } from './calls.ts'
import type { Coroutine } from './coroutine.ts'

type CallOutcome = Extract<OutcomeEvent, { seq: number }>

/** `content`: what the code sees of the result. */
export function settleCall(coroutine: Coroutine, event: CallOutcome, content: Payload): void {
  if (event.type === 'child_started') {
    coroutine.children.started(event)
    return
  }
  const childCall = event.type.startsWith('child_')
  if (childCall) coroutine.children.closed(event.seq)
  const call = coroutine.calls.take(event.seq)
  coroutine.steps.delete(event.seq)
  if (call && !call.settled) answer(call, event, content)
}

function answer(call: Call, event: Exclude<CallOutcome, { type: 'child_started' }>, content: Payload): void {
  switch (event.type) {
    case 'activity_completed':
    case 'step_completed':
    case 'child_completed':
      call.resolve(decodePayload(content))
      return
    case 'activity_failed':
    case 'step_failed':
      call.reject(new ActivityError(call.facts.name, event.attempt, deserializeError(event.error)))
      return
    case 'activity_timed_out':
      call.reject(timedOut(call.facts.name, event))
      return
    case 'activity_cancelled':
    case 'step_cancelled':
      call.reject(call.cancelled ?? new CancelledError(`the ${call.facts.kind} was cancelled`))
      return
    case 'child_cancelled': // by this workflow's own cancel, or by someone else's
      call.reject(call.cancelled ?? new ChildWorkflowError(call.facts.name, deserializeError(event.error)))
      return
    case 'child_failed':
    case 'child_timed_out':
    case 'child_terminated':
      call.reject(new ChildWorkflowError(call.facts.name, deserializeError(event.error)))
      return
    case 'child_start_failed':
    case 'external_signal_failed':
    case 'external_cancel_failed':
      call.reject(deserializeError(event.error))
      return
    case 'timer_fired':
    case 'external_signal_delivered':
    case 'external_cancel_delivered':
      call.resolve(undefined)
      return
    default:
      unreachable(event)
  }
}

function timedOut(name: string, event: Extract<CallOutcome, { type: 'activity_timed_out' }>): ActivityError {
  const { attempt, kind, lastFailure } = event
  const cause = lastFailure && deserializeError(lastFailure)
  const message = `activity ${name} attempt ${attempt}: ${kind} timeout`
  return new ActivityError(name, attempt, new TimeoutError(kind, message, cause))
}
