/** Of samples of a clock that does not tick: between the two that are next to it. */
export function quantile(samples: readonly number[], q: number): number {
  const sorted = samples.toSorted((a, b) => a - b)
  const rank = q * (sorted.length - 1)
  const [below = Number.NaN, above = below] = sorted.slice(Math.floor(rank), Math.floor(rank) + 2)
  return below + (above - below) * (rank - Math.floor(rank))
}
