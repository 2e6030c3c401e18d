/**
 * The user's codec: a transformation of every payload, so that what lies in storage or on a queue is theirs alone.
 *
 * K1 Behind it are inputs, results, messages, heartbeat details, memos, details of failures, and on request the texts of
 *    failures. Before it are ids, names, search attributes and times: what the engine itself must read.
 * K2 Encoded is at the edge where a payload is made, decoded where it is looked into: in workflow code, activities, clients.
 * K3 A payload says what the codec was told of it, so that it can be decoded wherever it has gone.
 */
import { fromBase64, toBase64 } from './base64.ts'
import { contentPayload, payloadContent } from './bucket.ts'
import { encodedOf } from './encoded.ts'
import { WorkflowError } from './errors.ts'
import type { SerializedError } from './errors.ts'
import type { Json, Payload } from './payload.ts'
import { referenceOf } from './reference.ts'

/** What a codec may bind its output to, as AES-GCM does with additional data. */
export interface PayloadMeta {
  /** The workflow that the payload is of, or is sent to; the id of a run, or of a schedule, where only that is known. */
  workflowId: string
  /** Its place: `input`, `result`, `payload`, `args`, `details`, `memo`, `failure`. */
  field: string
}

/**
 * Turns the bytes of a payload into others and back, for instance by encrypting them. The scheduler, its clients and its
 * activity Workers must have the same. Both functions run while a shard's turn waits for them: keep keys in memory.
 */
export interface PayloadCodec {
  /** What is stored and sent in place of `bytes`. What it throws is `codec_failed`, with it as the cause. */
  encode(bytes: Uint8Array, meta: PayloadMeta): Promise<Uint8Array>
  /** The bytes that `encode` was given. What it throws is `codec_failed`, with it as the cause. */
  decode(bytes: Uint8Array, meta: PayloadMeta): Promise<Uint8Array>
}

/** What payloads are behind. The same for the scheduler, its clients and its activity Workers. */
export interface CodecOptions {
  /** Absent: payloads lie as JSON. */
  codec?: PayloadCodec
  /** Whether messages and stacks of failures go through the codec too; their details always do. Default: false. */
  encodeFailures?: boolean
}

/** A codec with what it is for. */
export interface Coding {
  readonly codec: PayloadCodec
  readonly failures: boolean
}

/** Null without a codec. */
export function codingOf({ codec, encodeFailures = false }: CodecOptions): Coding | null {
  if (codec) return { codec, failures: encodeFailures }
  if (!encodeFailures) return null
  throw new WorkflowError('invalid_argument', 'encodeFailures needs a codec', { path: 'encodeFailures' })
}

/** The payload behind the codec. A reference is: its content went through the codec before it. */
export async function encode(coding: Coding | null, payload: Payload, meta: PayloadMeta): Promise<Payload> {
  if (!coding || payload === undefined || isBehind(payload)) return payload
  const bytes = await attempt('encode', meta, () => coding.codec.encode(payloadContent(payload), meta))
  return { $type: 'encoded', value: toBase64(bytes), ...meta }
}

/** The payload before the codec; whoever has none gets it as it is. */
export async function decode(coding: Coding | null, payload: Payload): Promise<Payload> {
  const encoded = encodedOf(payload)
  if (!coding || !encoded) return payload
  const { value, workflowId, field } = encoded
  const meta = { workflowId, field }
  return await attempt('decode', meta, async () =>
    contentPayload(await coding.codec.decode(new Uint8Array(fromBase64(value)), meta)),
  )
}

export async function encodeFields(
  coding: Coding | null,
  fields: Record<string, Payload>,
  meta: PayloadMeta,
): Promise<Record<string, Payload>> {
  // null unsets a field: there is nothing in it
  return await mapped(fields, async (payload) => (payload === null ? null : encode(coding, payload, meta)))
}

export async function decodeFields(
  coding: Coding | null,
  fields: Record<string, Payload>,
): Promise<Record<string, Payload>> {
  return await mapped(fields, (payload) => decode(coding, payload))
}

/** The failure and its causes, with what is the application's behind the codec. */
export async function encodeFailure(
  coding: Coding | null,
  failure: SerializedError,
  workflowId: string,
): Promise<SerializedError> {
  if (!coding || failure.encoded !== undefined) return failure
  const { message, stack, details, cause, ...plain } = failure
  const told = coding.failures ? { message: HIDDEN } : { message, ...(stack !== undefined && { stack }) }
  const hidden = {
    ...(coding.failures && { message, ...(stack !== undefined && { stack }) }),
    ...(details !== undefined && { details: details as Json }), // encoded as one when the failure was serialized
  }
  const encoded =
    Object.keys(hidden).length > 0
      ? await encode(coding, hidden, { workflowId, field: 'failure' })
      : undefined
  return {
    ...plain,
    ...told,
    ...(encoded !== undefined && { encoded }),
    ...(cause && { cause: await encodeFailure(coding, cause, workflowId) }),
  }
}

const HIDDEN = 'this failure is encoded'

export async function decodeFailure(
  coding: Coding | null,
  failure: SerializedError,
): Promise<SerializedError> {
  if (!coding) return failure
  const { encoded, cause, ...plain } = failure
  const hidden = encoded === undefined ? {} : await decode(coding, encoded as Json) // made by `encodeFailure`
  return {
    ...plain,
    ...(hidden as Partial<SerializedError>), // what `encodeFailure` hid
    ...(cause && { cause: await decodeFailure(coding, cause) }),
  }
}

/** Whether the payload shows nothing of its value. */
export function isBehind(payload: Payload): boolean {
  return payload === undefined || encodedOf(payload) !== null || referenceOf(payload) !== null
}

async function attempt<T>(
  what: string,
  { workflowId, field }: PayloadMeta,
  work: () => Promise<T>,
): Promise<T> {
  try {
    return await work()
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause)
    const message = `the codec could not ${what} ${field} of workflow ${workflowId}: ${reason}`
    throw new WorkflowError('codec_failed', message, { path: field, cause })
  }
}

async function mapped(
  fields: Record<string, Payload>,
  each: (payload: Payload) => Promise<Payload>,
): Promise<Record<string, Payload>> {
  const entries = Object.entries(fields).map(async ([key, value]) => [key, await each(value)] as const)
  return Object.fromEntries(await Promise.all(entries))
}
