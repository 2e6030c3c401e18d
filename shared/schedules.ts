/** Schedules as their clients hold them. */
/* oxlint-disable typescript/no-explicit-any -- `any` is "not said" in the public signatures: workflows of any type */
import type { InputArg } from './activity.ts'
import { encode } from './codec.ts'
import type { Shards } from './connection.ts'
import type { Instant } from './duration.ts'
import { encodedStart } from './edge.ts'
import { ending } from './ending.ts'
import { newId } from './ids.ts'
import type { MessageMap } from './message.ts'
import { checkedName } from './names.ts'
import { checkedPayload } from './payload.ts'
import type { ClientApi, Reply } from './protocol.ts'
import type {
  ChangeScheduleRequest,
  ScheduleChange,
  ScheduleDescription,
  ScheduleList,
  SchedulePolicy,
  ScheduleSpec,
} from './schedule.ts'
import { startDraft } from './start.ts'
import type { StartOptions } from './start.ts'
import type { WorkflowDefinition } from './workflow.ts'

/** A schedule, as `describe` and `list` give it. */
export interface ScheduleInfo {
  /** Its id. */
  scheduleId: string
  /** The name of the workflow that it starts. */
  workflowType: string
  /** Durations are milliseconds here, and instants epoch milliseconds. */
  spec: ScheduleSpec
  /** As it was given; durations are milliseconds. */
  policy: SchedulePolicy
  /** Whether it begins no runs. */
  paused: boolean
  /** Of the last pause or unpause. */
  note?: string
  /** When the next five begin, if it were not paused; fewer where there are none. */
  nextRuns: readonly Date[]
  /** The last ten that have begun, the last one last. */
  recentRuns: readonly {
    /** The id that the run was given. */
    workflowId: string
    /** The run. */
    runId: string
    /** The time that it is for. */
    scheduledAt: Date
  }[]
  /** The last start that was refused. */
  lastRefused?: {
    /** The time that it was for. */
    scheduledAt: Date
    /** An `ErrorCode`: why. */
    code: string
    /** The same for people. */
    message: string
  }
}

/** One schedule. Its verbs throw `schedule_not_found` where there is none. */
export interface ScheduleHandle {
  /** Its id. */
  readonly scheduleId: string
  /** What it is, what it has begun and what comes next. */
  describe(): Promise<ScheduleInfo>
  /** What is given replaces what was there, whole; it is for runs that begin later. */
  update(patch: { spec?: ScheduleSpec; policy?: SchedulePolicy; input?: unknown }): Promise<void>
  /** No run begins by the clock until `unpause`; open ones go on. `note` says why, in `describe`. */
  pause(note?: string): Promise<void>
  /** Times that came while it was paused are not made up for. */
  unpause(note?: string): Promise<void>
  /** One run, paused or not: now, or, where runs must not overlap, when those that are open have ended. */
  trigger(): Promise<void>
  /** A run for every time from `from` to `to`, both included: one after another, unless runs may overlap. */
  backfill(ranges: readonly { from: Instant; to: Instant }[]): Promise<void>
  /** Runs that have begun go on. */
  delete(): Promise<void>
}

/** A schedule with its runs: what `client.start` takes is for each of them. */
export type CreateScheduleOptions<I, R, M extends MessageMap> = {
  /** Names the schedule; refused with `schedule_exists` where there is one. */
  scheduleId: string
  /** When runs begin; what cannot be read is refused with `invalid_argument`. */
  spec: ScheduleSpec
  /** What happens when runs would overlap, come late or fail. */
  policy?: SchedulePolicy
  /** What is started. */
  workflow: WorkflowDefinition<I, R, M>
  /** Whether it begins paused. Default: false. */
  paused?: boolean
  /** For people, in `describe`. */
  note?: string
} & StartOptions &
  InputArg<I>

/**
 * Starts workflows by the clock: `client.schedules`.
 * ```ts
 * await client.schedules.create({ scheduleId: 'nightly', spec: { cron: '0 3 * * *' }, workflow: report, input: { day: 'yesterday' } })
 * ```
 */
export class ScheduleClient {
  readonly #shards: Shards

  constructor(shards: Shards) {
    this.#shards = shards
  }

