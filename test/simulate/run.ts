/** One seed: a scenario, a plan of what goes wrong, a world that lives through both, and what must hold of it. */
import { findingsOf } from '../environment/health.ts'
import { archivePlanOf } from './archive/plan.ts'
import type { ArchivePlan } from './archive/plan.ts'
import { createWorld } from './world.ts'
import type { SimulatedWorld } from './world.ts'
import { checkDeletions, deletionsOf } from './deletion.ts'
import { drive } from './drive.ts'
import { Effects } from './effects.ts'
import { fanOutsOf } from './fan-outs.ts'
import { ARCHIVER_KINDS, LOSSES, planOf, withMore } from './faults.ts'
import type { FaultPlan } from './faults.ts'
import type { SeedReport } from '../../scripts/simulate/report.ts'
import { checkQuiescent, checkStep } from './invariants.ts'
import { scripted } from './program.ts'
import { Random } from './random.ts'
import { beside, generate } from './scenario.ts'
import type { Scenario } from './scenario.ts'
import type { DrivenWorld } from './view.ts'

/** All that a run depends on: plain, so that it can be printed, cut down and repeated. */
export interface Case {
  readonly seed: number
  readonly shards: number
  readonly scenario: Scenario
  readonly faults: FaultPlan
  /** Null: it has no archiver. */
  readonly archive: ArchivePlan | null
  /** Whether attempts go by the eager lane. */
  readonly eager: boolean
}

export interface RunReport extends SeedReport {
  /** What went wrong in the world, in order, as a plan can leave it out. */
  readonly fired: readonly string[]
}

export function caseOf(seed: number): Case {
  const random = new Random(seed)
  const archive = archivePlanOf(random.fork('archive'))
  const fanOuts = fanOutsOf(random.fork('fan-outs'))
  const scenario = generate(random.fork('scenario'))
  return {
    seed,
    shards: 1 + random.fork('shards').int(4),
    scenario: fanOuts ? beside(scenario, fanOuts) : scenario,
    faults: faultsOf(random, { archives: archive !== null, fansOut: fanOuts !== null }),
    archive,
    eager: random.fork('eager').int(3) === 0 || fanOuts !== null,
  }
}

function faultsOf(random: Random, { archives, fansOut }: { archives: boolean; fansOut: boolean }): FaultPlan {
  const plan = planOf(random.fork('plan'))
  const lost = fansOut ? withMore(plan, LOSSES, random.fork('losses')) : plan
  return archives ? withMore(lost, ARCHIVER_KINDS, random.fork('archiver faults')) : lost
}

export async function run(one: Case, { printing = false } = {}): Promise<RunReport> {
  const began = performance.now()
  const { seed, shards, faults, archive, eager } = one
  let effects: Effects | undefined
  const world = await createWorld({
    seed,
    shards,
    faults,
    archive,
    eager,
    code: (time) => scripted((effects = new Effects(time))),
  })
  if (!effects) throw new Error('a world makes its code at once')
  world.printing = printing
  const failure = await failureOf(world, effects, one)
  world.end()
  return {
    seed,
    failure,
    steps: world.timeline.steps,
    faults: Object.fromEntries(world.faults.counts),
    crashPoints: Object.fromEntries(world.faults.crashPoints),
    fired: world.faults.fired,
    hash: world.traceHash,
    ms: performance.now() - began,
  }
}

async function failureOf(
  world: SimulatedWorld,
  effects: Effects,
  { scenario, seed }: Case,
): Promise<string | null> {
  const broken = Promise.withResolvers<never>()
  broken.promise.catch(() => {}) // it may break when nobody waits any more
  const driven: DrivenWorld = {
    effects,
    time: world.time,
    client: world.client,
    faulty: world.faulty,
    watched: world.watched,
    disks: world.disks,
    archive: world.archiver,
    changeEvents: world.changeEvents,
    advance: (ms) => Promise.race([world.advance(ms), broken.promise]),
    examined: () => findingsOf(world.platform),
    storm: () => world.storm(),
    calm: () => world.calm(),
  }
  world.onWrite = ({ sql, alarmAt }) => {
    try {
      checkStep({ ...driven, disks: () => [{ sql, alarmAt }] })
    } catch (error) {
      broken.reject(error)
    }
  }
  try {
    const seen = await drive(driven, scenario)
    await checkQuiescent(driven, scenario, seen)
    const deletions = deletionsOf(driven, new Random(seed).fork('deletion'))
    await checkDeletions(driven, { scenario, seen }, deletions)
    return null
  } catch (error) {
    return error instanceof Error ? (error.stack ?? error.message) : String(error)
  }
}
