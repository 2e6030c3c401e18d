/** How fast the turns of a shard go, what it has refused of late, and whether it refuses this. */
import { retryAfterMs, turnSize } from '../shared/core/admission.ts'
import type { Arriving, Load } from '../shared/core/admission.ts'
import type { Refusal } from '../shared/protocol.ts'
import type { Drain } from '../shared/replay/replay.ts'
import { Durations } from './durations.ts'
import type { Job } from './inbox.ts'
import type { Runtime } from './runtime.ts'

/** The share that each second's past keeps in the measure of turns. A few of them alone say little: small ones cost more a job. */
const KEPT = 0.5
const SECOND_MS = 1_000
/** So many requests, and more may stand outside. Fewer are no load. */
const CROWD = 64
/** Where so many come at a time, there are more. */
const STREAM = 16
/** So often in a row are there fewer when there are no more: those on their way between two isolates are not seen at once. */
const LOOKS = 2
/** What is due waits for as long as another turn lasts at most. */
const LET_IN_MS = 250
/** In so many drains of this shard, so many requests to others of its isolate say that they keep the thread for themselves. */
const DRAINS = 16
const KEEPING = 2
const LOOKS_BESIDE = 3

/** Requests to all shards of the isolate: they share its thread. */
let askedOfAll = 0

export class Admission {
  /** Requests refused since the shard woke. */
  refusedInAll = 0
  /** Of turns, since the shard woke. */
  readonly durations = new Durations()
  #ms = 0
  #jobs = 0
  #news = 0
  #second = 0
  #refused = 0
  #refusedBefore = 0
  #arrived = 0
  #asked = 0
  /** Requests to the other shards of the isolate, when it was last looked whether they keep the thread; null: never. */
  #askedOfOthers: number | null = null
  /** Whether there were more when they were last let in. */
  #streaming = false
  #letIn: { until: number; resolve: () => void } | null = null

  /** A turn took these, and it was so long from its begin to the next one's, which is now. */
  took(jobs: readonly Job[], ms: number, now: number): void {
    this.#tick(now)
    this.durations.add(ms)
    this.#ms += ms
    this.#jobs += jobs.length
    this.#news += jobs.filter(({ newBytes }) => newBytes !== undefined).length
  }

  /**
   * Before each turn of a busy shard: what the platform still holds waits outside of every bound, and cannot be refused.
   * The platform may never be done with that, so that whoever comes looks at the time too. It looks at nothing from outside
   * while another shard is asked in a loop: then there is nothing to wait for, and no end to it.
   */
  async letIn({ time, letIn }: Pick<Runtime, 'time' | 'letIn'>, drain: Drain): Promise<void> {
    if (this.#arrived < CROWD && !this.#streaming) return
    this.#streaming = false
    if (await this.#isKeptOut(drain)) {
      this.#arrived = 0
      return
    }
    const until = time.now() + LET_IN_MS
    for (let left = LOOKS; left > 0 && time.now() < until; left -= 1) {
      this.#arrived = 0
      const { promise, resolve } = Promise.withResolvers<void>()
      this.#letIn = { until, resolve }
      await Promise.race([letIn(), promise])
      if (this.#arrived < STREAM) continue
      this.#streaming = true
      left = LOOKS + 1
    }
    this.#letIn = null
    this.#arrived = 0
  }

  /** A request to this shard. */
  asked(): void {
    askedOfAll += 1
    this.#asked += 1
  }

  async #isKeptOut(drain: Drain): Promise<boolean> {
    const askedOfOthers = askedOfAll - this.#asked
    // Of a loop some would have come since.
    if (askedOfOthers === this.#askedOfOthers) return false
    this.#askedOfOthers = askedOfOthers
    for (let left = LOOKS_BESIDE; left > 0; left -= 1) {
      const before = askedOfAll - this.#asked
      for (let drains = 0; drains < DRAINS; drains += 1) await drain()
      if (askedOfAll - this.#asked < before + KEEPING) return false
    }
    return true
  }

  /** How many jobs the next turn takes. */
  get turn(): number {
    return turnSize(this.#msPerJob)
  }

  refusal(
    load: Pick<Load, 'waiting' | 'fresh' | 'bytes' | 'waitedMs'>,
    arriving: Arriving,
    now: number,
  ): Refusal | null {
    this.#tick(now)
    this.#arrived += 1
    if (this.#letIn && now >= this.#letIn.until) this.#letIn.resolve()
    const refused = this.#refused + this.#refusedBefore
    const { waiting, fresh, bytes, waitedMs } = load
    const msPerJob = this.#msPerJob
    const jobsPerNew = this.#jobsPerNew
    const after = retryAfterMs({ waiting, fresh, bytes, waitedMs, refused, msPerJob, jobsPerNew }, arriving)
    if (after === null) return null
    this.#refused += 1
    this.refusedInAll += 1
    return overloaded(`${load.waiting} requests wait for their turn in this shard`, after)
  }

  get #msPerJob(): number {
    return this.#jobs === 0 ? 0 : this.#ms / this.#jobs
  }

  get #jobsPerNew(): number {
    return this.#news === 0 ? 1 : this.#jobs / this.#news
  }

  #tick(now: number): void {
    const second = Math.floor(now / SECOND_MS)
    if (second === this.#second) return
    const kept = KEPT ** Math.max(0, second - this.#second)
    this.#ms *= kept
    this.#jobs *= kept
    this.#news *= kept
    this.#refusedBefore = second === this.#second + 1 ? this.#refused : 0
    this.#refused = 0
    this.#second = second
  }
}

export function overloaded(why: string, afterMs: number): Refusal {
  const message = `${why}: ask again in ${afterMs} ms`
  return { ok: false, code: 'overloaded', message, facts: { retryAfterMs: afterMs } }
}
