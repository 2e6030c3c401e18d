/** A workflow run by hand on Node: inputs go in one by one, as in a turn, and what is recorded can be replayed. */
import { AsyncLocalStorage } from 'node:async_hooks'
import { decide, record } from '../../shared/core/decide.ts'
import type { HistoryEvent, OutcomeEvent } from '../../shared/core/events.ts'
import { isCommandEvent, isSilentEvent } from '../../shared/core/events.ts'
import type { Input } from '../../shared/core/inputs.ts'
import { emptyState, evolve } from '../../shared/core/state.ts'
import type { RunState } from '../../shared/core/state.ts'
import type { WorkflowContext } from '../../shared/context.ts'
import { workflow } from '../../shared/define.ts'
import { encodePayload } from '../../shared/payload.ts'
import { Coroutine } from '../../shared/replay/coroutine.ts'
import type { AnyWorkflow, World } from '../../shared/replay/coroutine.ts'
import type { AsyncContext, Frame } from '../../shared/replay/frame.ts'
import { replay, settle } from '../../shared/replay/replay.ts'
import { serializeError } from '../../shared/core/failure.ts'

const frames = new AsyncLocalStorage<Frame>()

export const asyncContext: AsyncContext = {
  run: (frame, fn) => frames.run(frame, fn),
  current: () => frames.getStore(),
}

const world: World = {
  async: asyncContext,
  isolate: (fn) => fn(),
  inSteps: (calls) => calls.map((call) => call()),
}

export function drain(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve)
  })
}

/** When runs of the driver start, unless told otherwise. */
export const noon = Date.UTC(2026, 0, 1, 12)

/** What the function of an inline step is given. */
export const stepContext = {
  attempt: 1,
  idempotencyKey: 'order-1/01RUN/1',
  traceparent: '',
  cancellation: new AbortController().signal,
}

export type Ctx = WorkflowContext<any> // oxlint-disable-line typescript/no-explicit-any -- as `workflow` without messages gives it

const DEFAULT_RUN = { workflowId: 'order-1', runId: '01RUN' }

export class Run {
  readonly definition: AnyWorkflow
  readonly identity: { workflowId: string; runId: string }
  readonly history: HistoryEvent[] = []
  state: RunState
  coroutine: Coroutine
  now = noon

  constructor(definition: AnyWorkflow, identity = DEFAULT_RUN) {
    this.definition = definition
    this.identity = identity
    this.state = emptyState(identity.workflowId, identity.runId)
    this.coroutine = coroutineOf(definition, identity)
  }

  get types(): string[] {
    return this.history.map((event) => event.type)
  }

  /** Takes inputs as one turn does: each in a round of its own, and the end only after all of them. */
  async give(...inputs: Input[]): Promise<HistoryEvent[]> {
    const before = this.history.length
    for (const input of inputs) await this.#round(input)
    this.#close()
    return this.history.slice(before)
  }

  start(input?: unknown): Promise<HistoryEvent[]> {
    const payload = encodePayload(input, 'input')
    return this.give({
      type: 'start_workflow',
      workflowType: this.definition.name,
      taskQueue: 'default',
      version: 'test',
      requestId: 'request-1',
      ...(payload !== undefined && { input: payload }),
    })
  }

  complete(seq: number, result?: unknown): Promise<HistoryEvent[]> {
    return this.give(completed(this.state, seq, result))
  }

  fail(seq: number, error: unknown): Promise<HistoryEvent[]> {
    const end = { kind: 'failed', error: serializeError(error) } as const
    const type = this.state.steps.has(seq) ? 'resolve_step' : 'resolve_activity'
    return this.give({ type, seq, attempt: 1, end })
  }

  fire(seq: number): Promise<HistoryEvent[]> {
    this.now = Math.max(this.now, this.state.timers.get(seq) ?? this.now)
    return this.give({ type: 'fire_timer', seq })
  }

  signal(name: string, payload?: unknown): Promise<HistoryEvent[]> {
    return this.give(signalled(name, payload))
  }

  cancel(reason?: string): Promise<HistoryEvent[]> {
    return this.give({ type: 'request_cancel', ...(reason !== undefined && { reason }) })
  }

  /** Drops the coroutine and makes another from history, with this code or with what was deployed since. */
  async evict(definition = this.definition): Promise<void> {
    this.coroutine = await replayed(definition, this.history, this.identity)
  }

  async #round(input: Input): Promise<void> {
    const events = decide(this.state, input, this.now)
    if (events.length === 0) return
    for (const event of events) this.#append(event)
    if (this.state.closed) return
    await settle([this.coroutine], drain)
    if (this.coroutine.violation) throw this.coroutine.violation
    this.#record(this.coroutine.takeCommands())
  }

  #append(event: HistoryEvent): void {
    this.history.push(event)
    evolve(this.state, event)
    if (!isSilentEvent(event) && !isCommandEvent(event)) this.coroutine.feed(event, this.state.lastEventId)
    else this.coroutine.history.add(event)
  }

  #record(commands: Parameters<typeof record>[1]): void {
    for (const event of record(this.state, commands, this.now)) {
      this.history.push(event)
      evolve(this.state, event)
      this.coroutine.history.add(event)
    }
  }

  #close(): void {
    const { closing } = this.coroutine
    if (!closing || this.state.closed) return
    this.coroutine.ending.clear()
    this.#record([closing])
  }
}

/** A run of `fn`, started. */
export async function begun(
  fn: Parameters<typeof workflow>[2] | AnyWorkflow,
  input?: unknown,
  identity = DEFAULT_RUN,
): Promise<Run> {
  const run = new Run(typeof fn === 'function' ? workflow('test', fn as never) : fn, identity)
  await run.start(input)
  return run
}

export function completed(state: RunState, seq: number, result?: unknown): Input {
  const payload = encodePayload(result, 'result')
  const end = { kind: 'completed', ...(payload !== undefined && { result: payload }) } as const
  return { type: state.steps.has(seq) ? 'resolve_step' : 'resolve_activity', seq, attempt: 1, end }
}

let signals = 0

export function signalled(name: string, payload?: unknown): Input {
  const encoded = encodePayload(payload, 'payload')
  signals += 1
  return {
    type: 'signal_workflow',
    name,
    signalId: `signal-${signals}`,
    ...(encoded !== undefined && { payload: encoded }),
  }
}

export function coroutineOf(definition: AnyWorkflow, identity = DEFAULT_RUN): Coroutine {
  return new Coroutine(definition, { ...identity, patches: new Set() }, world)
}

/** A coroutine that has been through `history`, or the error that says where the code differs from it. */
export async function replayed(
  definition: AnyWorkflow,
  history: readonly HistoryEvent[],
  identity = DEFAULT_RUN,
): Promise<Coroutine> {
  const coroutine = coroutineOf(definition, identity)
  await replay(coroutine, history, { drain, complete: true })
  return coroutine
}

/** Feeds one event and lets the code run until it waits. */
export async function fed(coroutine: Coroutine, event: OutcomeEvent, eventId: number): Promise<void> {
  coroutine.feed(event, eventId)
  await settle([coroutine], drain)
}

/** Numbers from [0, 1) that a seed repeats. */
export function seeded(seed: number): () => number {
  let state = seed + 0x9e3779b9
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296
  }
}
