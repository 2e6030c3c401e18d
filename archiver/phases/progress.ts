/** How far a sweep has come that takes many passes, and begins again a day after it has ended. Kept in the bucket. */
import type { Pass } from './context.ts'

interface Progress {
  /** Absent between two sweeps. */
  readonly cursor?: string
  /** When the last one ended; epoch ms. */
  readonly endedAt?: number
}

const EVERY_MS = 86_400_000

/** Where to go on; null when it is too early to begin again. */
export async function readProgress(pass: Pass, what: string): Promise<{ cursor?: string } | null> {
  const stored = await pass.bucket.get(keyOf(what))
  const { cursor, endedAt = 0 } = stored === null ? {} : await stored.json<Progress>()
  if (cursor !== undefined) return { cursor }
  return pass.now() - endedAt < EVERY_MS ? null : {}
}

/** `cursor`: null when all was looked at. */
export async function writeProgress(pass: Pass, what: string, cursor: string | null): Promise<void> {
  const progress: Progress = cursor === null ? { endedAt: pass.now() } : { cursor }
  await pass.bucket.put(keyOf(what), JSON.stringify(progress))
}

function keyOf(what: string): string {
  return `maintenance/${what.replace(/\/$/, '')}.json`
}
