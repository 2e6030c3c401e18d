/**
 * Inline steps: `fn` runs here, next to the state, after the commit that holds its command. Its outcome is an input
 * like any other, never handed straight to the workflow code.
 */
import { encode, encodeFailure } from '../shared/codec.ts'
import type { Coding } from '../shared/codec.ts'
import { serializeError } from '../shared/core/failure.ts'
import { rulesOf } from '../shared/core/retry.ts'
import { afterStepFailure, stepCloseAt } from '../shared/core/step.ts'
import type { PendingActivity } from '../shared/description.ts'
import { CancelledError, TimeoutError, WorkerShutdownError, WorkflowError } from '../shared/errors.ts'
import type { SerializedError } from '../shared/errors.ts'
import { attemptAttributes } from '../shared/trace.ts'
import { sendablePayload } from '../shared/payload.ts'
import type { Payload } from '../shared/payload.ts'
import type { Called, World } from '../shared/replay/coroutine.ts'
import { inSpan, whereTraced } from '../shared/tracing.ts'
import type { Tracing } from '../shared/tracing.ts'
import { dueKey } from './keys.ts'
import type { Job } from './inbox.ts'
import type { LiveRun } from './live.ts'
import type { Memory } from './memory.ts'
import { StepCall } from './step-call.ts'
import { completedEnd, endInput, follow, pendingStep } from './step-end.ts'
import type { Attempt } from './step-end.ts'
import type { Turn } from './turn.ts'

export interface StepWorld {
  readonly memory: Memory
  readonly world: World
  readonly coding: Coding | null
  readonly tracing: Tracing | undefined
  now(): number
  draw(): number
  submit(job: Job): void
}

/** An attempt to be started. */
interface StartedStep {
  readonly live: LiveRun
  readonly seq: number
  readonly attempt: number
  readonly dueAt: number
  readonly lastError?: SerializedError | undefined
}

export class StepRunner {
  readonly #world: StepWorld
  /** By run, then by the call's number. */
  readonly #attempts = new Map<string, Map<number, Attempt>>()
  #stopping = false

  constructor(world: StepWorld) {
    this.#world = world
  }

  /** Whether no function runs. What waits is in rows too. */
  get idle(): boolean {
    return this.#running().next().done === true
  }

