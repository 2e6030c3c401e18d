/** Starting a run: id policies, and what must be known before anything is written. */
import type { Input } from '../shared/core/inputs.ts'
import type { ClosedStatus, ParentLink, ScheduleLink } from '../shared/core/events.ts'
import { workflowOf } from '../shared/define.ts'
import { idAfter, idTime } from '../shared/ids.ts'
import type { Refusal, StartRequest } from '../shared/protocol.ts'
import type { RetryRules } from '../shared/core/retry.ts'
import { milliseconds, retryRules } from '../shared/retry-policy.ts'
import { moved } from './arrive.ts'
import { unfitAttribute } from './attributes.ts'
import type { AttributeTypes } from './attributes.ts'
import { newLiveRun } from './live.ts'
import type { Workshop } from './live.ts'
import { begunBy, replaceLatest } from './repeated.ts'
import type { Sql } from './store/sql.ts'
import { refusalOf } from './refuse.ts'
import { firstLink, firstOf, latestRun } from './target.ts'
import type { Turn } from './turn.ts'
import type { Chosen } from './versions.ts'

/** A start as a client or a parent asks for it. */
export interface StartSpec extends Omit<StartRequest, 'to' | 'signal' | 'waitMs'> {
  /** The retry policy with every default applied, where a parent has recorded it. */
  retryRules?: RetryRules
  parent?: ParentLink
  schedule?: ScheduleLink
  /** The task queue when neither the call nor the workflow names one: the parent's. */
  inheritedTaskQueue?: string
  /** The version that the parent is pinned to. */
  inheritedVersion?: string
}

export interface StartWorld {
  readonly sql: Sql
  readonly workshop: Workshop
  readonly config: { readonly searchAttributes: AttributeTypes }
  /** A ULID of that time: run ids sort as runs started. */
  newRunId(now: number): string
  isKnown(runId: string): boolean
  /** The latest run of an id, as committed. */
  latestRun(workflowId: string): ExistingRun | null
  /** Why no more runs can begin now. */
  readonly noRoom: Refusal | null
  /** One run of an id, as committed; null when it is not a run of that id. */
  run(workflowId: string, runId: string): ExistingRun | null
}

export interface ExistingRun {
  runId: string
  requestId: string
  closed: ClosedStatus | null
  /** The run that its chain began with; absent: it is that one. */
  firstRunId?: string
}

export type Started = { ok: true; runId: string; created: boolean; firstRunId?: string } | Refusal

type Startable = Pick<
  StartSpec,
  | 'workflowId'
  | 'workflowType'
  | 'version'
  | 'taskQueue'
  | 'inheritedTaskQueue'
  | 'inheritedVersion'
  | 'searchAttributes'
  | 'retry'
>

/** Why a start of the kind cannot be made here, whatever its id; null when it can. */
export function refusedStart(turn: Turn, world: StartWorld, spec: Startable): Refusal | null {
  const found = startable(turn, world, spec)
  return found.ok ? null : found
}

function startable(
  turn: Turn,
  world: StartWorld,
  spec: Startable,
): { ok: true; chosen: Chosen; taskQueue: string } | Refusal {
  const chosen = world.workshop.versions.choose(spec)
  if (!chosen.ok) return chosen
  const unfit = unfitAttribute(world.config.searchAttributes, spec.searchAttributes) ?? unfitRetry(spec)
  if (unfit) return unfit
  const { options } = workflowOf(chosen.definition)
  const taskQueue = spec.taskQueue ?? options.taskQueue ?? spec.inheritedTaskQueue ?? 'default'
  const named = spec.taskQueue !== undefined || options.taskQueue !== undefined
  if (turn.world.taskQueues.has(taskQueue) || !named) return { ok: true, chosen, taskQueue }
  const known = [...turn.world.taskQueues.keys()]
  const message = `no task queue ${taskQueue} is configured; known: ${known.join(', ') || 'none'}`
  return { ok: false, code: 'unknown_task_queue', message, facts: { known, path: 'taskQueue' } }
}

function unfitRetry({ retry }: Startable): Refusal | null {
  try {
    if (retry) retryRules(retry)
    return null
  } catch (error) {
    return refusalOf(error)
  }
}

