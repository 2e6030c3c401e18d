/**
 * Who holds a concurrency key and who waits for it: activities in the order in which they asked.
 *
 * K1 The first place holds the key; nobody else does.
 * K2 An activity has one place at a key, however often it asks; one that leaves twice has left once.
 * K3 Numbers only grow while anybody is in the line, so that the order of its rows is the order of its places.
 */
import type { ParentLink } from './events.ts'

export interface KeyPlace {
  readonly number: number
  /** The call that has it. */
  readonly holder: ParentLink
}

export class KeyLine {
  readonly #places = new Map<string, KeyPlace>()
  #last = 0

  /** `places` in their order. */
  constructor(places: Iterable<KeyPlace> = []) {
    for (const place of places) this.#add(place)
  }

  get holder(): ParentLink | undefined {
    const [first] = this.#places.values()
    return first?.holder
  }

  /** Whether the activity holds the key. */
  isHeldBy(holder: ParentLink): boolean {
    return this.holder !== undefined && nameOf(this.holder) === nameOf(holder)
  }

  get places(): Iterable<KeyPlace> {
    return this.#places.values()
  }

  get empty(): boolean {
    return this.#places.size === 0
  }

  /** The place of an activity that had none; null where it has one. */
  join(holder: ParentLink): KeyPlace | null {
    if (this.#places.has(nameOf(holder))) return null
    return this.#add({ number: this.#last + 1, holder })
  }

  /** The place that an activity had; null where it had none. */
  leave(holder: ParentLink): KeyPlace | null {
    const name = nameOf(holder)
    const place = this.#places.get(name)
    this.#places.delete(name)
    return place ?? null
  }

  #add(place: KeyPlace): KeyPlace {
    this.#places.set(nameOf(place.holder), place)
    this.#last = place.number
    return place
  }
}

function nameOf({ runId, seq }: ParentLink): string {
  return `${runId}/${seq}`
}
