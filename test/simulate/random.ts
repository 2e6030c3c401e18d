/** Draws that a seed decides, alike on every machine. */
import murmurhash from 'murmurhash'
import { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64'
import { uniformInt } from 'pure-rand/distribution/uniformInt'
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus'
import { skipN } from 'pure-rand/utils/skipN'

/** The generator's first draws of neighbouring seeds are alike. */
const WARM_UP = 16

export class Random {
  readonly #seed: number
  readonly #generator: ReturnType<typeof xoroshiro128plus>

  constructor(seed: number) {
    this.#seed = seed
    this.#generator = xoroshiro128plus(seed)
    skipN(this.#generator, WARM_UP)
  }

  /** From [0, 1). */
  next(): number {
    return uniformFloat64(this.#generator)
  }

  /** A whole number from [0, below). */
  int(below: number): number {
    return uniformInt(this.#generator, 0, below - 1)
  }

  chance(p: number): boolean {
    return this.next() < p
  }

  pick<T>(items: readonly T[]): T {
    return items[this.int(items.length)] as T // one of them, when there is any
  }

  /** Draws of their own: the same for a seed and a name, whatever else is drawn. */
  fork(name: string): Random {
    return new Random(murmurhash.v3(`${this.#seed}/${name}`, 0))
  }
}
