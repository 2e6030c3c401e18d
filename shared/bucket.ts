/** Payload objects in R2: how clients, activity Workers and the scheduler write and read them. */
import { WorkflowError } from './errors.ts'
import type { Json, Payload } from './payload.ts'
import { referenceTo } from './reference.ts'
import type { PayloadOwner, Reference } from './reference.ts'

/** An R2 bucket, as far as payloads use it. */
export interface Bucket {
  /** R2 refuses bytes that have another hash. */
  put(key: string, value: Uint8Array | ReadableStream, options: { sha256: string }): Promise<unknown>
  get(key: string): Promise<{
    readonly size: number
    readonly body: ReadableStream
    arrayBuffer(): Promise<ArrayBuffer>
  } | null>
  head(key: string): Promise<{ readonly size: number } | null>
}

/** The binding as a bucket; null when it is none. */
export function bucketOf(binding: unknown): Bucket | null {
  if (typeof binding !== 'object' || binding === null) return null
  if (!('put' in binding) || !('get' in binding) || !('head' in binding)) return null
  return binding as Bucket // a binding with these methods is R2's
}

/** The bucket binding is missing: with the lines that add it. */
export function bucketMissing(where: string): WorkflowError {
  const lines = '[[r2_buckets]]\nbinding = "ARCHIVE"\nbucket_name = "perdure-archive"'
  const message = `a payload above 128 KiB is an R2 object, and ${where} has no bucket; add to wrangler.toml:\n\n${lines}\n`
  return new WorkflowError('not_configured', message, { path: 'ARCHIVE' })
}

/** The payload's encoded JSON: the content of its object. */
export function payloadContent(payload: Json): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(JSON.stringify(payload)) as Uint8Array<ArrayBuffer> // of its own, never shared
}

/** The payload that `payloadContent` gave; throws for bytes that are not JSON. */
export function contentPayload(content: Uint8Array): Payload {
  return JSON.parse(new TextDecoder().decode(content)) as Payload // any JSON is one
}

/** Writes the object of a payload; once more makes no difference. */
export async function storeContent(
  bucket: Bucket,
  owner: PayloadOwner,
  content: Uint8Array<ArrayBuffer>,
): Promise<Reference> {
  const stored = await contentReference(owner, content)
  await fromR2(() => bucket.put(stored.key, content, { sha256: hashOf(stored) }))
  return stored
}

/** The reference to what `storeContent` would write. */
export async function contentReference(
  owner: PayloadOwner,
  content: Uint8Array<ArrayBuffer>,
): Promise<Reference> {
  const sha256 = hex(await crypto.subtle.digest('SHA-256', content))
  return referenceTo(owner, { sha256, size: content.byteLength })
}

/** The object's bytes; null when it is not there, or not as long as the reference says. */
export async function readContent(
  bucket: Bucket,
  { key, size }: Reference,
): Promise<Uint8Array<ArrayBuffer> | null> {
  return await fromR2(async () => {
    const object = await bucket.get(key)
    return object?.size === size ? new Uint8Array(await object.arrayBuffer()) : null
  })
}

/** What R2 answers; that it does not is a coded error, after which the same may be asked again. */
export async function fromR2<T>(ask: () => Promise<T>): Promise<T> {
  try {
    return await ask()
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw new WorkflowError('overloaded', `R2 does not answer, try again: ${reason}`, { cause })
  }
}

/** The content is gone: deleted with its run, or never written. */
export function contentMissing({ key, size }: Reference): WorkflowError {
  return new WorkflowError('internal', `the bucket has no object ${key} of ${size} bytes`)
}

/** The hash of its content, which a reference's key ends with. */
export function hashOf({ key }: Reference): string {
  return key.slice(-64)
}

function hex(hash: ArrayBuffer): string {
  return Array.from(new Uint8Array(hash), (byte) => byte.toString(16).padStart(2, '0')).join('')
}