  /**
   * Each run has the id `<workflowId>-<time>`, with the schedule's own id where none is given:
   * `nightly-2026-12-01T03:00:00Z`. An input has at most 128 KiB.
   */
  create<I, R, M extends MessageMap>(options: CreateScheduleOptions<I, R, M>): Promise<ScheduleHandle>
  async create(options: CreateScheduleOptions<any, any, any>): Promise<ScheduleHandle> {
    const { spec, policy = {}, workflow, paused = false, note, ...start } = options
    const handle = this.getHandle(options.scheduleId)
    const { scheduleId } = handle
    checkedPayload(start.input, 'input')
    const draft = startDraft(workflow, { workflowId: scheduleId, ...start })
    const { requestId, ...action } = await encodedStart(this.#shards, draft)
    const to = await this.#shards.of(scheduleId)
    const request = { to, scheduleId, requestId, spec, policy, action, paused, ...noted(note) }
    await this.#shards.ask(request, (shard, one) => shard.createSchedule(one))
    return handle
  }

  /** Nothing is asked of the engine until the handle is used. */
  getHandle(scheduleId: string): ScheduleHandle {
    return new Handle(this.#shards, checkedName(scheduleId, 'scheduleId'))
  }

  /** Every schedule of the namespace, shard by shard. */
  async *list(): AsyncGenerator<ScheduleInfo> {
    let after: string | undefined = ''
    while (after !== undefined) {
      const page: ScheduleList = await schedulesAfter(this.#shards, after)
      yield* page.schedules.map(infoOf)
      after = page.more ? page.schedules.at(-1)?.scheduleId : undefined
    }
  }
}

/** Some schedules behind the one of that id, with a shard of their own; '' is before the first. */
export async function schedulesAfter(shards: Shards, after: string): Promise<ScheduleList> {
  const all = await shards.all()
  const first = after === '' ? 0 : (await shards.of(after)).shard
  for (const to of all.slice(first)) {
    const request = { to, after: to.shard === first ? after : '' }
    const { schedules, more } = await shards.ask(request, (shard, one) => shard.listSchedules(one))
    const isLast = to.shard === all.length - 1
    if (schedules.length > 0 || isLast) return { schedules, more: more || !isLast }
  }
  return { schedules: [], more: false }
}

class Handle implements ScheduleHandle {
  readonly scheduleId: string
  readonly #shards: Shards

  constructor(shards: Shards, scheduleId: string) {
    this.#shards = shards
    this.scheduleId = scheduleId
  }

  async describe(): Promise<ScheduleInfo> {
    const { scheduleId } = this
    const request = { to: await this.#shards.of(scheduleId), scheduleId }
    return infoOf(await this.#shards.ask(request, (shard, one) => shard.describeSchedule(one)))
  }

  async update(patch: { spec?: ScheduleSpec; policy?: SchedulePolicy; input?: unknown }): Promise<void> {
    const { input, ...rest } = patch
    const meta = { workflowId: this.scheduleId, field: 'input' }
    const payload = await encode(this.#shards.coding, checkedPayload(input, 'input'), meta)
    const given = 'input' in patch && { input: payload === undefined ? {} : { payload } }
    await this.#change({ kind: 'update', ...rest, ...given })
  }

  async pause(note?: string): Promise<void> {
    await this.#change({ kind: 'pause', ...noted(note) })
  }

  async unpause(note?: string): Promise<void> {
    await this.#change({ kind: 'unpause', ...noted(note) })
  }

  async trigger(): Promise<void> {
    await this.#change({ kind: 'trigger' })
  }

  async backfill(ranges: readonly { from: Instant; to: Instant }[]): Promise<void> {
    await this.#change({ kind: 'backfill', ranges })
  }

  async delete(): Promise<void> {
    await this.#change({ kind: 'delete' })
  }

  async #change(change: ScheduleChange): Promise<void> {
    const { scheduleId } = this
    const request = { to: await this.#shards.of(scheduleId), scheduleId, requestId: newId(), change }
    await this.#shards.ask(request, changing(change))
  }
}

/** The verb for it, for one call. */
export function changing({ kind }: ScheduleChange): typeof changeSchedule {
  return kind === 'delete' ? ending(changeSchedule, 'schedule_not_found') : changeSchedule
}

function changeSchedule(shard: ClientApi, request: ChangeScheduleRequest): Promise<Reply<null>> {
  return shard.changeSchedule(request)
}

function noted(note: string | undefined): { note?: string } {
  return note === undefined ? {} : { note }
}

function infoOf({ lastRefused, ...facts }: ScheduleDescription): ScheduleInfo {
  return {
    ...facts,
    nextRuns: facts.nextRuns.map((at) => new Date(at)),
    recentRuns: facts.recentRuns.map(dated),
    ...(lastRefused && { lastRefused: dated(lastRefused) }),
  }
}

function dated<T extends { scheduledAt: number }>(facts: T): Omit<T, 'scheduledAt'> & { scheduledAt: Date } {
  return { ...facts, scheduledAt: new Date(facts.scheduledAt) }
}
