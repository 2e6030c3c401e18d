/** An R2 bucket in memory, as far as payloads use it. */
import { createHash } from 'node:crypto'
import type { Bucket } from '../../shared/bucket.ts'
import type { Timeline } from './timeline.ts'

export function bucketOn(timeline: Timeline): Bucket {
  const objects = new Map<string, Uint8Array<ArrayBuffer>>()
  return {
    put: async (key, value, { sha256 }) => {
      const bytes = new Uint8Array(await new Response(value).arrayBuffer())
      await timeline.hop()
      if (createHash('sha256').update(bytes).digest('hex') !== sha256)
        throw new Error('put: The SHA-256 checksum you specified did not match what we received.')
      objects.set(key, bytes)
    },
    get: async (key) => {
      await timeline.hop()
      const bytes = objects.get(key)
      return bytes ? objectOf(bytes) : null
    },
    head: async (key) => {
      await timeline.hop()
      const bytes = objects.get(key)
      return bytes ? { size: bytes.byteLength } : null
    },
  }
}

function objectOf(bytes: Uint8Array<ArrayBuffer>) {
  return {
    size: bytes.byteLength,
    get body() {
      return new Blob([bytes]).stream()
    },
    arrayBuffer: async () => bytes.slice().buffer,
  }
}
