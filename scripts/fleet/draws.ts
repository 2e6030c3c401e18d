/** Draws that a seed decides, and what is made of them. */
import { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64'
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus'
import { skipN } from 'pure-rand/utils/skipN'

/** The generator's first draws of neighbouring seeds are alike. */
const WARM_UP = 16

export class Draws {
  readonly #generator: ReturnType<typeof xoroshiro128plus>

  constructor(seed: number) {
    this.#generator = xoroshiro128plus(seed)
    skipN(this.#generator, WARM_UP)
  }

  /** From [0, 1). */
  next(): number {
    return uniformFloat64(this.#generator)
  }

  /** Log-normal: half of the draws are below the one, 1 in 100 is above the other. */
  delay({ p50, p99 }: Delay): number {
    const normal = Math.sqrt(-2 * Math.log(1 - this.next())) * Math.cos(2 * Math.PI * this.next())
    return p50 * (p99 / p50) ** (normal / NORMAL_P99)
  }
}

const NORMAL_P99 = 2.326

export interface Delay {
  readonly p50: number
  readonly p99: number
}

/** `part` of the values are below it. */
export function quantile(values: readonly number[], part: number): number {
  const sorted = values.toSorted((one, other) => one - other)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? 0
}
