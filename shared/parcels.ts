/** Lists cut into what one call carries: so many, and so long as JSON. One that is longer by itself, or no JSON, goes alone. */

/** In UTF-16 units of the JSON: a message carries 32 MiB. */
const MAX_LENGTH = 4 * 1024 * 1024

export function* parcels<T>(
  items: readonly T[],
  most: number,
  content: (item: T) => unknown,
): Generator<T[]> {
  let parcel: T[] = []
  let length = 0
  for (const item of items) {
    const more = items.length === 1 ? 0 : lengthOf(content(item))
    if (parcel.length === most || (parcel.length > 0 && length + more > MAX_LENGTH)) {
      yield parcel
      parcel = []
      length = 0
    }
    parcel.push(item)
    length += more
  }
  if (parcel.length > 0) yield parcel
}

/** Some of a request is as its caller wrote it, for the shard to refuse: it may hold anything. */
function lengthOf(content: unknown): number {
  try {
    return JSON.stringify(content).length
  } catch {
    return Infinity
  }
}