export function startRun(turn: Turn, world: StartWorld, spec: StartSpec): Started {
  const found = startable(turn, world, spec)
  if (!found.ok) return found
  const { chosen, taskQueue } = found
  // Whoever asks again hears of the run that it started.
  const { workflowId, requestId } = spec
  const existing = latestRun(turn, world, workflowId)
  const begun = begunBy(turn, world, { workflowId, requestId, latest: existing })
  if (begun) return { ok: true, runId: firstOf(begun), created: false, ...firstLink(begun) }
  if (world.noRoom && !spec.parent && !spec.schedule && isNew(existing, spec)) return world.noRoom
  const verdict = existing && admit(turn, existing, spec)
  if (verdict) return verdict
  const runId = spec.runId ?? laterId(turn, world, existing)
  const unfit = spec.runId === undefined ? null : unfitRunId(turn, world, { runId, existing })
  const refusal = unfit ?? moved(spec.input, runId)
  if (refusal) return refusal
  const live = newLiveRun(world.workshop, { workflowId, runId }, chosen.definition)
  live.folded = turn.world.wary
  replaceLatest(turn, world, { workflowId, latest: existing })
  turn.adopt(live, { requestId })
  turn.input(runId, startInput(turn, spec, { taskQueue, chosen }))
  return { ok: true, runId, created: true }
}

/** Whether the start would make a run. Children and runs of schedules are not refused: nobody would ask again. */
function isNew(existing: ExistingRun | null, spec: StartSpec): boolean {
  if (!existing) return true
  return existing.closed !== null || spec.idConflict === 'terminate-existing'
}

/** After a day the objects that were written for a run that never came to be are swept. */
const FRESH_MS = 86_400_000

/** The runs of an id sort as they began, also within a millisecond, and where the clock was set back. */
function laterId(turn: Turn, world: StartWorld, existing: ExistingRun | null): string {
  const fresh = world.newRunId(turn.now)
  return existing ? idAfter(existing.runId, fresh) : fresh
}

/** A run id that the caller brings was given to it by this shard, and not long ago: runs sort by their ids. */
function unfitRunId(
  turn: Turn,
  world: StartWorld,
  { runId, existing }: { runId: string; existing: ExistingRun | null },
): Refusal | null {
  const madeAt = idTime(runId) ?? Infinity
  const { runId: last = '' } = existing ?? {}
  const isFresh = madeAt <= Math.max(turn.now, idTime(last) ?? 0) && madeAt > turn.now - FRESH_MS
  if (runId > last && isFresh && !turn.held(runId) && !world.isKnown(runId)) return null
  const message = `runId ${runId} is not an id for a new run: ask for one and store the payloads under it again`
  return { ok: false, code: 'overloaded', message, facts: { moved: true, runId, path: 'runId' } }
}

function startInput(
  { now, world: { wary } }: Turn,
  spec: StartSpec,
  { taskQueue, chosen }: { taskQueue: string; chosen: Chosen },
): Input {
  const { workflowType, input, parent, schedule, memo, searchAttributes, requestId, traceparent } = spec
  const { runTimeoutMs, startDelayMs } = spec
  const { options } = workflowOf(chosen.definition)
  const policy = spec.retry ?? options.retry
  const retry = spec.retryRules ?? (policy && retryRules(policy))
  const timeoutMs = spec.executionTimeoutMs ?? milliseconds(options.executionTimeout, 'executionTimeout')
  const firstTurnAt = startDelayMs || wary ? now + (startDelayMs ?? 0) : undefined
  return {
    type: 'start_workflow',
    workflowType,
    taskQueue,
    version: chosen.version,
    ...(chosen.pinned && { pinned: true as const }),
    requestId,
    ...(input !== undefined && { input }),
    ...(parent && { parent }),
    ...(schedule && { schedule }),
    ...(memo && { memo }),
    ...(searchAttributes && { searchAttributes }),
    ...(traceparent !== undefined && { traceparent }),
    ...(timeoutMs !== undefined && { executionDeadlineAt: (firstTurnAt ?? now) + timeoutMs }),
    ...(runTimeoutMs !== undefined && { runTimeoutMs }),
    ...(firstTurnAt !== undefined && { firstTurnAt }),
    ...(retry && { retry }),
    ...(spec.priority !== undefined && { priority: spec.priority }),
  }
}

/** Null admits a new run; otherwise the answer is here. */
function admit(turn: Turn, existing: ExistingRun, spec: StartSpec): Started | null {
  const { runId, closed } = existing
  const refusal = (message: string): Refusal => {
    return {
      ok: false,
      code: 'workflow_already_started',
      message,
      facts: { workflowId: spec.workflowId, runId },
    }
  }
  if (closed) {
    if (spec.idReuse === 'allow' || (spec.idReuse === 'allow-failed-only' && closed !== 'completed'))
      return null
    return refusal(
      `workflow ${spec.workflowId} has already run as ${runId} (${closed}) and idReuse is ${spec.idReuse}`,
    )
  }
  if (spec.idConflict === 'use-existing') return { ok: true, runId, created: false, ...firstLink(existing) }
  if (spec.idConflict === 'fail') {
    return refusal(
      `workflow ${spec.workflowId} is already running as ${runId}; pass idConflict or another workflowId`,
    )
  }
  turn.input(runId, { type: 'terminate_workflow', reason: 'replaced by a new run of the same id' })
  return null
}