  get inFlight(): number {
    return [...this.#running()].length
  }

  /** Whether memory alone knows of a step of this run, so that the run must stay in it. */
  busy(runId: string): boolean {
    return this.#attempts.has(runId)
  }

  awaits(runId: string, seq: number): boolean {
    return this.#attempts.get(runId)?.has(seq) ?? false
  }

  /** The number of the attempt that backs off; undefined when the step's function runs. */
  waiting(runId: string, seq: number): number | undefined {
    const attempt = this.#attempts.get(runId)?.get(seq)
    return attempt?.startedAt === null ? attempt.call.attempt : undefined
  }

  /** A step of which an attempt has failed, or was lost; null for any other. */
  pending(runId: string, seq: number): PendingActivity | null {
    const attempt = this.#attempts.get(runId)?.get(seq)
    return attempt && attempt.call.attempt > 1 ? pendingStep(attempt) : null
  }

  /** Starts attempts, now or when they are due. */
  start(steps: Iterable<StartedStep>): void {
    if (this.#stopping) return
    const now = this.#world.now()
    const begun: Attempt[] = []
    for (const { live, seq, attempt: number, dueAt, lastError } of steps) {
      const { runId, workflowId } = live.state
      const open = live.state.steps.get(seq)
      if (!open) continue
      const startedAt = dueAt <= now ? now : null
      const call = new StepCall(number, { workflowId, runId, seq })
      const attempt = { live, scheduled: open.scheduled, call, startedAt, dueAt, lastError }
      let attempts = this.#attempts.get(runId)
      if (!attempts) this.#attempts.set(runId, (attempts = new Map()))
      attempts.set(seq, attempt)
      if (startedAt === null) this.#world.memory.deadlines.set(dueKey({ kind: 'step', runId, seq }), dueAt)
      else begun.push(attempt)
    }
    if (begun.length > 0) this.#run(begun)
  }

  /** The next attempt's time has come. That it begins is written first: a wake could not tell otherwise. */
  due(runId: string, seq: number): void {
    const waiting = this.#attempts.get(runId)?.get(seq)
    if (waiting?.startedAt !== null) return
    const { attempt } = waiting.call
    const { name } = waiting.scheduled
    const { lastError } = waiting
    this.#submit(waiting, (turn) =>
      turn.touch(runId, (live) =>
        turn.changes.steps.push({ live, seq, attempt, dueAt: turn.now, begins: true, name, lastError }),
      ),
    )
  }

  /** Gives up on attempts that have had their time. Asked about once a second while any is in flight. */
  expire(): void {
    const now = this.#world.now()
    for (const attempt of this.#running()) {
      const { scheduled, startedAt, call } = attempt
      const closed = stepCloseAt(scheduled) <= now
      if (!closed && startedAt + rulesOf(scheduled).timeouts.startToCloseMs > now) continue
      const kind = closed ? 'schedule-to-close' : 'start-to-close'
      const late = new TimeoutError(kind, `step ${scheduled.name} attempt ${call.attempt}: ${kind} timeout`)
      StepCall.interrupt(call, late)
      this.#failed(attempt, late)
    }
  }

  /** The run asks to cancel the step: its function is told, and its own end is what is recorded. */
  cancel(runId: string, seq: number): void {
    const attempt = this.#attempts.get(runId)?.get(seq)
    if (attempt) StepCall.interrupt(attempt.call, new CancelledError())
  }

  /** The object is about to be given up: functions are told, and none begins any more. What still ends is recorded. */
  shutdown(): void {
    this.#stopping = true
    const reason = new WorkerShutdownError('the object that runs this step is being given up')
    for (const { call } of this.#running()) StepCall.interrupt(call, reason)
  }

  /** A step that has ended. */
  forget(runId: string, seq: number): void {
    const attempts = this.#attempts.get(runId)
    const attempt = attempts?.get(seq)
    if (!attempts?.delete(seq)) return
    if (attempts.size === 0) this.#attempts.delete(runId)
    if (attempt?.startedAt === null) this.#world.memory.deadlines.delete(dueKey({ kind: 'step', runId, seq }))
  }

  /** A run that nobody awaits the steps of any more. */
  forgetRun(runId: string): void {
    const attempts = this.#attempts.get(runId)
    if (!attempts) return
    const reason = new WorkflowError('workflow_closed', 'the run of this step has ended without it')
    for (const [seq, { call }] of attempts) {
      this.forget(runId, seq)
      StepCall.interrupt(call, reason)
    }
  }

  clear(): void {
    this.#attempts.clear()
  }

  *#running(): Generator<Attempt & { startedAt: number }> {
    for (const attempts of this.#attempts.values())
      for (const attempt of attempts.values()) if (isRunning(attempt)) yield attempt
  }

  #run(attempts: readonly Attempt[]): void {
    const { world, tracing } = this.#world
    const traced = whereTraced(tracing)
    const called = world.inSteps(attempts.map((attempt) => () => calledBy(attempt, traced)))
    attempts.forEach((attempt, place) => this.#ended(attempt, called[place] ?? { value: undefined }))
  }

  #ended(attempt: Attempt, called: Called): void {
    if ('thrown' in called) this.#failed(attempt, called.thrown)
    else if (!isThenable(called.value)) this.#completed(attempt, called.value)
    else {
      called.value.then(
        (value) => this.#completed(attempt, value),
        (error: unknown) => this.#failed(attempt, error),
      )
    }
  }

  #completed(attempt: Attempt, value: unknown): void {
    let payload: Payload
    try {
      payload = sendablePayload(value, 'result')
    } catch (error) {
      // The work is done and its result cannot be kept: doing it again would not help.
      this.#submit(attempt, (turn, runId) =>
        turn.input(runId, endInput(attempt, { kind: 'failed', error: serializeError(error) })),
      )
      return
    }
    const record = (recorded: Payload): void =>
      this.#submit(attempt, (turn, runId) =>
        turn.input(runId, endInput(attempt, completedEnd(turn, runId, recorded))),
      )
    const { coding } = this.#world
    if (!coding) record(payload)
    else
      encode(coding, payload, { workflowId: attempt.live.state.workflowId, field: 'result' }).then(
        record,
        (error: unknown) => this.#failed(attempt, error),
      )
  }

  #failed(attempt: Attempt, thrown: unknown): void {
    const reason = StepCall.gaveInTo(attempt.call, thrown)
    // No record of it: the step starts over where the object wakes.
    if (reason instanceof WorkerShutdownError) return
    const record = (error: SerializedError): void =>
      this.#follow(attempt, { attempt: attempt.call.attempt, error, gaveIn: reason !== null })
    const { coding } = this.#world
    const error = serializeError(thrown)
    if (!coding) record(error)
    else
      encodeFailure(coding, error, attempt.live.state.workflowId).then(record, (failed: unknown) =>
        record(serializeError(failed)),
      )
  }

  #follow(attempt: Attempt, failed: { attempt: number; error: SerializedError; gaveIn: boolean }): void {
    const { seq } = attempt.scheduled
    const clock = { now: this.#world.now(), draw: this.#world.draw() }
    this.#submit(attempt, (turn, runId) =>
      turn.touch(runId, (live) => {
        const open = live.state.steps.get(seq)
        if (open) follow(turn, live, { seq, ...failed, next: afterStepFailure(open, failed, clock) })
      }),
    )
  }

  /** Passes an outcome on, if the attempt is still the one that is awaited. What cannot be stored is a lost attempt. */
  #submit(attempt: Attempt, begin: (turn: Turn, runId: string) => void): void {
    const { runId } = attempt.live.state
    const { seq } = attempt.scheduled
    const isAwaited = (): boolean => this.#attempts.get(runId)?.get(seq) === attempt
    this.#world.submit({
      begin: (turn) => {
        if (isAwaited()) begin(turn, runId)
      },
      release: () => {},
      refuse: () => {
        if (isAwaited()) this.forget(runId, seq)
      },
    })
  }
}

function calledBy({ live, scheduled, call }: Attempt, tracing: Tracing | undefined): Called {
  try {
    const fn = live.coroutine.steps.get(scheduled.seq)
    if (!fn) throw new WorkflowError('internal', `step ${scheduled.name} has no function`)
    const value = inSpan(tracing, `step ${scheduled.name}`, (span) => {
      const { workflowId, runId } = live.state
      span?.setAttributes(attemptAttributes({ workflowId, runId, seq: scheduled.seq }, call.attempt))
      return fn(call)
    })
    return { value }
  } catch (thrown) {
    return { thrown }
  }
}

function isRunning(attempt: Attempt): attempt is Attempt & { startedAt: number } {
  return attempt.startedAt !== null
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function'
}
