/**
 * Room for so many activities at a time in an isolate, in all its invocations together.
 *
 * L1 Invocations share counts and no promises: the platform ends one that waits for nothing but another one, and whoever
 *    is ended hands nothing on.
 * L2 Whoever holds room, or waits for it, shows itself every few seconds. Of whom nothing was seen for longer than that
 *    the platform has ended: its room is free.
 */
import type { Time } from '../shared/time.ts'

const SHOWN_EVERY_MS = 5_000
const GONE_AFTER_MS = 4 * SHOWN_EVERY_MS
/** While it waits for room that another one has. */
const LOOK_MS = 50

interface Party {
  held: number
  shownAt: number
}

/** What the invocations share. */
export class Slots {
  readonly #count: number
  readonly #holding = new Set<Party>()
  /** Whoever came first is first to have what becomes free. */
  readonly #waiting = new Set<Party>()

  constructor(count: number) {
    this.#count = count
  }

  get limited(): boolean {
    return this.#count !== Infinity
  }

  take(party: Party, now: number): boolean {
    const [first = party] = present(this.#waiting, now)
    if (first !== party) return false
    const held = present(this.#holding, now).reduce((sum, one) => sum + one.held, 0)
    if (held >= this.#count) return false
    party.held += 1
    this.#holding.add(party)
    return true
  }

  /** What it has become. */
  show(party: Party, { waits, now }: { waits: boolean; now: number }): void {
    party.shownAt = now
    if (party.held > 0) this.#holding.add(party)
    else this.#holding.delete(party)
    if (waits) this.#waiting.add(party)
    else this.#waiting.delete(party)
  }
}

/** Those who were seen of late; the others are forgotten. */
function present(parties: Set<Party>, now: number): Party[] {
  for (const one of parties) if (now - one.shownAt > GONE_AFTER_MS) parties.delete(one)
  return [...parties]
}

/** The slots as one invocation sees them: what it has it hands on to its own first, in the order in which they came. */
export class InvocationSlots {
  readonly #slots: Slots
  readonly #time: Time
  /** Nobody waits for longer. */
  readonly #until: number
  readonly #party: Party = { held: 0, shownAt: 0 }
  readonly #waiting: ((entered: boolean) => void)[] = []
  #everyMs = Infinity
  #stop: (() => void) | undefined

  constructor(slots: Slots, time: Time, until = Infinity) {
    this.#slots = slots
    this.#time = time
    this.#until = until
  }

  /** Takes room at once, if there is any; `leave` gives it back. */
  enter(): boolean {
    if (!this.#slots.limited) return true
    const entered = this.#slots.take(this.#party, this.#time.now())
    if (entered) this.#show()
    return entered
  }

  leave(): void {
    if (!this.#slots.limited) return
    const next = this.#waiting.shift()
    if (next) next(true)
    else this.#party.held -= 1
    this.#show()
  }

  /** `work`, as soon as there is room; `otherwise`, where there is none in time. */
  async hold<T>(work: () => Promise<T>, otherwise: () => T): Promise<T> {
    if (this.#waiting.length > 0 || !this.enter()) {
      const entered = await new Promise<boolean>((resolve) => {
        this.#waiting.push(resolve)
        this.#show()
      })
      if (!entered) return otherwise()
    }
    try {
      return await work()
    } finally {
      this.leave()
    }
  }

  #show(): void {
    const waits = this.#waiting.length > 0
    this.#slots.show(this.#party, { waits, now: this.#time.now() })
    this.#lookEvery(waits ? LOOK_MS : this.#party.held > 0 ? SHOWN_EVERY_MS : Infinity)
  }

  #lookEvery(ms: number): void {
    if (ms === this.#everyMs) return
    this.#stop?.()
    this.#everyMs = ms
    this.#stop = ms === Infinity ? undefined : this.#time.after(ms, () => this.#look())
  }

  #look(): void {
    this.#everyMs = Infinity
    const now = this.#time.now()
    if (now >= this.#until) for (const tell of this.#waiting.splice(0)) tell(false)
    while (this.#waiting.length > 0 && this.#slots.take(this.#party, now)) this.#waiting.shift()?.(true)
    this.#show()
  }
}
