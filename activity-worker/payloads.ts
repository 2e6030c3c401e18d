/** Large payloads of an attempt: read from R2 before it begins, written there before it is reported. */
import {
  bucketMissing,
  contentMissing,
  contentPayload,
  payloadContent,
  readContent,
  storeContent,
} from '../shared/bucket.ts'
import type { Bucket } from '../shared/bucket.ts'
import { patiently } from '../shared/patience.ts'
import { encodePayload, largeBytes } from '../shared/payload.ts'
import type { Json, Payload } from '../shared/payload.ts'
import { referenceOf } from '../shared/reference.ts'
import type { PayloadOwner, Reference } from '../shared/reference.ts'
import type { Time } from '../shared/time.ts'

/** The objects of the run that an attempt belongs to. */
export interface Objects {
  /** Null where the Worker has no binding ARCHIVE. */
  readonly bucket: Bucket | null
  readonly owner: PayloadOwner
  readonly time: Time
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

async function read({ bucket, time }: Objects, reference: Reference): Promise<Payload> {
  if (!bucket) throw bucketMissing(THIS_WORKER)
  const content = await patiently(() => readContent(bucket, reference), PATIENCE, time)
  if (content) return contentPayload(content)
  throw contentMissing(reference)
}

async function write({ bucket, owner, time }: Objects, payload: Json): Promise<Reference> {
  if (!bucket) throw bucketMissing(THIS_WORKER)
  const content = payloadContent(payload)
  return await patiently(() => storeContent(bucket, owner, content), PATIENCE, time)
}
