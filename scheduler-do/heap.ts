/** Items by key, the first of them at hand: a binary heap in which any item can be changed and removed. */
export class Heap<T extends { readonly key: string }> {
  readonly #items: T[] = []
  readonly #places = new Map<string, number>()
  readonly #compare: (one: T, other: T) => number

  constructor(compare: (one: T, other: T) => number) {
    this.#compare = compare
  }

  get first(): T | undefined {
    return this.#items[0]
  }

  get size(): number {
    return this.#items.length
  }

  get(key: string): T | undefined {
    const place = this.#places.get(key)
    return place === undefined ? undefined : this.#items[place]
  }

  /** Adds it, or puts it in the place of the one with its key. */
  set(item: T): void {
    const place = this.#places.get(item.key) ?? this.#items.length
    this.#put(place, item)
    this.#settle(place)
  }

  delete(key: string): void {
    const place = this.#places.get(key)
    if (place === undefined) return
    this.#places.delete(key)
    const last = this.#items.pop()
    if (!last || last.key === key) return
    this.#put(place, last)
    this.#settle(place)
  }

  /** Takes the first one out. */
  shift(): T | undefined {
    const { first } = this
    if (first) this.delete(first.key)
    return first
  }

  clear(): void {
    this.#items.length = 0
    this.#places.clear()
  }

  #put(place: number, item: T): void {
    this.#items[place] = item
    this.#places.set(item.key, place)
  }

  #settle(from: number): void {
    this.#sink(this.#rise(from))
  }

  #at(place: number): T {
    const item = this.#items[place]
    if (!item) throw new Error(`nothing at place ${place}`)
    return item
  }

  #isBefore(one: number, other: number): boolean {
    return this.#compare(this.#at(one), this.#at(other)) < 0
  }

  #rise(from: number): number {
    let place = from
    while (place > 0) {
      const parent = (place - 1) >> 1
      if (!this.#isBefore(place, parent)) return place
      this.#swap(place, parent)
      place = parent
    }
    return place
  }

  #sink(from: number): void {
    let place = from
    for (;;) {
      const left = place * 2 + 1
      const right = left + 1
      let least = place
      if (left < this.size && this.#isBefore(left, least)) least = left
      if (right < this.size && this.#isBefore(right, least)) least = right
      if (least === place) return
      this.#swap(place, least)
      place = least
    }
  }

  #swap(one: number, other: number): void {
    const [first, second] = [this.#at(one), this.#at(other)]
    this.#put(one, second)
    this.#put(other, first)
  }
}
