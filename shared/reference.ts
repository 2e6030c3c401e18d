/**
 * References: what stands for a payload that is too large to travel inline. Its encoded JSON is an R2 object of its run.
 *
 * L1 An object's key names its run and its content: `payload/<namespace>/<shard>/<run id>/<sha256>`.
 * L2 A reference is a whole payload, never a part of one: encoder and decoder refuse it further down.
 * L3 Whether workflow code sees the value or the reference depends on the size alone, so that a replay sees the same.
 */
import { isName } from './names.ts'
import type { Json } from './payload.ts'

/** A larger payload travels by reference. */
export const MAX_INLINE_BYTES = 128 * 1024
/** Workflow code sees a larger payload only as a `LargePayload`. */
export const MAX_VISIBLE_BYTES = 8 * 1024 * 1024
/** A larger payload is refused. */
export const MAX_PAYLOAD_BYTES = 32 * 1024 * 1024

/** A type, not an interface: as such it is JSON. */
export type Reference = { $type: 'ref'; key: string; size: number }

/** Whose objects they are. */
export interface PayloadOwner {
  readonly namespace: string
  readonly shard: number
  readonly runId: string
}

/** Whose payloads are to be stored before a request that refers to them. */
export interface TargetReply {
  /** The latest run of the id, or the run named; null when there is none. */
  latest: { runId: string; open: boolean } | null
  /** An id for a run that begins with the request. */
  fresh: string
  /** The shard that they are of, where it is not the one asked: over HTTP a client sees but one. */
  shard?: number
}

/** Registered, not unique to this module: a bundle may hold the package twice. */
const STANDS_FOR = Symbol.for('perdure.reference')

/**
 * A payload above 8 MiB, as workflow code, `list` and `history` see it. It cannot be looked into; it can be passed on
 * unchanged, as the whole input of an activity or child, payload of a signal, or result.
 */
export class LargePayload {
  /** Bytes of its JSON. */
  readonly size: number

  constructor({ key, size }: Reference) {
    this.size = size
    standsFor(this, { $type: 'ref', key, size }) // nothing else that may stand beside them
  }
}

/** The value is what whoever cannot look into `payload` sees of it. */
export function standsFor(value: object, payload: Json): void {
  Object.defineProperty(value, STANDS_FOR, { value: Object.freeze(structuredClone(payload)) })
  Object.freeze(value)
}

/** The payload that the value stands for; undefined for anything else. */
export function passedOn(value: object): Json | undefined {
  return Reflect.get(value, STANDS_FOR) as Json | undefined // set by the function above only
}

/** The payload as the reference that it is; null for any other. */
export function referenceOf(payload: unknown): Reference | null {
  if (typeof payload !== 'object' || payload === null || !('$type' in payload)) return null
  const { $type } = payload
  return $type === 'ref' && isReference(payload) ? payload : null
}

/** The payload as a reference whose content workflow code sees; null for any other. */
export function visibleReference(payload: unknown): Reference | null {
  const reference = referenceOf(payload)
  return reference !== null && reference.size <= MAX_VISIBLE_BYTES ? reference : null
}

export function referenceTo(owner: PayloadOwner, content: { sha256: string; size: number }): Reference {
  return { $type: 'ref', key: payloadKey(owner, content.sha256), size: content.size }
}

export function payloadKey(owner: PayloadOwner, sha256: string): string {
  return `${payloadPrefix(owner)}${sha256}`
}

/** Where all objects of a run lie. */
export function payloadPrefix({ namespace, shard, runId }: PayloadOwner): string {
  return `payload/${namespace}/${shard}/${runId}/`
}

const KEY = /^payload\/([^/]+)\/(\d+)\/([0-9A-HJKMNP-TV-Z]{26})\/([0-9a-f]{64})$/

/** What a key says; null for a text that is no key. */
export function parsePayloadKey(key: string): (PayloadOwner & { sha256: string }) | null {
  const [, namespace, shard, runId, sha256] = KEY.exec(key) ?? []
  if (namespace === undefined || runId === undefined || sha256 === undefined) return null
  if (!isName(namespace)) return null
  return { namespace, shard: Number(shard), runId, sha256 }
}

/** The run whose object a reference names. */
export function ownerRun({ key }: Reference): string {
  return parsePayloadKey(key)?.runId ?? ''
}

function isReference(value: object): value is Reference {
  if (!('key' in value) || !('size' in value)) return false
  return typeof value.key === 'string' && Number.isSafeInteger(value.size)
}
