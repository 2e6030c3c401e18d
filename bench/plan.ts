/** Which cells are measured, how long, in which lanes, in what kind of processes. */
import type { Lane, Workload } from './figures.ts'
import type { Processes } from './systems.ts'

export interface Cell {
  /** They take turns, in the same processes. */
  workloads: readonly Workload[]
  concurrency: number
  /** perdure's lanes; null where a workload has no step. */
  lanes: readonly (Lane | null)[]
  rounds: number
  /** Of Cloudflare Workflows; none where it cannot do the workload, or nobody would compare it. */
  theirRounds: number
  warmUp: boolean
  forMs: number
  atLeast: number
  /** Runs that are there before the first round. */
  crowd: number
  processes: Processes
}

interface Asked {
  quick: boolean
  only?: readonly string[]
  concurrency?: readonly number[]
}

const STEPS: readonly Lane[] = ['inline', 'eager', 'queue']

export function plan(asked: Asked): Cell[] {
  return cells(asked.quick).flatMap((cell) => {
    const workloads = cell.workloads.filter((name) => asked.only === undefined || asked.only.includes(name))
    const fits = asked.concurrency === undefined || asked.concurrency.includes(cell.concurrency)
    return workloads.length > 0 && fits ? [{ ...cell, workloads }] : []
  })
}

/** Everything the runner would measure without `--only` and `--concurrency`. */
export function cells(quick: boolean): Cell[] {
  const length = quick
    ? { rounds: 2, theirRounds: 2, forMs: 700 }
    : { rounds: 5, theirRounds: 5, forMs: 2_000 }
  const shared = { ...length, lanes: STEPS, warmUp: true, crowd: 0, processes: 'warm' as const }
  const counted = {
    ...shared,
    forMs: 0,
    warmUp: !quick,
    rounds: quick ? 1 : 3,
    theirRounds: quick ? 0 : 1,
    atLeast: 1,
  }
  return [
    ...rates(shared, quick),
    ...longRuns({ ...shared, forMs: 0, warmUp: !quick, atLeast: 1 }, counted),
    ...waits(counted, quick),
    {
      ...shared,
      workloads: ['busy-quiet', 'busy'],
      concurrency: 50,
      lanes: ['inline'],
      theirRounds: 0,
      atLeast: 100,
    },
    ...stored(counted, quick),
    ...weighed({ ...shared, forMs: 0 }, quick),
  ]
}

type Common = Omit<Cell, 'workloads' | 'concurrency' | 'atLeast'>

/** As many runs as there is time for. */
function rates(shared: Common, quick: boolean): Cell[] {
  return [
    ...[1, 50, 200].map((concurrency) => ({
      ...shared,
      workloads: ['noop-1' as const],
      concurrency,
      atLeast: 2 * concurrency,
    })),
    ...[1, 50, 200].map((concurrency) => ({
      ...shared,
      workloads: ['floor' as const, 'floor-10' as const],
      concurrency,
      theirRounds: 0,
      atLeast: 2 * concurrency,
    })),
    ...(quick ? [50, 200] : [1, 50, 200]).map((concurrency) => ({
      ...shared,
      workloads: ['seq-10' as const],
      concurrency,
      atLeast: Math.max(concurrency, 10),
    })),
    { ...shared, workloads: ['fan-100'], concurrency: 1, atLeast: 3 },
    ...[1, 50].map((concurrency) => ({
      ...shared,
      workloads: ['signal' as const],
      concurrency,
      lanes: [null],
      atLeast: quick ? 100 : 300,
    })),
  ]
}

function longRuns(all: Common & { atLeast: number }, inline: Common & { atLeast: number }): Cell[] {
  return [
    { ...all, workloads: ['long-1000'], concurrency: 1 },
    { ...inline, workloads: ['long-5000'], concurrency: 1, lanes: ['inline'] },
    { ...inline, workloads: ['long-10000'], concurrency: 1, lanes: ['inline'] },
  ]
}

/** On an instant, and on other runs. */
function waits(counted: Common, quick: boolean): Cell[] {
  return [
    {
      ...counted,
      workloads: ['timers-5000'],
      concurrency: 1,
      lanes: [null],
      theirRounds: 1,
      warmUp: false,
      atLeast: quick ? 500 : 5_000,
    },
    {
      ...counted,
      workloads: ['children-100'],
      concurrency: 1,
      lanes: ['inline'],
      rounds: quick ? 2 : 5,
      theirRounds: quick ? 1 : 3,
      atLeast: quick ? 1 : 5,
    },
  ]
}

/** Of what is there already, how soon it answers. */
function stored(counted: Common, quick: boolean): Cell[] {
  const ours = { ...counted, concurrency: 1, lanes: [null], theirRounds: 0, warmUp: false }
  return [
    { ...ours, workloads: ['list', 'list-filtered'], crowd: quick ? 5_000 : 100_000, atLeast: 100 },
    { ...ours, workloads: ['cold-start'], crowd: quick ? 5_000 : 100_000, atLeast: quick ? 3 : 5 },
    { ...ours, workloads: ['replay'], atLeast: quick ? 3 : 5 },
  ]
}

/** What is counted, not timed: each in processes of its own. */
function weighed(shared: Common, quick: boolean): Cell[] {
  const runs = quick ? 300 : 2_000
  return [
    {
      ...shared,
      workloads: ['memory'],
      concurrency: runs,
      lanes: ['inline'],
      rounds: 1,
      theirRounds: 1,
      warmUp: false,
      atLeast: runs,
      processes: 'idle',
    },
    {
      ...shared,
      workloads: ['syncs'],
      concurrency: 50,
      rounds: quick ? 1 : 3,
      theirRounds: quick ? 1 : 3,
      warmUp: !quick,
      atLeast: quick ? 250 : 1_000,
      processes: 'traced',
    },
    {
      ...shared,
      workloads: ['rows-1', 'rows'],
      concurrency: 1,
      rounds: 1,
      theirRounds: 0,
      warmUp: false,
      atLeast: 1,
      processes: 'cdc',
    },
  ]
}
