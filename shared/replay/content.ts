/** What workflow code sees of an event whose payload or failure was recorded as something that stands for it. */
import { decode, decodeFailure } from '../codec.ts'
import type { Coding } from '../codec.ts'
import type { OutcomeEvent } from '../core/events.ts'
import { payloadOf } from '../core/events.ts'
import { standIn } from '../encoded.ts'
import { WorkflowError } from '../errors.ts'
import type { Payload } from '../payload.ts'
import { visibleReference } from '../reference.ts'
import type { Reference } from '../reference.ts'

/** What brings it back. */
export interface Reader {
  readonly coding?: Coding | null
  /** What a reference stands for. Absent where history holds no references. */
  readonly read?: (reference: Reference) => Promise<Payload> | Payload
}

export interface Seen {
  readonly event: OutcomeEvent
  /** The content of its payload, where that is not the payload itself. */
  readonly content?: Payload
}

/** The event as it is fed. */
export async function seenEvent(event: OutcomeEvent, { coding = null, read }: Reader): Promise<Seen> {
  const payload = payloadOf(event)
  const reference = visibleReference(payload)
  const whole = reference && read ? await read(reference) : payload
  const content = await decode(coding, whole)
  return { event: await withFailure(event, coding), ...(content !== payload && { content }) }
}

async function withFailure(event: OutcomeEvent, coding: Coding | null): Promise<OutcomeEvent> {
  if (!coding) return event
  if ('error' in event && event.error) return { ...event, error: await decodeFailure(coding, event.error) }
  if (!('lastFailure' in event) || !event.lastFailure) return event
  return { ...event, lastFailure: await decodeFailure(coding, event.lastFailure) }
}

/** The payload of an event as the code sees it; `given` is its content, where something else stands for it. */
export function seenContent(event: OutcomeEvent, given: Payload): Payload {
  const payload = payloadOf(event)
  if (given !== undefined || standIn(payload) === null) return given ?? payload
  // What stands for it would be seen by this execution alone.
  throw new WorkflowError('internal', `the content of ${event.type} was not read before it was fed`)
}
