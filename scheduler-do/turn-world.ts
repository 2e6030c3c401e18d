/** What a turn is given: inputs that wait in it, and what it may read of its shard. */
import type { Coding } from '../shared/codec.ts'
import type { ActivityTask } from '../shared/core/attempt.ts'
import type { HistoryEvent } from '../shared/core/events.ts'
import type { Input } from '../shared/core/inputs.ts'
import type { KeyLine } from '../shared/core/key-line.ts'
import type { Delivery } from '../shared/delivery.ts'
import type { Payload } from '../shared/payload.ts'
import type { AnyWorkflow } from '../shared/replay/coroutine.ts'
import type { AttributeTypes } from './attributes.ts'
import type { Versions } from './versions.ts'
import type { PayloadOwner } from '../shared/reference.ts'
import { idAfter } from '../shared/ids.ts'
import { shardOf } from '../shared/shard.ts'
import type { Drain } from '../shared/replay/replay.ts'
import { applyDelivery, runAsked } from './deliver.ts'
import { newLiveRun } from './live.ts'
import type { LiveRun, Loaded } from './live.ts'
import { loadRun, mustRecall, parkedOf } from './lookup.ts'
import type { Shard } from './shard.ts'
import { wholeHistory } from './store/history.ts'
import type { Turn } from './turn.ts'

/** How an input fared, told to whoever brought it once it is decided. */
export type Decided = {
  kind: 'applied' | 'nothing' | 'parked'
  events: readonly HistoryEvent[]
  /** As it was decided: with the verdict of the run's code. */
  input: Input | null
  /** The run that it came to: an update may be for the one that takes over. */
  runId: string
}

export interface Waiting {
  /** Null only brings the run into memory. */
  readonly input: Input | null
  readonly decided: (outcome: Decided) => void
}

/** Whom the outcome of an input is told that nobody has asked about. */
export const NOBODY: Waiting['decided'] = () => {}

export interface Fed {
  readonly live: LiveRun
  readonly waiting: Waiting
  /** How many events of this turn the run had before. */
  readonly mark: number
}

/** An activity that the turn has just scheduled, beside so many that it changes. */
export interface NewActivity {
  readonly task: ActivityTask
  readonly input: Payload
  readonly beside: number
}

/** What is known of a run before its first event. */
export interface Beginning {
  readonly requestId: string
  readonly firstRunId?: string
}

/** What a turn reads of its shard. */
export interface TurnWorld {
  readonly now: number
  readonly drain: Drain
  /** What payloads are behind. It runs within the turn: a codec computes, and reads nothing. */
  readonly coding: Coding | null
  readonly shard: number
  /** Whether a run that begins with this turn may be what ended the object: it then has a first turn of its own (Q3). */
  wary: boolean
  readonly shardOf: (workflowId: string) => number
  /** What makes references of large payloads; null where there is no bucket for them. */
  readonly objects: { owner(runId: string): PayloadOwner; sha256(content: Uint8Array): string } | null
  readonly taskQueues: ReadonlyMap<string, unknown>
  /** A number from [0, 1). */
  readonly draw: () => number
  readonly newRunIdAfter: (runId: string) => string
  readonly searchAttributes: AttributeTypes
  readonly versions: Versions
  /** A run before its first event. */
  newRun(run: { workflowId: string; runId: string }, definition: AnyWorkflow): LiveRun
  /** The run, where it is in memory: nothing has to be awaited for it. */
  kept(runId: string): LiveRun | undefined
  /** The run in memory, replayed if need be; or why it cannot be had. */
  load(runId: string): Promise<Loaded | null>
  task(runId: string, seq: number): ActivityTask | undefined
  /** Whether a new activity of the run gets no row yet. */
  staysUnwritten(live: LiveRun, activity: NewActivity): boolean
  /** The line of a concurrency key, by `lineKey`, as committed. */
  keyLine(name: string): KeyLine | undefined
  /** A run's history, as committed. */
  events(runId: string): readonly HistoryEvent[]
  /** What is parked for a run, as committed. */
  parked(runId: string): Input[]
  /** The attempt of a step that backs off; undefined when its function runs. */
  waitingStep(runId: string, seq: number): number | undefined
  deliver(turn: Turn, delivery: Delivery): void
  /** Whether the message is about a run that must be read from the archive first: no turn can do that. */
  mustRecall(delivery: Delivery): boolean
}

/** The shard as one turn sees it. */
export function turnWorld(owner: Shard): TurnWorld {
  const { shard, shards } = owner.address
  const { chance } = owner.config.runtime
  const now = owner.clock.now()
  return {
    now,
    wary: owner.quarantine.wary(now),
    drain: owner.workshop.drain,
    coding: owner.workshop.coding,
    shard,
    shardOf: (workflowId) => shardOf(workflowId, shards),
    objects: owner.payloads.ofTurns,
    taskQueues: owner.config.taskQueues,
    searchAttributes: owner.config.searchAttributes,
    versions: owner.workshop.versions,
    draw: () => chance.draw(),
    newRunIdAfter: (runId) => idAfter(runId, chance.newId(owner.clock.now())),
    newRun: (run, definition) => newLiveRun(owner.workshop, run, definition),
    kept: (runId) => owner.memory.runs.get(runId),
    load: async (runId) => unlessOver(await loadRun(owner, runId)),
    task: (runId, seq) => owner.memory.tasks.get(`${runId}/${seq}`),
    staysUnwritten: (live, activity) => owner.sending.eager.keepsUnwritten(live, activity, now),
    keyLine: (name) => owner.memory.keyLines.get(name),
    events: (runId) => wholeHistory(owner.sql, runId).events,
    parked: (runId) => parkedOf(owner.sql, runId),
    waitingStep: (runId, seq) => owner.steps.waiting(runId, seq),
    deliver: (turn, delivery) => applyDelivery(turn, owner, delivery),
    mustRecall: (delivery) => mustRecall(owner, runAsked(delivery)),
  }
}

/** One that has ended takes nothing more, whether or not the code of today fits it: nothing is parked for it. */
function unlessOver(loaded: Loaded | null): Loaded | null {
  const stands = loaded?.blocked !== undefined || loaded?.awaits === true
  return stands && loaded?.live.state.closed ? null : loaded
}
