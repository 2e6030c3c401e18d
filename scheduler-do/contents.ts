/**
 * What references stand for, on its way through a turn: read before the input that refers to it joins the inbox, kept
 * beside the reference object itself, gone with it. History holds the reference alone.
 */
import type { Payload } from '../shared/payload.ts'
import type { Reference } from '../shared/reference.ts'

const contents = new WeakMap<Reference, Payload>()

export function attachContent(reference: Reference, content: Payload): void {
  contents.set(reference, content)
}

export function contentFor(reference: Reference): Payload {
  return contents.get(reference)
}

/** The code has seen it, and the reference lives on. */
export function dropContent(reference: Reference): void {
  contents.delete(reference)
}
