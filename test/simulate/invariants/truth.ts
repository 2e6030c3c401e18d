/** All that there is to be compared, when a world has come to rest. */
import type { WorkflowCdcEvent } from '../../../shared/cdc.ts'
import { NonDeterminismError } from '../../../shared/errors.ts'
import { Coroutine } from '../../../shared/replay/coroutine.ts'
import { replay } from '../../../shared/replay/replay.ts'
import { drain, world } from '../../../testing/platform.ts'
import type { ArchivePlan } from '../archive/plan.ts'
import type { Tiers } from '../archive/tiers.ts'
import { Effects } from '../effects.ts'
import type { Effect } from '../effects.ts'
import type { Observations } from '../observations.ts'
import { scripted } from '../program.ts'
import { recordedRuns, recordedShards } from '../recorded.ts'
import type { RecordedRun, RecordedShard } from '../recorded.ts'
import type { Scenario } from '../scenario.ts'
import type { WorldView } from '../view.ts'
import type { Watched } from '../watch.ts'

export class InvariantBroken extends Error {
  override readonly name = 'InvariantBroken'

  constructor(invariant: string, what: string) {
    super(`${invariant}: ${what}`)
  }
}

/** What the code of a run has come to, replayed from its history. */
interface Replayed {
  readonly unread: readonly string[]
  readonly waitingFor: readonly string[]
  /** The first difference between history and code. */
  readonly difference: string | null
}

export interface Truth {
  readonly scenario: Scenario
  readonly seen: Observations
  readonly shards: readonly RecordedShard[]
  readonly effects: readonly Effect[]
  readonly changeEvents: readonly WorkflowCdcEvent[] | null
  readonly faulty: boolean
  readonly watched: Watched
  /** By the platform's clock. */
  readonly now: number
  readonly replayed: ReadonlyMap<string, Replayed>
  /** Null: the world has no archiver. */
  readonly archive: {
    readonly plan: ArchivePlan
    readonly closed: readonly RecordedRun[]
    readonly tiers: Tiers
  } | null
}

export async function truthOf(view: WorldView, scenario: Scenario, seen: Observations): Promise<Truth> {
  const shards = recordedShards(view)
  const replayed = new Map<string, Replayed>()
  for (const run of recordedRuns(shards))
    if (run.events.length > 0) replayed.set(run.runId, await replayedRun(run))
  return {
    scenario,
    seen,
    shards,
    effects: view.effects.all,
    changeEvents: view.changeEvents(),
    faulty: view.faulty,
    watched: view.watched,
    now: view.time.now(),
    replayed,
    archive: await archiveOf(view),
  }
}

/** What reads Parquet is imported where there is some. */
async function archiveOf(view: WorldView): Promise<Truth['archive']> {
  const { archive } = view
  if (!archive) return null
  const { tiersOf } = await import('../archive/tiers.ts')
  return { plan: archive.plan, closed: archive.ledger.all, tiers: await tiersOf(view, archive) }
}

export function runsOf({ shards }: Truth): RecordedRun[] {
  return recordedRuns(shards)
}

/** Where it is replayed nothing is done, and no time passes. */
const nowhere = new Effects({ now: () => 0, after: () => () => {} })

async function replayedRun({ runId, workflowId, events }: RecordedRun): Promise<Replayed> {
  const coroutine = new Coroutine(scripted(nowhere).run, { workflowId, runId, patches: new Set() }, world)
  let difference: string | null = null
  try {
    await replay(coroutine, events, { drain, complete: true })
  } catch (error) {
    if (!(error instanceof NonDeterminismError)) throw error
    difference = error.message
  }
  return {
    unread: coroutine.inbox.unread().map(({ signalId }) => signalId),
    waitingFor: coroutine.waitingFor().map(({ kind, name }) => `${kind} ${name}`),
    difference,
  }
}
