/** What a run draws from: its own numbers and, in what it has taken over from a run that was reset, that one's. */
import type { HistoryEvent } from '../core/events.ts'
import { isFed } from '../core/events.ts'
import { SeededRandom } from './random.ts'

type Reset = Extract<HistoryEvent, { type: 'workflow_reset' }>

export class Draws {
  readonly #seed: () => string
  readonly #asked: () => number
  #current: SeededRandom | null = null
  /** From that many calls of the code on, each later than the one before it. */
  #next: { seed: string; behind: number }[] = []

  /** The seed of the run's beginning, and how much the code has asked for since it was last fed. */
  constructor(seed: () => string, asked: () => number) {
    this.#seed = seed
    this.#asked = asked
  }

  get random(): SeededRandom {
    for (const { seed, behind } of this.#next) if (this.#asked() >= behind) this.#take(seed)
    this.#current ??= new SeededRandom(this.#seed())
    return this.#current
  }

  /** Replay, before an event is fed: `behind` is where what follows it begins. What the code asks for anew may come in its answer. */
  ahead(history: readonly HistoryEvent[], behind: number): void {
    for (let place = behind; place < history.length; place += 1) {
      const event = history[place]
      if (!event || isFed(event)) return
      if (event.type === 'workflow_reset' && event.callsKept !== undefined)
        this.#next.push({ seed: event.seed, behind: event.callsKept })
    }
  }

  reset({ seed, callsKept }: Reset): void {
    if (callsKept === undefined || this.#next.some((next) => next.seed === seed)) this.#take(seed)
  }

  #take(seed: string): void {
    this.#current = new SeededRandom(seed)
    this.#next = this.#next.slice(this.#next.findIndex((next) => next.seed === seed) + 1)
  }
}
