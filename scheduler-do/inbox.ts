/** What waits for a turn. A job is begun in a turn, and answered when the turn has been committed. */
import type { Refusal, Reply } from '../shared/protocol.ts'
import type { Time } from '../shared/time.ts'
import type { Turn } from './turn.ts'

export interface Job {
  /** Hands its inputs to the turn. May be called again: a turn that cannot be committed is redone job by job. */
  begin(turn: Turn): void
  /** The turn is committed. */
  release(): void
  /** The turn could not be committed, even with this job alone. */
  refuse(refusal: Refusal): void
  /** Of new work: the bytes of its payloads. Absent: the job carries on or ends what was accepted before. */
  readonly newBytes?: number
  /** The id whose latest run it begins by looking up. */
  readonly workflowId?: string
}

type Answer<T> = (reply: Reply<T>) => void

/** A job with an answer: `begin` says what it will be once the turn is committed. */
export function ask<T>(
  begin: (turn: Turn, answer: Answer<T>) => void,
  facts: Pick<Job, 'newBytes' | 'workflowId'> = {},
): {
  job: Job
  reply: Promise<Reply<T>>
} {
  const { promise, resolve } = Promise.withResolvers<Reply<T>>()
  return { job: { ...answering(begin, resolve), ...facts }, reply: promise }
}

/** The same, its answer told to `answered`. */
export function answering<T>(begin: (turn: Turn, answer: Answer<T>) => void, answered: Answer<T>): Job {
  let answer: Reply<T> = { ok: false, code: 'internal', message: 'the turn ended without an answer' }
  const says: Answer<T> = (reply) => {
    answer = reply
  }
  return { begin: (turn) => begin(turn, says), release: () => answered(answer), refuse: answered }
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

interface Waiting {
  readonly number: number
  readonly job: Job
}

/** In the order of arrival, unless more waits than one turn takes: then new work comes last. */
export class Inbox {
  #accepted: Waiting[] = []
  #fresh: (Waiting & { readonly at: number })[] = []
  #arrived = 0
  /** Payload bytes of the new work that waits. */
  newBytes = 0

  get size(): number {
    return this.#accepted.length + this.#fresh.length
  }

  /** Of what waits, what is no new work. */
  get accepted(): number {
    return this.#accepted.length
  }

  get fresh(): number {
    return this.#fresh.length
  }

  /** Since when the first of the new work waits; Infinity: none does. */
  get newSince(): number {
    return this.#fresh[0]?.at ?? Infinity
  }

  add(job: Job, time: Time): void {
    const number = (this.#arrived += 1)
    if (job.newBytes === undefined) this.#accepted.push({ number, job })
    else this.#fresh.push({ number, job, at: time.now() })
    this.newBytes += job.newBytes ?? 0
  }

  take(most: number): Job[] {
    const all = this.size <= most
    const accepted = this.#accepted.splice(0, most)
    const fresh = this.#fresh.splice(0, most - accepted.length)
    for (const { job } of fresh) this.newBytes -= job.newBytes ?? 0
    const taken = [...accepted, ...fresh]
    if (all && accepted.length > 0 && fresh.length > 0) taken.sort((one, other) => one.number - other.number)
    return taken.map(({ job }) => job)
  }
}
