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
import type { Host } from '../shared/chance.ts'
import { decode, encode } from '../shared/codec.ts'
import type { Coding } from '../shared/codec.ts'
import { encodedOf } from '../shared/encoded.ts'
import { WorkflowError } from '../shared/errors.ts'
import { patiently } from '../shared/patience.ts'
import { encodePayload, largeBytes } from '../shared/payload.ts'
import type { Json, Payload } from '../shared/payload.ts'
import { referenceOf } from '../shared/reference.ts'
import type { PayloadOwner, Reference } from '../shared/reference.ts'

/** The objects of the run that an attempt belongs to. */
export interface Objects extends Host {
  /** Null where the Worker has no binding ARCHIVE. */
  readonly bucket: Bucket | null
  readonly owner: PayloadOwner
  readonly workflowId: string
  readonly coding: Coding | null
}

/** The payload itself, whatever its size. */
export function whole(objects: Objects, payload: Payload): Payload | Promise<Payload> {
  const reference = referenceOf(payload)
  if (reference) return read(objects, reference).then((content) => readable(objects, content))
  return encodedOf(payload) ? readable(objects, payload) : payload
}

/** A value as it is reported: a reference where it is large. */
export function outgoing(objects: Objects, value: unknown, path: string): Payload | Promise<Payload> {
  const payload = encodePayload(value, path)
  if (objects.coding) return encoded(objects, payload, path)
  return travelling(objects, payload, path)
}

async function encoded(objects: Objects, payload: Payload, field: string): Promise<Payload> {
  const { coding, workflowId } = objects
  return await travelling(objects, await encode(coding, payload, { workflowId, field }), field)
}

function travelling(objects: Objects, payload: Payload, path: string): Payload | Promise<Payload> {
  if (payload === undefined || largeBytes(payload, path) === 0) return payload
  return write(objects, payload)
}

async function readable({ coding }: Objects, payload: Payload): Promise<Payload> {
  if (coding || !encodedOf(payload)) return await decode(coding, payload)
  const message = 'the payload is behind a codec: give the WorkflowWorker the one that the scheduler has'
  throw new WorkflowError('not_configured', message, { path: 'codec' })
}

const THIS_WORKER = 'this activity Worker'
/** A few seconds: after that it is the attempt that is tried again. */
const PATIENCE = { retries: 4, minTimeout: 100, factor: 3, randomize: true }

async function read(objects: Objects, reference: Reference): Promise<Payload> {
  const { bucket } = objects
  if (!bucket) throw bucketMissing(THIS_WORKER)
  const content = await patiently(() => readContent(bucket, reference), PATIENCE, objects)
  if (content) return contentPayload(content)
  throw contentMissing(reference)
}

async function write(objects: Objects, payload: Json): Promise<Reference> {
  const { bucket, owner } = objects
  if (!bucket) throw bucketMissing(THIS_WORKER)
  const content = payloadContent(payload)
  return await patiently(() => storeContent(bucket, owner, content), PATIENCE, objects)
}
