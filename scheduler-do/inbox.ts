/** What waits for a turn. A job is begun in a turn, and answered when the turn has been committed. */
import type { Refusal, Reply } from '../shared/protocol.ts'
import type { Turn } from './turn.ts'

export interface Job {
  /** Hands its inputs to the turn. May be called again: a turn that cannot be committed is redone job by job. */
  begin(turn: Turn): void
  /** The turn is committed. */
  release(): void
  /** The turn could not be committed, even with this job alone. */
  refuse(refusal: Refusal): void
}

/** A job with an answer: `begin` says what it will be once the turn is committed. */
export function ask<T>(begin: (turn: Turn, answer: (reply: Reply<T>) => void) => void): {
  job: Job
  reply: Promise<Reply<T>>
} {
  const { promise, resolve } = Promise.withResolvers<Reply<T>>()
  let answer: Reply<T> = { ok: false, code: 'internal', message: 'the turn ended without an answer' }
  const job: Job = {
    begin: (turn) =>
      begin(turn, (reply) => {
        answer = reply
      }),
    release: () => resolve(answer),
    refuse: resolve,
  }
  return { job, reply: promise }
}

/** What a shard that has been dropped from memory answers: asked again, the one that took over does. */
export const RETIRED: Refusal = {
  ok: false,
  code: 'overloaded',
  message: 'the shard was dropped from memory: ask again',
}

/** A job nobody waits for. */
export function tell(begin: (turn: Turn) => void): Job {
  return { begin, release: () => {}, refuse: () => {} }
}
