/** What a run is asked to do, on every system alike. Imports nothing: the Workers and the peers load it too. */

/**
 * `sequence`: steps one after another; `fan`: steps at once; `waits`: for a signal; `sleeps`: between two steps; `told`:
 * steps one after another, each of which tells `url` that it runs.
 */
export type Program = 'sequence' | 'fan' | 'waits' | 'sleeps' | 'told'

/** A step runs where the workflow does, or is a call to other code that the engine makes. */
export type Lane = 'inline' | 'remote'

export interface Asked {
  program: Program
  lane: Lane
  /** Steps; of `sleeps`, milliseconds. */
  count: number
  url: string
}

/** The steps whose clock readings a sequence gives: the edges of its first and of its last hundred. */
export function isEdge(step: number, count: number): boolean {
  return step === 1 || step === 100 || step === count - 99 || step === count
}

/** What every step of `told` does. */
export async function tell(url: string, step: number): Promise<number> {
  const response = await fetch(`${url}/${step}`)
  await response.text()
  return Date.now()
}
