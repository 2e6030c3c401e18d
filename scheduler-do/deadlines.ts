/** The next moment something is due, per key: a binary heap that can change and remove any entry. Rebuilt at a wake. */
interface Entry {
  key: string
  at: number
}

export class Deadlines {
  readonly #heap: Entry[] = []
  readonly #places = new Map<string, number>()

  get earliest(): number {
    return this.#heap[0]?.at ?? Infinity
  }

  get size(): number {
    return this.#heap.length
  }

  at(key: string): number | undefined {
    const place = this.#places.get(key)
    return place === undefined ? undefined : this.#entry(place).at
  }

  /** Infinity removes the key. */
  set(key: string, at: number): void {
    if (at === Infinity) {
      this.delete(key)
      return
    }
    const place = this.#places.get(key)
    if (place === undefined) {
      this.#heap.push({ key, at })
      this.#place(this.#heap.length - 1)
      this.#rise(this.#heap.length - 1)
      return
    }
    const entry = this.#entry(place)
    const rises = at < entry.at
    entry.at = at
    if (rises) this.#rise(place)
    else this.#sink(place)
  }

  delete(key: string): void {
    const place = this.#places.get(key)
    if (place === undefined) return
    this.#places.delete(key)
    const last = this.#heap.pop()
    if (!last || last.key === key) return
    this.#heap[place] = last
    this.#place(place)
    this.#rise(place)
    this.#sink(this.#places.get(last.key) ?? place)
  }

  /** Up to `most` keys that are due at `now`, taken out, earliest first. */
  takeDue(now: number, most: number): string[] {
    const keys: string[] = []
    while (keys.length < most && this.earliest <= now) {
      const { key } = this.#entry(0)
      this.delete(key)
      keys.push(key)
    }
    return keys
  }

  clear(): void {
    this.#heap.length = 0
    this.#places.clear()
  }

  #entry(place: number): Entry {
    const entry = this.#heap[place]
    if (!entry) throw new Error(`no deadline at place ${place}`)
    return entry
  }

  #place(place: number): void {
    this.#places.set(this.#entry(place).key, place)
  }

  #rise(from: number): void {
    let place = from
    while (place > 0) {
      const parent = (place - 1) >> 1
      if (this.#entry(parent).at <= this.#entry(place).at) return
      this.#swap(place, parent)
      place = parent
    }
  }

  #sink(from: number): void {
    let place = from
    for (;;) {
      const left = place * 2 + 1
      const right = left + 1
      let least = place
      if (left < this.#heap.length && this.#entry(left).at < this.#entry(least).at) least = left
      if (right < this.#heap.length && this.#entry(right).at < this.#entry(least).at) least = right
      if (least === place) return
      this.#swap(place, least)
      place = least
    }
  }

  #swap(one: number, other: number): void {
    const entry = this.#entry(one)
    this.#heap[one] = this.#entry(other)
    this.#heap[other] = entry
    this.#place(one)
    this.#place(other)
  }
}
