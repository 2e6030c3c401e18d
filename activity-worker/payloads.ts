/** Large payloads of an attempt: read from R2 before it begins, written there before it is reported. */
import pRetry from 'p-retry'
import {
  bucketMissing,
  contentMissing,
  contentPayload,
  payloadContent,
  readContent,
  storeContent,
} from '../shared/bucket.ts'
import type { Bucket } from '../shared/bucket.ts'
import { encodePayload, largeBytes } from '../shared/payload.ts'
import type { Json, Payload } from '../shared/payload.ts'
import { referenceOf } from '../shared/reference.ts'
import type { PayloadOwner, Reference } from '../shared/reference.ts'

/** The objects of the run that an attempt belongs to. */
export interface Objects {
  /** Null where the Worker has no binding ARCHIVE. */
  readonly bucket: Bucket | null
  readonly owner: PayloadOwner
}

/** The payload itself, whatever its size. */
export function whole(objects: Objects, payload: Payload): Payload | Promise<Payload> {
  const reference = referenceOf(payload)
  return reference ? read(objects, reference) : payload
}

/** A value as it is reported: a reference where it is large. */
export function outgoing(objects: Objects, value: unknown, path: string): Payload | Promise<Payload> {
  const payload = encodePayload(value, path)
  if (payload === undefined || largeBytes(payload, path) === 0) return payload
  return write(objects, payload)
}

const THIS_WORKER = 'this activity Worker'
/** A few seconds: after that it is the attempt that is tried again. */
const PATIENCE = { retries: 4, minTimeout: 100, factor: 3, randomize: true }

async function read({ bucket }: Objects, reference: Reference): Promise<Payload> {
  if (!bucket) throw bucketMissing(THIS_WORKER)
  const content = await pRetry(() => readContent(bucket, reference), PATIENCE)
  if (content) return contentPayload(content)
  throw contentMissing(reference)
}

async function write({ bucket, owner }: Objects, payload: Json): Promise<Reference> {
  if (!bucket) throw bucketMissing(THIS_WORKER)
  const content = payloadContent(payload)
  return await pRetry(() => storeContent(bucket, owner, content), PATIENCE)
}
