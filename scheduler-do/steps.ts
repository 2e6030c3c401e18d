/**
 * Inline steps: `fn` runs here, next to the state, after the commit that holds its command. Its outcome is an input
 * like any other, never handed straight to the workflow code.
 */
import { serializeError } from '../shared/core/failure.ts'
import { askedDelayMs, isNonRetryable, nextDelayMs, rulesOf } from '../shared/core/retry.ts'
import type { StepScheduled } from '../shared/core/events.ts'
import type { Input, StepEnd } from '../shared/core/inputs.ts'
import { TimeoutError, WorkflowError } from '../shared/errors.ts'
import { sendablePayload } from '../shared/payload.ts'
import type { Payload } from '../shared/payload.ts'
import { visibleReference } from '../shared/reference.ts'
import type { World } from '../shared/replay/coroutine.ts'
import { attachContent } from './contents.ts'
import { dueKey } from './keys.ts'
import type { Job } from './inbox.ts'
import { tell } from './inbox.ts'
import type { LiveRun } from './live.ts'
import type { Memory } from './memory.ts'
import { storeOutput } from './output.ts'
import type { Turn } from './turn.ts'

export interface StepWorld {
  readonly memory: Memory
  readonly world: World
  now(): number
  draw(): number
  submit(job: Job): void
}

/** One attempt of a step, in flight or waiting for its time. */
interface Attempt {
  readonly live: LiveRun
  readonly scheduled: StepScheduled
  readonly number: number
  /** Null while it waits. */
  readonly startedAt: number | null
}

export class StepRunner {
  readonly #world: StepWorld
  /** By run, then by the call's number. */
  readonly #attempts = new Map<string, Map<number, Attempt>>()

  constructor(world: StepWorld) {
    this.#world = world
  }

  get idle(): boolean {
    return this.#attempts.size === 0
  }

  /** Whether memory alone knows of a step of this run, so that the run must stay in it. */
  busy(runId: string): boolean {
    return this.#attempts.has(runId)
  }

  awaits(runId: string, seq: number): boolean {
    return this.#attempts.get(runId)?.has(seq) ?? false
  }

  /** Starts an attempt, now or when it is due. */
  start(live: LiveRun, step: { seq: number; attempt: number; dueAt: number }): void {
    const { runId } = live.state
    const scheduled = live.state.steps.get(step.seq)
    if (!scheduled) return
    const now = this.#world.now()
    const startedAt = step.dueAt <= now ? now : null
    const attempt = { live, scheduled, number: step.attempt, startedAt }
    const attempts = this.#attempts.get(runId)
    if (attempts) attempts.set(step.seq, attempt)
    else this.#attempts.set(runId, new Map([[step.seq, attempt]]))
    if (startedAt === null)
      this.#world.memory.deadlines.set(dueKey({ kind: 'step', runId, seq: step.seq }), step.dueAt)
    else this.#run(attempt)
  }

  /** The next attempt's time has come. */
  due(runId: string, seq: number): void {
    const attempt = this.#attempts.get(runId)?.get(seq)
    if (attempt?.startedAt !== null) return
    this.start(attempt.live, { seq, attempt: attempt.number, dueAt: this.#world.now() })
  }

  /** Gives up on attempts that have had their time. Asked about once a second while any is in flight. */
  expire(): void {
    const now = this.#world.now()
    for (const attempts of this.#attempts.values()) {
      for (const attempt of attempts.values()) {
        const { scheduled, startedAt, number } = attempt
        if (startedAt === null || startedAt + rulesOf(scheduled).timeouts.startToCloseMs > now) continue
        const message = `step ${scheduled.name} attempt ${number}: start-to-close timeout`
        this.#failed(attempt, new TimeoutError('start-to-close', message))
      }
    }
  }

  /** A step that is no longer awaited: its outcome will be ignored. */
  forget(runId: string, seq: number): void {
    const attempts = this.#attempts.get(runId)
    const attempt = attempts?.get(seq)
    if (!attempts?.delete(seq)) return
    if (attempts.size === 0) this.#attempts.delete(runId)
    if (attempt?.startedAt === null) this.#world.memory.deadlines.delete(dueKey({ kind: 'step', runId, seq }))
  }

  forgetRun(runId: string): void {
    for (const seq of this.#attempts.get(runId)?.keys() ?? []) this.forget(runId, seq)
  }

  clear(): void {
    this.#attempts.clear()
  }

  #run(attempt: Attempt): void {
    const { coroutine } = attempt.live
    try {
      const fn = coroutine.steps.get(attempt.scheduled.seq)
      if (!fn) throw new WorkflowError('internal', `step ${attempt.scheduled.name} has no function`)
      const result: unknown = this.#world.world.inStep(fn)
      if (!isThenable(result)) this.#completed(attempt, result)
      else {
        result.then(
          (value) => this.#completed(attempt, value),
          (error: unknown) => this.#failed(attempt, error),
        )
      }
    } catch (error) {
      this.#failed(attempt, error)
    }
  }

  #completed(attempt: Attempt, value: unknown): void {
    let payload: Payload
    try {
      payload = sendablePayload(value, 'result')
    } catch (error) {
      // The work is done and its result cannot be kept: doing it again would not help.
      this.#end(attempt, { kind: 'failed', error: serializeError(error) })
      return
    }
    this.#submit(attempt, (turn, runId) =>
      turn.input(runId, endInput(attempt, completedEnd(turn, runId, payload))),
    )
  }

  #failed(attempt: Attempt, thrown: unknown): void {
    const { scheduled, number } = attempt
    const { retry } = rulesOf(scheduled)
    const { seq, name } = scheduled
    const error = serializeError(thrown)
    if ((retry.maxAttempts !== undefined && number >= retry.maxAttempts) || isNonRetryable(retry, error)) {
      this.#end(attempt, { kind: 'failed', error })
      return
    }
    const dueAt = this.#world.now() + (askedDelayMs(error) ?? nextDelayMs(retry, number, this.#world.draw()))
    this.#submit(attempt, (turn, runId) => {
      turn.touch(runId, (live) => turn.changes.steps.push({ live, seq, attempt: number + 1, dueAt, name }))
    })
  }

  #end(attempt: Attempt, end: StepEnd): void {
    this.#submit(attempt, (turn, runId) => turn.input(runId, endInput(attempt, end)))
  }

  /** Passes an outcome on, if the attempt is still the one that is awaited. */
  #submit(attempt: Attempt, begin: (turn: Turn, runId: string) => void): void {
    const { runId } = attempt.live.state
    this.#world.submit(
      tell((turn) => {
        if (this.#attempts.get(runId)?.get(attempt.scheduled.seq) === attempt) begin(turn, runId)
      }),
    )
  }
}

/** Without a bucket a large result cannot be kept, and ends the step as one that cannot be encoded does. */
function completedEnd(turn: Turn, runId: string, payload: Payload): StepEnd {
  try {
    const result = storeOutput(turn, runId, { payload, path: 'result' })
    const shown = result === payload ? null : visibleReference(result)
    if (shown) attachContent(shown, payload)
    return { kind: 'completed', ...(result !== undefined && { result }) }
  } catch (error) {
    if (error instanceof WorkflowError) return { kind: 'failed', error: serializeError(error) }
    throw error
  }
}

function endInput(attempt: Attempt, end: StepEnd): Extract<Input, { type: 'resolve_step' }> {
  return { type: 'resolve_step', seq: attempt.scheduled.seq, attempt: attempt.number, end }
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function'
}
