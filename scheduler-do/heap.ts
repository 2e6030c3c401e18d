interface Entry<T> {
  item: T
  place: number
}

/** Items by key, the first of them at hand: a binary heap in which any item can be changed and removed. */
export class Heap<T extends { readonly key: string }> {
  readonly #entries: Entry<T>[] = []
  readonly #byKey = new Map<string, Entry<T>>()
  readonly #compare: (one: T, other: T) => number

  constructor(compare: (one: T, other: T) => number) {
    this.#compare = compare
  }

  get first(): T | undefined {
    return this.#entries[0]?.item
  }

  get size(): number {
    return this.#entries.length
  }

  get(key: string): T | undefined {
    return this.#byKey.get(key)?.item
  }

  /** Adds it, or puts it in the place of the one with its key. */
  set(item: T): void {
    const known = this.#byKey.get(item.key)
    if (known) {
      known.item = item
      this.#settle(known)
      return
    }
    const entry = { item, place: this.#entries.length }
    this.#byKey.set(item.key, entry)
    this.#rise(entry)
  }

  delete(key: string): void {
    const entry = this.#byKey.get(key)
    if (!entry) return
    this.#byKey.delete(key)
    const last = this.#entries.pop()
    if (!last || last === entry) return
    last.place = entry.place
    this.#settle(last)
  }

  /** Takes the first one out. */
  shift(): T | undefined {
    const { first } = this
    if (first) this.delete(first.key)
    return first
  }

  clear(): void {
    this.#entries.length = 0
    this.#byKey.clear()
  }

  #settle(entry: Entry<T>): void {
    this.#rise(entry)
    this.#sink(entry)
  }

  #put(entry: Entry<T>, place: number): void {
    this.#entries[place] = entry
    entry.place = place
  }

  /** Whoever comes after it makes room, one place down. */
  #rise(entry: Entry<T>): void {
    let { place } = entry
    while (place > 0) {
      const above = (place - 1) >> 1
      const parent = this.#entries[above]
      if (!parent || this.#compare(entry.item, parent.item) >= 0) break
      this.#put(parent, place)
      place = above
    }
    this.#put(entry, place)
  }

  #sink(entry: Entry<T>): void {
    let { place } = entry
    for (let child = this.#lesserBelow(place); child; child = this.#lesserBelow(place)) {
      if (this.#compare(child.item, entry.item) >= 0) break
      const below = child.place
      this.#put(child, place)
      place = below
    }
    this.#put(entry, place)
  }

  #lesserBelow(place: number): Entry<T> | undefined {
    const left = this.#entries[place * 2 + 1]
    const right = this.#entries[place * 2 + 2]
    return left && right && this.#compare(right.item, left.item) < 0 ? right : left
  }
}
