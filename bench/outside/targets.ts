/** What a figure of perdure is to reach. */
export interface Target {
  says: string
  /** `ratio`: how many times better than the better of the peers; null where none was measured. */
  holds(figure: number, ratio: number | null): boolean | null
}

export function atLeastTimes(times: number): Target {
  return { says: `>= ${times}x`, holds: (_, ratio) => (ratio === null ? null : ratio >= times) }
}

export function atMost(most: number): Target {
  return { says: `<= ${most}`, holds: (figure) => figure <= most }
}
