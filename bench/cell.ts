/** One cell of the plan: its workloads, systems and lanes, round by round in turns. */
import type { Round, SystemName } from './figures.ts'
import type { Timed } from './measures.ts'
import type { Cell } from './plan.ts'
import { type Identity, type Result, result } from './report.ts'
import type { Systems } from './systems.ts'

const WARM_UP_MS = 300

/** What takes its turn in a round. */
interface Turn {
  readonly identity: Identity
  readonly rounds: Timed[]
  /** Of these. */
  readonly wanted: number
}

export interface Bench {
  readonly systems: Systems
  readonly until: AbortSignal
  readonly say: (text: string) => void
}

/** The results, and how many turns failed; those say no figure. */
export async function measureCell(bench: Bench, cell: Cell): Promise<{ results: Result[]; failed: number }> {
  await bench.systems.ready(cell.processes)
  const turns = turnsOf(cell, bench.systems.names)
  const left = new Set(turns)
  for (let round = cell.warmUp ? 0 : 1; round <= Math.max(cell.rounds, cell.theirRounds); round += 1) {
    for (const turn of left) {
      if (round > turn.wanted || bench.until.aborted) continue
      if (!(await takeTurn(bench, { cell, turn, isWarmUp: round === 0 }))) left.delete(turn)
    }
  }
  const done = turns.map(({ identity, rounds }) => `${identity.lane ?? identity.system} ${rounds.length}`)
  bench.say(`${cell.workloads.join(', ')} at ${cell.concurrency}: rounds ${done.join(', ')}`)
  const results = turns
    .filter((turn) => left.has(turn) && turn.rounds.length > 0)
    .map(({ identity, rounds }) => result(identity, rounds))
  return { results, failed: turns.length - left.size }
}

async function takeTurn(
  { systems, until, say }: Bench,
  { cell, turn, isWarmUp }: { cell: Cell; turn: Turn; isWarmUp: boolean },
): Promise<boolean> {
  const { workload, system, lane, concurrency } = turn.identity
  try {
    const timed = await systems.group(system).run(roundOf(cell, turn.identity, isWarmUp), until)
    if (!isWarmUp) turn.rounds.push(timed)
    return true
  } catch (error) {
    if (!until.aborted) say(`FAILED ${workload} ${system} ${lane ?? ''} at ${concurrency}: ${String(error)}`)
    return false
  }
}

/** Ours, theirs, ours... */
function turnsOf(cell: Cell, systems: readonly SystemName[]): Turn[] {
  const turns = cell.workloads.flatMap((workload) => {
    const turn = (system: SystemName, lane: Identity['lane']): Turn => ({
      identity: { workload, system, lane, concurrency: cell.concurrency },
      rounds: [],
      wanted: system === 'perdure' ? cell.rounds : cell.theirRounds,
    })
    const [first, ...others] = cell.lanes.map((lane) => turn('perdure', lane))
    return first === undefined ? [] : [first, turn('cloudflare-workflows', null), ...others]
  })
  return turns.filter(({ identity, wanted }) => wanted > 0 && systems.includes(identity.system))
}

function roundOf(cell: Cell, { workload, lane, concurrency }: Identity, isWarmUp: boolean): Round {
  const length = isWarmUp
    ? { forMs: Math.min(cell.forMs, WARM_UP_MS), atLeast: Math.min(cell.atLeast, concurrency) }
    : { forMs: cell.forMs, atLeast: cell.atLeast }
  return { workload, concurrency, lane, crowd: cell.crowd, ...length }
}
