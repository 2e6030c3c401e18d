/** Verbs that end something, asked again. */
import type { ErrorCode } from './error-code.ts'
import type { Reply } from './protocol.ts'

type Verb<S, R> = (shard: S, request: R) => Promise<Reply<null>>

/** `verb` for one call: an attempt whose answer was lost may have ended it, and then the next one is refused as `ended`. */
export function ending<S, R>(verb: Verb<S, R>, ended: ErrorCode): Verb<S, R> {
  let attempts = 0
  return async (shard, request) => {
    attempts += 1
    const reply = await verb(shard, request)
    const done = attempts > 1 && !reply.ok && reply.code === ended
    return done ? { ok: true, value: null } : reply
  }
}
