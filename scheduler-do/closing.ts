/** The event that closed a run, and the failure with which it answers whoever waits for the result. */
import type { ClosedStatus, CommandEvent, HistoryEvent, SilentEvent } from '../shared/core/events.ts'
import { closedStatus } from '../shared/core/events.ts'
import { serializeError } from '../shared/core/failure.ts'
import { TerminatedError, TimeoutError, WorkflowError } from '../shared/errors.ts'
import type { SerializedError } from '../shared/errors.ts'
import type { Payload } from '../shared/payload.ts'
import type { ResultReply } from '../shared/protocol.ts'

export type ClosingEvent = Extract<
  CommandEvent | SilentEvent,
  { type: `workflow_${'completed' | 'failed' | 'cancelled' | 'terminated' | 'timed_out'}` }
>

/** The last of `events`, where it closed the run. */
export function closingEvent(
  events: readonly HistoryEvent[],
): { event: ClosingEvent; status: ClosedStatus } | null {
  const event = events.at(-1)
  const status = event ? closedStatus(event.type) : null
  return event && status ? { event: event as ClosingEvent, status } : null // closedStatus is non-null for these only
}

/** The failure of a closing event; undefined when it completed. */
export function failureOf(event: ClosingEvent): SerializedError | undefined {
  switch (event.type) {
    case 'workflow_completed':
      return undefined
    case 'workflow_failed':
    case 'workflow_cancelled':
      return event.error
    case 'workflow_terminated':
      return serializeError(new TerminatedError(event.reason))
    default:
      return serializeError(new TimeoutError(event.kind, `the ${event.kind} timeout of the workflow passed`))
  }
}

/** How a closed run answers whoever asks for its result. */
export function resultReply(
  runId: string,
  closed: { status: ClosedStatus; result: Payload; error: SerializedError | undefined },
): ResultReply {
  const { status, result, error } = closed
  if (status === 'completed') return { status, runId, ...(result !== undefined && { result }) }
  const lost = new WorkflowError('internal', `the run ended as ${status} and left no error`)
  return { status, runId, error: error ?? serializeError(lost) }
}

/** The same, from the event that closed the run. */
export function resultOf(
  runId: string,
  { event, status }: { event: ClosingEvent; status: ClosedStatus },
): ResultReply {
  const result = 'result' in event ? event.result : undefined
  return resultReply(runId, { status, result, error: failureOf(event) })
}
