/**
 * What code sees of payloads and failures that something else stands for, on its way through a turn: read before they are
 * fed, kept beside what stands for them, gone with it. History holds that alone.
 */
import { decode, decodeFailure } from '../shared/codec.ts'
import type { Coding } from '../shared/codec.ts'
import type { OutcomeEvent } from '../shared/core/events.ts'
import { inputFailure, inputPayload } from '../shared/core/inputs.ts'
import type { Input } from '../shared/core/inputs.ts'
import { standIn } from '../shared/encoded.ts'
import type { StandIn } from '../shared/encoded.ts'
import type { SerializedError } from '../shared/errors.ts'
import type { Payload } from '../shared/payload.ts'

const contents = new WeakMap<StandIn, Payload>()
const failures = new WeakMap<SerializedError, SerializedError>()

export function attachContent(standsFor: StandIn, content: Payload): void {
  contents.set(standsFor, content)
}

/** The code has seen it, and what stands for it lives on. */
export function dropContent(standsFor: StandIn): void {
  contents.delete(standsFor)
}

/** The payload as the code sees it, once that has been read. */
export function seenPayload(payload: Payload): Payload {
  const standsFor = standIn(payload)
  return standsFor ? contents.get(standsFor) : payload
}

/** The event with its failure as the code sees it. */
export function seenFailure(event: OutcomeEvent): OutcomeEvent {
  if ('error' in event && event.error) return { ...event, error: failures.get(event.error) ?? event.error }
  if (!('lastFailure' in event) || !event.lastFailure) return event
  return { ...event, lastFailure: failures.get(event.lastFailure) ?? event.lastFailure }
}

/** Before the input is decided: what it brings, before the codec. */
export async function reveal(coding: Coding, input: Input): Promise<void> {
  await revealPayload(coding, inputPayload(input))
  const failure = inputFailure(input)
  if (failure) failures.set(failure, await decodeFailure(coding, failure))
}

export async function revealPayload(coding: Coding, payload: Payload): Promise<void> {
  const standsFor = standIn(payload)
  if (!standsFor) return
  const whole = standsFor.$type === 'ref' ? contents.get(standsFor) : standsFor
  attachContent(standsFor, await decode(coding, whole))
}
