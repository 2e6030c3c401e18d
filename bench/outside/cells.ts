/** The workloads, what of their figures is shown, and what they are to reach. */
import { type Figures, closedLoop, longRun, signals, timers } from './load.ts'
import { memory } from './memory.ts'
import { recovery } from './recovery.ts'
import type { Asked, Lane } from './runs.ts'
import type { Sizes } from './sizes.ts'
import type { System } from './system.ts'
import { type Target, atLeastTimes, atMost } from './targets.ts'

export interface Cell {
  workload: string
  rounds: number
  /** In how many of them the processes only get warm. */
  warmUps: number
  round(system: System): Promise<Figures>
  shown: readonly Shown[]
}

export interface Shown {
  figure: string
  says: string
  better: 'more' | 'less'
  target?: Target
}

const P50: Shown = { figure: 'p50Ms', says: 'p50, ms', better: 'less' }
const P99: Shown = { figure: 'p99Ms', says: 'p99, ms', better: 'less' }
const CPU: Shown = { figure: 'cpuMs', says: 'CPU ms a run', better: 'less' }
const STEP: Shown = { figure: 'stepMs', says: 'ms a step', better: 'less' }
const RUNS: Shown = { figure: 'runs', says: 'runs/s', better: 'more' }

/** Of all cells together. */
export const PEAK: Shown = {
  figure: 'peakMiB',
  says: 'peak memory, MiB',
  better: 'less',
  target: atMost(300),
}

export function cells(sizes: Sizes): Cell[] {
  return [...throughput(sizes), ...single(sizes), ...whole(sizes)]
}

function throughput(sizes: Sizes): Cell[] {
  const closed = (
    concurrency: number,
    asked: Asked,
    by: 'calls' | 'each' = 'calls',
  ): Pick<Cell, 'rounds' | 'warmUps' | 'round'> => ({
    rounds: sizes.rounds,
    warmUps: 1,
    round: ({ [by]: calls, tree }) =>
      closedLoop({ calls, tree }, { asked, concurrency, atLeast: concurrency, forMs: sizes.forMs }),
  })
  const twice = { ...RUNS, target: atLeastTimes(2) }
  const calls = { figure: 'steps', says: 'calls/s', better: 'more', target: atLeastTimes(5) } as const
  return [
    { workload: 'noop-1 at 1', ...closed(1, steps(1)), shown: [P50, P99, CPU] },
    { workload: 'noop-1 at 50', ...closed(50, steps(1)), shown: [twice, P50, P99, CPU] },
    { workload: 'noop-1 at 200', ...closed(200, steps(1)), shown: [twice, P50, P99, CPU] },
    {
      workload: 'seq-10 at 50, inline',
      ...closed(50, steps(10)),
      shown: [{ ...RUNS, target: atLeastTimes(5) }, P50, P99, CPU],
    },
    { workload: 'noop-1 at 50, a request each', ...closed(50, steps(1), 'each'), shown: [RUNS, CPU] },
    { workload: 'noop-1 at 200, a request each', ...closed(200, steps(1), 'each'), shown: [RUNS, CPU] },
    {
      workload: 'seq-10 at 50, inline, a request each',
      ...closed(50, steps(10), 'each'),
      shown: [RUNS, CPU],
    },
    { workload: 'seq-10 at 50, remote', ...closed(50, steps(10, 'remote')), shown: [calls, P50, P99, CPU] },
    {
      workload: 'fan-100',
      ...closed(1, { program: 'fan', lane: 'inline', count: 100, url: '' }),
      shown: [{ ...P50, target: atMost(8) }, P99, CPU],
    },
  ]
}

function single(sizes: Sizes): Cell[] {
  return [
    {
      workload: 'signal',
      rounds: sizes.rounds,
      warmUps: 1,
      round: ({ calls }) => signals(calls, sizes.signals),
      shown: [P50, P99],
    },
    {
      workload: 'remote call alone',
      rounds: sizes.rounds,
      warmUps: 1,
      round: ({ calls }) => longRun(calls, steps(sizes.calls, 'remote')),
      shown: [{ ...STEP, says: 'ms a call', target: atLeastTimes(5) }],
    },
    {
      workload: `long-${sizes.longSteps}`,
      rounds: sizes.longRounds,
      warmUps: 1,
      round: ({ calls }) => longRun(calls, steps(sizes.longSteps)),
      shown: [
        { ...STEP, target: atMost(0.3) },
        { figure: 'firstMs', says: 'first hundred, ms a step', better: 'less' },
        { figure: 'lastMs', says: 'last hundred, ms a step', better: 'less', target: atMost(0.3) },
      ],
    },
  ]
}

function whole(sizes: Sizes): Cell[] {
  const once = { rounds: sizes.longRounds, warmUps: 0 }
  const { timers: count, sleepMs } = sizes
  return [
    {
      ...once,
      workload: `timers-${count}`,
      round: ({ calls }) => timers(calls, { count, sleepMs }),
      shown: [
        { figure: 'lateP50Ms', says: 'late p50, ms', better: 'less', target: atMost(50) },
        { figure: 'lateP99Ms', says: 'late p99, ms', better: 'less', target: atMost(120) },
        { figure: 'starts', says: 'starts/s', better: 'more' },
      ],
    },
    {
      ...once,
      workload: `recovery of ${sizes.killed}`,
      round: (system) => recovery(system, sizes.killed),
      shown: [
        { figure: 'allMs', says: 'restart to all ended, ms', better: 'less', target: atMost(1_500) },
        { figure: 'upMs', says: 'restart to up, ms', better: 'less' },
        { figure: 'lost', says: 'runs that did not go on', better: 'less', target: atMost(0) },
        { figure: 'rerun', says: 'steps run again', better: 'less' },
      ],
    },
    {
      workload: `memory over ${sizes.batch * sizes.batches} runs`,
      rounds: 1,
      warmUps: 0,
      round: (system) => memory(system, sizes),
      shown: [
        { figure: 'afterMiB', says: 'afterwards, MiB', better: 'less' },
        { figure: 'growthMiB', says: 'per 10,000 ended runs, MiB', better: 'less', target: atMost(10) },
      ],
    },
  ]
}

function steps(count: number, lane: Lane = 'inline'): Asked {
  return { program: 'sequence', lane, count, url: '' }
}
