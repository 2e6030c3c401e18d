/** Whether a row of measurements grows, and not by chance. */

/** How many standard errors chance may explain: 99.7 % of what is flat stays below. */
const BY_CHANCE = 3

/**
 * What the regression line gains from the first value to the last beyond what chance explains, as a part of the mean;
 * 0 for what is flat, falls, or is too short to say.
 */
export function growth(values: readonly number[]): number {
  const count = values.length
  if (count < 3) return 0
  const middle = (count - 1) / 2
  const mean = total(values) / count
  const spread = total(values.map((_, at) => (at - middle) ** 2))
  const slope = total(values.map((value, at) => (at - middle) * (value - mean))) / spread
  const rest = total(values.map((value, at) => (value - mean - slope * (at - middle)) ** 2))
  const error = Math.sqrt(rest / (count - 2) / spread)
  const gained = (slope - BY_CHANCE * error) * (count - 1)
  return mean > 0 ? Math.max(0, Math.round((gained / mean) * 1000) / 1000) : 0
}

function total(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0)
}
