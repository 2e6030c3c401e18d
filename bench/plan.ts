/** Which cells are measured, how long, in which lanes. */
import type { Lane, Workload } from './figures.ts'

export interface Cell {
  workload: Workload
  concurrency: number
  /** perdure's lanes; null where a workload has no step. */
  lanes: readonly (Lane | null)[]
  /** Measured on Cloudflare Workflows too. */
  theirs: boolean
  warmUp: boolean
  rounds: number
  forMs: number
  atLeast: number
}

interface Asked {
  quick: boolean
  only?: readonly string[]
  concurrency?: readonly number[]
}

const STEPS: readonly Lane[] = ['inline', 'queue']

export function plan(asked: Asked): Cell[] {
  return cells(asked.quick).filter(
    (cell) =>
      (asked.only === undefined || asked.only.includes(cell.workload)) &&
      (asked.concurrency === undefined || asked.concurrency.includes(cell.concurrency)),
  )
}

/** Everything the runner would measure without `--only` and `--concurrency`. */
export function cells(quick: boolean): Cell[] {
  const length = quick ? { rounds: 2, forMs: 700, warmUp: true } : { rounds: 5, forMs: 2_000, warmUp: true }
  const steps = { ...length, lanes: STEPS, theirs: true }
  const wide = quick ? [50] : [1, 50, 200]
  return [
    ...(quick ? [1, 50] : wide).map((concurrency) => ({
      ...steps,
      workload: 'noop-1' as const,
      concurrency,
      atLeast: 2 * concurrency,
    })),
    ...wide.map((concurrency) => ({
      ...steps,
      workload: 'seq-10' as const,
      concurrency,
      atLeast: Math.max(concurrency, 10),
    })),
    { ...steps, workload: 'fan-100', concurrency: 1, atLeast: 3 },
    ...(quick ? [50] : [1, 50]).map((concurrency) => ({
      ...length,
      workload: 'signal' as const,
      concurrency,
      lanes: [null],
      theirs: true,
      atLeast: quick ? 100 : 300,
    })),
    {
      ...steps,
      workload: 'long-1000',
      concurrency: 1,
      rounds: quick ? 2 : 5,
      warmUp: !quick,
      forMs: 0,
      atLeast: 1,
    },
    { ...length, workload: 'busy', concurrency: 50, lanes: ['inline'], theirs: false, atLeast: 100 },
  ]
}
