/** The event that closed a run, and the failure with which it answers whoever waits for the result. */
import type { ClosedStatus, CommandEvent, HistoryEvent, SilentEvent } from './events.ts'
import { closedStatus } from './events.ts'
import { serializeError } from './failure.ts'
import { TerminatedError, TimeoutError } from '../errors.ts'
import type { SerializedError } from '../errors.ts'

export type ClosingEvent = Extract<
  CommandEvent | SilentEvent,
  {
    type: `workflow_${'completed' | 'failed' | 'cancelled' | 'terminated' | 'timed_out' | 'continued_as_new'}`
  }
>

/** How a chain of runs can end: the last of them is not continued. */
export type EndStatus = Exclude<ClosedStatus, 'continued_as_new'>

/** The last of `events`, where it closed the run. */
export function closingEvent(
  events: readonly HistoryEvent[],
): { event: ClosingEvent; status: ClosedStatus } | null {
  const event = events.at(-1)
  const status = event ? closedStatus(event.type) : null
  return event && status ? { event: event as ClosingEvent, status } : null // closedStatus is non-null for these only
}

/** The run that takes over; undefined where the chain ends. */
export function nextRunOf(event: ClosingEvent): string | undefined {
  return 'nextRunId' in event ? event.nextRunId : undefined
}

/** The failure of a closing event; undefined when it completed or went on as another run. */
export function failureOf(event: ClosingEvent): SerializedError | undefined {
  switch (event.type) {
    case 'workflow_completed':
    case 'workflow_continued_as_new':
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
