/**
 * Where everything of a simulated platform happens: requests and their replies, deliveries of queues, alarms, timers.
 *
 * V1 One thing at a time, each in a macrotask of its own: what it resolves has run before the next one begins.
 * V2 Time stands still unless it is advanced. What is due comes in the order of its time, then of its making.
 * V3 Real IO of activities and steps is waited for only while they are watched, and only for the grace.
 */
import { AsyncLocalStorage } from 'node:async_hooks'
import type { Time } from '../../shared/time.ts'
import { afterMicrotasks, drain, realPause } from '../platform.ts'

interface Timer {
  readonly at: number
  readonly fire: () => void
}

/** Something of the user's under way, which may wait for real IO or for time to pass: nobody can tell. */
export interface Watched {
  /** It has got further: its grace begins again. */
  renew(): void
}

const POLL_MS = 1

export class Timeline implements Time {
  readonly #graceMs: number
  /** What happens is nobody's who asked for it: neither a workflow's nor a step's. */
  readonly #outside = AsyncLocalStorage.snapshot()
  readonly #first: (() => void)[] = []
  readonly #ready: (() => void)[] = []
  #timers: Timer[] = []
  #now: number
  #busy = false
  #ended = false
  /** How many things have happened. */
  steps = 0
  /** Which of the things that are ready happens next: their order is nobody's promise. */
  readonly #pick: (ready: number) => number
  /** What is watched, and how often it will still be waited for. */
  readonly #watched = new Map<Watched, number>()

  constructor(startAt: number, graceMs: number, pick: (ready: number) => number = () => 0) {
    this.#pick = pick
    this.#now = startAt
    this.#graceMs = graceMs
  }

  now(): number {
    return this.#now
  }

  /** A time is whole milliseconds, here as on the platform. */
  after(ms: number, then: () => void): () => void {
    return this.at(this.#now + Math.max(0, Math.trunc(ms)), then)
  }

  /** Calls `then` at `at`, or at once when that is over. */
  at(at: number, then: () => void): () => void {
    const timer = { at, fire: then }
    const later = this.#timers.findIndex((other) => other.at > at)
    this.#timers.splice(later === -1 ? this.#timers.length : later, 0, timer)
    this.#run()
    return () => {
      const place = this.#timers.indexOf(timer)
      if (place !== -1) this.#timers.splice(place, 1)
    }
  }

  post(task: () => void, afterMs = 0): void {
    if (afterMs > 0) {
      this.after(afterMs, task)
      return
    }
    this.#ready.push(task)
    this.#run()
  }

  /** Ahead of everything else, once what happens now has happened. */
  next(task: () => void): void {
    this.#first.push(task)
    this.#run()
  }

  /** Resolves when everything that is ready now has happened. */
  hop(): Promise<void> {
    return new Promise((resolve) => {
      this.post(resolve)
    })
  }

  /** Waits for what `work` does outside, as long as the grace allows. */
  async watch<T>(work: (watched: Watched) => PromiseLike<T>): Promise<T> {
    const watched: Watched = { renew: () => this.#watched.set(watched, this.#graceMs / POLL_MS) }
    watched.renew()
    try {
      return await work(watched)
    } finally {
      watched.renew = () => {}
      this.#watched.delete(watched)
    }
  }

  /** Resolves when nothing can happen any more before time passes. */
  async settle(): Promise<void> {
    do await drain()
    while (this.#busy || (await this.#outsideMoves()))
  }

  async advance(ms: number): Promise<void> {
    const until = this.#now + ms
    await this.settle()
    for (let next = this.#timers[0]; next && next.at <= until; next = this.#timers[0]) {
      this.#now = Math.max(this.#now, next.at)
      this.#run()
      await this.settle()
    }
    this.#now = Math.max(this.#now, until)
  }

  get ended(): boolean {
    return this.#ended
  }

  /** Nothing happens here any more. */
  end(): void {
    this.#ended = true
    this.#watched.clear()
  }

  #run(): void {
    if (this.#busy || !this.#hasNext()) return
    this.#busy = true
    afterMicrotasks(() => {
      this.#busy = false
      if (!this.#hasNext()) return
      this.steps += 1
      const next = this.#first.shift() ?? this.#nextReady() ?? this.#timers.shift()?.fire
      if (next) this.#outside(next)
      this.#run()
    })
  }

  #nextReady(): (() => void) | undefined {
    const ready = this.#ready.length
    return ready > 1 ? this.#ready.splice(this.#pick(ready), 1)[0] : this.#ready.shift()
  }

  #hasNext(): boolean {
    if (this.#ended) return false
    const [timer] = this.#timers
    return this.#first.length > 0 || this.#ready.length > 0 || (timer !== undefined && timer.at <= this.#now)
  }

  async #outsideMoves(): Promise<boolean> {
    const waited = [...this.#watched].filter(([, polls]) => polls > 0)
    if (waited.length === 0) return false
    await realPause(POLL_MS)
    for (const [watched, polls] of waited)
      if (this.#watched.get(watched) === polls) this.#watched.set(watched, polls - 1)
    return true
  }
}
