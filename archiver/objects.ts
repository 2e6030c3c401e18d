/**
 * Objects in R2 that are written once and never change.
 *
 * O1 An object carries the SHA-256 it was written with; what is read is compared with it before anyone decodes it.
 * O2 A put that throws may have happened: it is found by its key, and taken when its bytes are the ones meant.
 */
import { ArchiveError } from './error.ts'

export interface StoredObject {
  readonly key: string
  readonly etag: string
  readonly bytes: Uint8Array
  readonly metadata: Readonly<Record<string, string>>
}

const PUT_ATTEMPTS = 3

/** Puts `bytes`, reads them back, and answers what R2 now holds. */
export async function putVerified(
  bucket: R2Bucket,
  key: string,
  object: { bytes: Uint8Array; contentType: string; metadata: Record<string, string> },
): Promise<StoredObject> {
  const sha256 = await sha256Of(object.bytes)
  const options: R2PutOptions = {
    onlyIf: { etagDoesNotMatch: '*' },
    sha256,
    httpMetadata: { contentType: object.contentType },
    customMetadata: { ...object.metadata, sha256 },
  }
  await putOnce(() => bucket.put(key, object.bytes, options))
  const stored = await fetchVerified(bucket, key)
  if (stored.metadata['sha256'] === sha256) return stored
  throw new ArchiveError('object_conflict', key, 'another content stands under this key')
}

/** The object's bytes, as they were written: checked against its own size and checksum, and `etag` when it is known. */
export async function fetchVerified(bucket: R2Bucket, key: string, etag?: string): Promise<StoredObject> {
  const object = await bucket.get(key)
  if (object === null) throw new ArchiveError('object_missing', key, 'R2 has no such object')
  const bytes = new Uint8Array(await object.arrayBuffer())
  const corrupt = (problem: string): ArchiveError => new ArchiveError('object_corrupt', key, problem)
  if (etag !== undefined && object.etag !== etag) throw corrupt(`its etag is ${object.etag}, not ${etag}`)
  if (bytes.length !== object.size) throw corrupt(`${bytes.length} of ${object.size} bytes were read`)
  const metadata = object.customMetadata ?? {}
  if (metadata['sha256'] !== (await sha256Of(bytes))) {
    throw corrupt('its bytes do not match the checksum they were written with')
  }
  return { key, etag: object.etag, bytes, metadata }
}

/** The rows of each row group, as its writer noted them beside the object. */
export function rowGroupsIn(metadata: StoredObject['metadata']): number[] {
  return (metadata['rowGroups'] ?? '').split(',').map(Number)
}

/** Every object under the prefix. R2 names as many at a time as it likes, and fewer of them with their metadata. */
export async function* objectsUnder(
  bucket: R2Bucket,
  options: Pick<R2ListOptions, 'prefix' | 'include'>,
): AsyncGenerator<R2Object> {
  let cursor: string | undefined
  do {
    const listed: R2Objects = await bucket.list({ ...options, ...(cursor !== undefined && { cursor }) })
    yield* listed.objects
    cursor = listed.truncated ? listed.cursor : undefined
  } while (cursor !== undefined)
}

/** Every object under the prefix, as many as one list names at a time. */
export async function deletePrefix(bucket: R2Bucket, prefix: string): Promise<void> {
  for (;;) {
    const { objects, truncated } = await bucket.list({ prefix })
    if (objects.length > 0) await bucket.delete(objects.map(({ key }) => key))
    if (!truncated) return
  }
}

/**
 * Objects `<prefix><fence>...` of passes before that of `fence`, killed before they could confirm them: they can confirm
 * no more. Those of a later pass may be confirmed by now.
 */
export async function deleteLeftovers(bucket: R2Bucket, prefix: string, fence: number): Promise<void> {
  const left: string[] = []
  for await (const { key } of objectsUnder(bucket, { prefix }))
    if (Number.parseInt(key.slice(prefix.length), 10) < fence) left.push(key)
  if (left.length > 0) await bucket.delete(left)
}

/** A key that is taken is no failure: whoever reads it back finds out whether it is ours. */
async function putOnce(put: () => Promise<unknown>): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      await put()
      return
    } catch (error) {
      if (attempt === PUT_ATTEMPTS) throw error
    }
  }
}

export async function sha256Of(bytes: Uint8Array): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes))
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('')
}
