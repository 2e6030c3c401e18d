/** What the thread that runs the targets tells the one that watches it. */

export interface TargetReport {
  readonly name: string
  readonly inputs: number
  readonly accepted: number
  readonly refused: number
  /** Of the slowest input, in the thread's own CPU time. */
  readonly slowestMs: number
  /** What was found, and how to find it again; absent: nothing. */
  readonly failure?: string
}

export interface Order {
  readonly runs: number
  readonly seed: number
  readonly target: string | undefined
  /** A thread that was ended because an input hung has run these. */
  readonly skip: readonly string[]
  /** The input of the first batch that is to be shown before it is run: one that hung. */
  readonly show?: number
  /** Shared: when the input at hand began (epoch ms; 0 between two), and its number in its batch. */
  readonly progress: Float64Array
}

export type Told =
  | { readonly kind: 'began'; readonly name: string; readonly inputs: number; readonly seed: number }
  | { readonly kind: 'ended'; readonly report: TargetReport }
  | { readonly kind: 'input'; readonly text: string }
  | { readonly kind: 'unknown'; readonly names: readonly string[] }

export const BEGAN_AT = 0
export const NUMBER = 1
