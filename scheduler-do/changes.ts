/** What a turn is about to commit, and the view of the shard with it: later rounds see what earlier ones decided. */
import type { ActivityTask } from '../shared/core/attempt.ts'
import type { HistoryEvent } from '../shared/core/events.ts'
import type { KeyLine, KeyPlace } from '../shared/core/key-line.ts'
import { FIRST_TURN } from '../shared/core/state.ts'
import type { Input } from '../shared/core/inputs.ts'
import type { SerializedError } from '../shared/errors.ts'
import type { Payload } from '../shared/payload.ts'
import type { Delivery } from '../shared/delivery.ts'
import { callKey } from './keys.ts'
import type { LiveRun } from './live.ts'
import type { EarlierStart } from './store/ids.ts'
import type { PayloadCopy, PayloadRow } from './store/payloads.ts'
import type { Blocked } from './store/runs.ts'
import type { ScheduleRow } from './store/schedules.ts'

export interface RunChange {
  readonly live: LiveRun
  readonly firstEventId: number
  readonly events: HistoryEvent[]
  /** Types of the activities that these events end, where they do: outcomes are stored without them. */
  activityTypes: Map<number, string> | null
}

export interface TaskChange {
  /** Null: ended. */
  task: ActivityTask | null
  /** It has no row yet: scheduled in this turn, or young. */
  readonly created: boolean
  readonly input: Payload
  /** False: only memory changes (a claim that is not worth a row yet, an activity that is not). */
  persist: boolean
}

export interface TimerChange {
  readonly runId: string
  readonly workflowId: string
  readonly seq: number
  readonly created: boolean
  /** Null: fired, cancelled or gone with its run. */
  fireAt: number | null
}

export interface StepChange {
  readonly live: LiveRun
  readonly seq: number
  readonly attempt: number
  readonly dueAt: number
  /** Whether it is due when this is committed: what a wake finds begun may have run. */
  readonly begins: boolean
  /** Null: no row is written. The first attempt needs none. */
  readonly name: string | null
  /** Of the attempt before. */
  readonly lastError?: SerializedError | undefined
}

export interface KeyLineChange {
  readonly taskQueue: string
  readonly concurrencyKey: string
  /** As the turn leaves it. */
  readonly line: KeyLine
  /** Places that have no row yet, and those whose rows go. */
  readonly joined: Set<KeyPlace>
  readonly left: Set<KeyPlace>
}

export class Changes {
  readonly runs = new Map<string, RunChange>()
  readonly tasks = new Map<string, TaskChange>()
  readonly timers = new Map<string, TimerChange>()
  /** Inline steps to start once their commands are committed. */
  readonly steps: StepChange[] = []
  readonly outbox: { shard: number; runId: string; delivery: Delivery }[] = []
  /** As the turn leaves them; null: deleted. */
  readonly schedules = new Map<string, ScheduleRow | null>()
  /** Lines of concurrency keys, by `lineKey`. */
  readonly keyLines = new Map<string, KeyLineChange>()
  readonly applied = new Map<number, number>()
  parked: { runId: string; input: Input }[] = []
  readonly unparked = new Set<string>()
  readonly blocked = new Map<string, Blocked | null>()
  /** Large payloads of these events, on their way to R2. */
  readonly payloads: PayloadRow[] = []
  /** Objects that a run takes over from the one before it. */
  readonly copies: PayloadCopy[] = []
  /** Messages that wait for their payload to be copied, and those that have waited. */
  readonly held = new Map<string, Delivery>()
  readonly released = new Set<string>()
  /** Runs to be replayed beside the turns. */
  readonly awaiting = new Set<string>()
  /** Runs with activities that get no row with this turn. */
  readonly unwritten = new Set<string>()
  /** The latest run of ids that got a new one in this turn. */
  readonly latest = new Map<string, string>()
  /** What began the runs before those. */
  readonly earlier = new Map<string, EarlierStart[]>()

