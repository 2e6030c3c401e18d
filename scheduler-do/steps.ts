/**
 * Inline steps: `fn` runs here, next to the state, after the commit that holds its command. Its outcome is an input
 * like any other, never handed straight to the workflow code.
 */
import { serializeError } from '../shared/core/failure.ts'
import { askedDelayMs, isNonRetryable, nextDelayMs } from '../shared/core/retry.ts'
import type { StepScheduled } from '../shared/core/events.ts'
import { TimeoutError, WorkflowError } from '../shared/errors.ts'
import type { SerializedError } from '../shared/errors.ts'
import { checkedPayload } from '../shared/payload.ts'
import type { Payload } from '../shared/payload.ts'
import type { World } from '../shared/replay/coroutine.ts'
import { callKey, dueKey } from './keys.ts'
import type { Job } from './inbox.ts'
import { tell } from './inbox.ts'
import type { LiveRun } from './live.ts'
import type { Memory } from './memory.ts'
import type { Turn } from './turn.ts'

export interface StepWorld {
  readonly memory: Memory
  readonly world: World
  now(): number
  draw(): number
  submit(job: Job): void
}

export class StepRunner {
  readonly #world: StepWorld
  readonly #inFlight = new Map<string, { live: LiveRun; seq: number; attempt: number; running: boolean }>()

  constructor(world: StepWorld) {
    this.#world = world
  }

  get idle(): boolean {
    return this.#inFlight.size === 0
  }

  /** Starts an attempt, now or when it is due. */
  start(live: LiveRun, step: { seq: number; attempt: number; dueAt: number }): void {
    const { seq, attempt, dueAt } = step
    const { runId } = live.state
    const scheduled = live.state.steps.get(seq)
    if (!scheduled) return
    const running = dueAt <= this.#world.now()
    live.steps.set(seq, attempt)
    this.#inFlight.set(callKey(runId, seq), { live, seq, attempt, running })
    const at = running ? this.#world.now() + scheduled.timeouts.startToCloseMs : dueAt
    this.#world.memory.deadlines.set(dueKey({ kind: 'step', runId, seq }), at)
    if (running) void this.#run(live, scheduled, attempt)
  }

  /** The step's next attempt is due, or the one that runs has had its time. */
  due(runId: string, seq: number): void {
    const entry = this.#inFlight.get(callKey(runId, seq))
    const scheduled = entry?.live.state.steps.get(seq)
    if (!entry || !scheduled) return
    const { live, attempt } = entry
    if (!entry.running) {
      this.start(live, { seq, attempt, dueAt: this.#world.now() })
      return
    }
    const error = new TimeoutError(
      'start-to-close',
      `step ${scheduled.name} attempt ${attempt}: start-to-close timeout`,
    )
    this.#failed(live, { scheduled, attempt, error: serializeError(error) })
  }

  /** A step that is no longer awaited: its outcome will be ignored. */
  forget(runId: string, seq: number): void {
    if (this.#inFlight.delete(callKey(runId, seq)))
      this.#world.memory.deadlines.delete(dueKey({ kind: 'step', runId, seq }))
  }

  clear(): void {
    this.#inFlight.clear()
  }

  async #run(live: LiveRun, scheduled: StepScheduled, attempt: number): Promise<void> {
    const { coroutine } = live
    const frame = { mode: 'step', coroutine, scope: coroutine.root } as const
    try {
      const fn = coroutine.steps.get(scheduled.seq)
      if (!fn) throw new WorkflowError('internal', `step ${scheduled.name} has no function`)
      const result: unknown = await this.#world.world.async.run(frame, async () => fn())
      this.#completed(live, { scheduled, attempt, result: checkedPayload(result, 'result') })
    } catch (error) {
      this.#failed(live, { scheduled, attempt, error: serializeError(error) })
    }
  }

  #completed(live: LiveRun, outcome: { scheduled: StepScheduled; attempt: number; result: Payload }): void {
    const { scheduled, attempt, result } = outcome
    const { seq } = scheduled
    const end = { kind: 'completed', ...(result !== undefined && { result }) } as const
    this.#submit(live, { seq, attempt }, (turn) =>
      turn.input(live.state.runId, { type: 'resolve_step', seq, attempt, end }),
    )
  }

  #failed(
    live: LiveRun,
    outcome: { scheduled: StepScheduled; attempt: number; error: SerializedError },
  ): void {
    const { scheduled, attempt, error } = outcome
    const { seq, retry, name } = scheduled
    const { runId } = live.state
    const last = retry.maxAttempts !== undefined && attempt >= retry.maxAttempts
    if (last || isNonRetryable(retry, error)) {
      const end = { kind: 'failed', error } as const
      this.#submit(live, { seq, attempt }, (turn) =>
        turn.input(runId, { type: 'resolve_step', seq, attempt, end }),
      )
      return
    }
    const dueAt = this.#world.now() + (askedDelayMs(error) ?? nextDelayMs(retry, attempt, this.#world.draw()))
    this.#submit(live, { seq, attempt }, (turn) => {
      turn.touch(runId, (current) => {
        turn.changes.steps.set(callKey(runId, seq), { live: current, seq, attempt: attempt + 1, dueAt, name })
      })
    })
  }

  /** Passes an outcome on, if the attempt is still the one that is awaited. */
  #submit(live: LiveRun, step: { seq: number; attempt: number }, begin: (turn: Turn) => void): void {
    const { runId } = live.state
    this.#world.submit(
      tell((turn) => {
        const entry = this.#inFlight.get(callKey(runId, step.seq))
        if (entry?.live === live && entry.attempt === step.attempt) begin(turn)
      }),
    )
  }
}
