/** What workflow code sees of a payload that was recorded as a reference. */
import type { OutcomeEvent } from '../core/events.ts'
import { payloadOf } from '../core/events.ts'
import { WorkflowError } from '../errors.ts'
import type { Payload } from '../payload.ts'
import { visibleReference } from '../reference.ts'

/** The payload of an event as the code sees it; `given` is the content, where the payload is a reference to one. */
export function seenContent(event: OutcomeEvent, given: Payload): Payload {
  const payload = payloadOf(event)
  if (given !== undefined || visibleReference(payload) === null) return given ?? payload
  // A reference in its place would be seen by this execution alone.
  throw new WorkflowError('internal', `the content of ${event.type} was not read before it was fed`)
}