  get empty(): boolean {
    const { runs, tasks, timers, steps, outbox, applied, parked, unparked, blocked } = this
    const { payloads, copies, held, released, schedules, keyLines } = this
    return (
      [runs, tasks, timers, applied, unparked, blocked, held, released, schedules, keyLines].every(
        (part) => part.size === 0,
      ) && steps.length + outbox.length + parked.length + payloads.length + copies.length === 0
    )
  }

  /** Before the event is folded into the run's state. */
  append(live: LiveRun, event: HistoryEvent): void {
    const { runId, lastEventId, activities } = live.state
    let change = this.runs.get(runId)
    if (!change) {
      change = { live, firstEventId: lastEventId + 1, events: [], activityTypes: null }
      this.runs.set(runId, change)
    }
    change.events.push(event)
    if (event.type === 'timer_fired') this.endTimer(live, event.seq)
    if (event.type === 'start_delay_elapsed') this.endTimer(live, FIRST_TURN)
    if (event.type === 'workflow_started' && event.firstTurnAt !== undefined)
      this.startTimer(live, FIRST_TURN, event.firstTurnAt)
    const ended = 'seq' in event ? activities.get(event.seq) : undefined
    if (!ended || !('seq' in event)) return
    change.activityTypes ??= new Map()
    change.activityTypes.set(event.seq, ended.scheduled.activityType)
  }

  setTask(task: ActivityTask, { persist }: { persist: boolean }): void {
    const { key, unwritten } = task
    const next = unwritten && persist ? asWritten(task) : task
    const known = this.tasks.get(key)
    if (known) {
      known.task = next
      known.persist ||= persist
    } else
      this.tasks.set(key, { task: next, created: unwritten !== undefined, input: unwritten?.input, persist })
  }

  endTask(key: string, hasRow = true): void {
    const known = this.tasks.get(key)
    if (known) known.task = null
    else this.tasks.set(key, { task: null, created: !hasRow, input: undefined, persist: true })
  }

  /** A step that was to start with this turn, taken back. */
  takeStep(live: LiveRun, seq: number): StepChange | undefined {
    const place = this.steps.findIndex((step) => step.live === live && step.seq === seq)
    return place < 0 ? undefined : this.steps.splice(place, 1)[0]
  }

  startTimer(live: LiveRun, seq: number, fireAt: number): void {
    const { runId, workflowId } = live.state
    this.timers.set(callKey(runId, seq), { runId, workflowId, seq, created: true, fireAt })
  }

  /** One that has a row, or gets it with this turn. */
  awaitTimer(live: LiveRun, seq: number, fireAt: number): void {
    const { runId, workflowId } = live.state
    const key = callKey(runId, seq)
    if (!this.timers.has(key)) this.timers.set(key, { runId, workflowId, seq, created: false, fireAt })
  }

  endTimer(live: LiveRun, seq: number): void {
    const { runId, workflowId } = live.state
    const key = callKey(runId, seq)
    const known = this.timers.get(key)
    if (known) known.fireAt = null
    else this.timers.set(key, { runId, workflowId, seq, created: false, fireAt: null })
  }

  /** What this turn has parked for a run. */
  parkedFor(runId: string): Input[] {
    return this.parked.filter((one) => one.runId === runId).map(({ input }) => input)
  }

  /** The same, taken out. */
  takeParked(runId: string): Input[] {
    const taken = this.parkedFor(runId)
    this.parked = this.parked.filter((one) => one.runId !== runId)
    return taken
  }

  /** Takes back what an input that blocked its run had recorded. The first event of a run is kept: it is the run. */
  retract(runId: string, keep: number): void {
    const change = this.runs.get(runId)
    if (!change) return
    change.events.length = Math.max(keep, change.firstEventId === 1 ? 1 : 0)
    if (change.events.length === 0) this.runs.delete(runId)
  }
}

function asWritten({ unwritten: _unwritten, ...task }: ActivityTask): ActivityTask {
  return task
}
