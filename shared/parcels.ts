/** Lists cut into what one call carries: so many, and so long as JSON. One that is longer by itself goes alone. */

export interface Limits {
  readonly most: number
  /** In UTF-16 units of the JSON. */
  readonly length: number
}

export function* parcels<T>(
  items: readonly T[],
  limits: Limits,
  content: (item: T) => unknown,
): Generator<T[]> {
  let parcel: T[] = []
  let length = 0
  for (const item of items) {
    const more = items.length === 1 ? 0 : JSON.stringify(content(item)).length
    if (parcel.length === limits.most || (parcel.length > 0 && length + more > limits.length)) {
      yield parcel
      parcel = []
      length = 0
    }
    parcel.push(item)
    length += more
  }
  if (parcel.length > 0) yield parcel
}
