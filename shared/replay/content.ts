/** What workflow code sees of an event whose payload or failure was recorded as something that stands for it. */
import type { OutcomeEvent } from '../core/events.ts'
import { payloadOf } from '../core/events.ts'
import { standIn } from '../encoded.ts'
import { WorkflowError } from '../errors.ts'
import type { Payload } from '../payload.ts'

/** The payload of an event as the code sees it; `given` is its content, where something else stands for it. */
export function seenContent(event: OutcomeEvent, given: Payload): Payload {
  const payload = payloadOf(event)
  if (given !== undefined || standIn(payload) === null) return given ?? payload
  // What stands for it would be seen by this execution alone.
  throw new WorkflowError('internal', `the content of ${event.type} was not read before it was fed`)
}
