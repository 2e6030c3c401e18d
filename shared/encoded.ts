/** Payloads behind a codec: what stands for them wherever they travel or lie. */
import { fromBase64 } from './base64.ts'
import { WorkflowError } from './errors.ts'
import type { Payload } from './payload.ts'
import { standsFor, visibleReference } from './reference.ts'
import type { Reference } from './reference.ts'

/** A type, not an interface: as such it is JSON. `value` is base64 of what the codec gave. */
export type Encoded = { $type: 'encoded'; value: string; workflowId: string; field: string }

/** A payload as whoever lacks the codec sees it. It cannot be looked into; it can be passed on, as a whole payload. */
export class EncodedPayload {
  /** What the codec gave. */
  readonly bytes: Uint8Array
  /** The workflow that the codec was told of. */
  readonly workflowId: string
  /** The place that the codec was told of, such as `input`. */
  readonly field: string

  constructor(encoded: Encoded) {
    this.bytes = bytesOf(encoded)
    const { $type, value, workflowId, field } = encoded
    this.workflowId = workflowId
    this.field = field
    standsFor(this, { $type, value, workflowId, field }) // nothing else that may stand beside them
  }
}

function bytesOf({ value }: Encoded): Uint8Array {
  try {
    return new Uint8Array(fromBase64(value))
  } catch (cause) {
    throw new WorkflowError('payload_unsupported', 'not an encoded payload: its value must be base64', {
      cause,
    })
  }
}

/** The payload as what stands for it behind a codec; null for any other. */
export function encodedOf(payload: unknown): Encoded | null {
  if (typeof payload !== 'object' || payload === null || !('$type' in payload)) return null
  return payload.$type === 'encoded' && isEncoded(payload) ? payload : null
}

/** What may stand for a payload that workflow code sees. */
export type StandIn = Reference | Encoded

export function standIn(payload: Payload): StandIn | null {
  return visibleReference(payload) ?? encodedOf(payload)
}

function isEncoded(value: object): value is Encoded {
  if (!('value' in value) || !('workflowId' in value) || !('field' in value)) return false
  const { value: text, workflowId, field } = value
  return typeof text === 'string' && typeof workflowId === 'string' && typeof field === 'string'
}
