/** Where a client puts large payloads and finds them: the bucket it was given, or the scheduler Worker. */
import {
  bucketMissing,
  bucketOf,
  contentMissing,
  contentReference,
  readContent,
  storeContent,
} from './bucket.ts'
import type { Bucket } from './bucket.ts'
import { invalid } from './names.ts'
import type { Reply } from './protocol.ts'
import type { PayloadOwner, Reference } from './reference.ts'
import { refusalError } from './refusal.ts'

/** What `WorkflowService` does itself, so that bytes never reach a shard: the objects of large payloads. */
export interface PayloadApi {
  /** Streams, since a call carries at most 32 MiB, its other arguments included. */
  storePayload(reference: Reference, content: ReadableStream): Promise<Reply<null>>
  readPayload(reference: Reference): Promise<Reply<ReadableStream>>
}

export interface PayloadStore {
  put(owner: PayloadOwner, content: Uint8Array<ArrayBuffer>): Promise<Reference>
  get(reference: Reference): Promise<Uint8Array<ArrayBuffer>>
}

/** The store of a client that was given a bucket. */
export function bucketStore(archive: unknown): PayloadStore {
  const bucket = bucketOf(archive)
  if (!bucket) throw invalid('archive', 'an R2 bucket', archive)
  return { put: (owner, content) => storeContent(bucket, owner, content), get: (one) => found(bucket, one) }
}

/** The store behind a service binding: the scheduler Worker writes and reads. */
export function serviceStore(service: PayloadApi): PayloadStore {
  return {
    put: async (owner, content) => {
      const reference = await contentReference(owner, content)
      valueOf(await service.storePayload(reference, new Blob([content]).stream()))
      return reference
    },
    get: async (reference) => await bytesOf(valueOf(await service.readPayload(reference))),
  }
}

/** A namespace connection without a bucket. */
export const noStore: PayloadStore = {
  put: () => Promise.reject(bucketMissing(THIS_CLIENT)),
  get: () => Promise.reject(bucketMissing(THIS_CLIENT)),
}

const THIS_CLIENT = 'this client (new WorkflowClient(connection, { archive: env.ARCHIVE }))'

async function found(bucket: Bucket, reference: Reference): Promise<Uint8Array<ArrayBuffer>> {
  const bytes = await readContent(bucket, reference)
  if (bytes) return bytes
  throw contentMissing(reference)
}

async function bytesOf(stream: ReadableStream): Promise<Uint8Array<ArrayBuffer>> {
  return new Uint8Array(await new Response(stream).arrayBuffer())
}

function valueOf<T>(reply: Reply<T>): T {
  if (reply.ok) return reply.value
  throw refusalError(reply)
}
