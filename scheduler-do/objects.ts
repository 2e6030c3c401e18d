/** The objects of large payloads, for clients that reach the scheduler over a service binding. No shard sees their bytes. */
import { bucketMissing, contentMissing, fromR2, hashOf } from '../shared/bucket.ts'
import type { Bucket } from '../shared/bucket.ts'
import { WorkflowError } from '../shared/errors.ts'
import { invalid } from '../shared/names.ts'
import { tooLarge } from '../shared/payload.ts'
import type { Reply } from '../shared/protocol.ts'
import { MAX_PAYLOAD_BYTES, parsePayloadKey, referenceOf } from '../shared/reference.ts'
import type { Reference } from '../shared/reference.ts'
import { refusalOf } from './refuse.ts'

export function storeObject(
  bucket: Bucket | null,
  stored: Reference,
  content: ReadableStream,
): Promise<Reply<null>> {
  return answered(async () => {
    if (!bucket) throw bucketMissing('the scheduler')
    checkReference(stored)
    if (stored.size > MAX_PAYLOAD_BYTES)
      throw tooLarge('payload', `is ${stored.size} bytes as JSON, above ${MAX_PAYLOAD_BYTES}`)
    const { readable, writable } = new FixedLengthStream(stored.size)
    const put = () => bucket.put(stored.key, readable, { sha256: hashOf(stored) })
    await fromR2(() => Promise.all([content.pipeTo(writable), put()])).catch((error: unknown) => {
      throw isOtherContent(error)
        ? invalid('key', 'one that ends with the SHA-256 of the bytes', stored.key)
        : error
    })
    return null
  })
}

export function readObject(bucket: Bucket | null, found: Reference): Promise<Reply<ReadableStream>> {
  return answered(async () => {
    if (!bucket) throw bucketMissing('the scheduler')
    checkReference(found)
    const object = await fromR2(() => bucket.get(found.key))
    if (object?.size === found.size) return object.body
    throw contentMissing(found)
  })
}

/** The bytes of a payload by the key of its object; null where there is none. */
export async function readStored(bucket: Bucket | null, key: string): Promise<ReadableStream | null> {
  if (!bucket) throw bucketMissing('the scheduler')
  if (!parsePayloadKey(key)) throw invalid('key', 'the key of a payload', key)
  return (await fromR2(() => bucket.get(key)))?.body ?? null
}

/** R2 says so by number: the bytes have another hash. To send them again would not help. */
function isOtherContent(error: unknown): boolean {
  return error instanceof Error && error.cause instanceof Error && error.cause.message.endsWith('(10037)')
}

/** A key is a payload's or nothing: there are other objects in the bucket. */
function checkReference(reference: Reference): void {
  if (referenceOf(reference) && parsePayloadKey(reference.key)) return
  throw invalid('reference', 'a reference to a payload', reference)
}

async function answered<T>(work: () => Promise<T>): Promise<Reply<T>> {
  try {
    return { ok: true, value: await work() }
  } catch (error) {
    if (error instanceof WorkflowError) return refusalOf(error)
    throw error
  }
}
