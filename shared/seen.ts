/** Recorded events as workflow code sees them: read where they refer to something, and before the codec. */
import { decode, decodeFailure } from './codec.ts'
import type { Coding } from './codec.ts'
import type { OutcomeEvent } from './core/events.ts'
import { payloadOf } from './core/events.ts'
import type { Seen } from './core/inputs.ts'
import type { Payload } from './payload.ts'
import { visibleReference } from './reference.ts'
import type { Reference } from './reference.ts'

/** How a replay sees events. `read`: what a reference stands for; absent where history holds no references. */
export function seer(
  coding: Coding | null,
  read?: (reference: Reference) => Promise<Payload>,
): (event: OutcomeEvent) => Promise<Seen> {
  return async (event) => {
    const payload = payloadOf(event)
    const reference = visibleReference(payload)
    const whole = reference && read ? await read(reference) : payload
    const content = await decode(coding, whole)
    return { event: await withFailure(event, coding), ...(content !== payload && { content }) }
  }
}

async function withFailure(event: OutcomeEvent, coding: Coding | null): Promise<OutcomeEvent> {
  if (!coding) return event
  if ('error' in event && event.error) return { ...event, error: await decodeFailure(coding, event.error) }
  if (!('lastFailure' in event) || !event.lastFailure) return event
  return { ...event, lastFailure: await decodeFailure(coding, event.lastFailure) }
}
