/**
 * A workflow function under way: fed one event of history at a time, it runs until it waits, and what it asked for
 * meanwhile is taken as commands. Live and replay are the same feeding; only the origin of the events differs.
 *
 * C1 User code runs only between `feed` and `rest`; a `ctx` call at any other time breaks determinism and is caught.
 * C2 Commands are taken in the order issued; on replay each must equal what history recorded in its place.
 * C3 The closing command is held back until the driver records it: events may still be fed after the function's return.
 * C4 What breaks determinism is remembered here as well as thrown, so that code that catches it is caught all the same.
 */
import type { StepContext } from '../activity.ts'
import type { Command } from '../core/decide.ts'
import type { CommandEvent, HistoryEvent, OutcomeEvent, WorkflowStarted } from '../core/events.ts'
import { workflowOf } from '../define.ts'
import { CancelledError, NonDeterminismError, WorkflowError } from '../errors.ts'
import { decodePayload, encodePayload, largeBytes } from '../payload.ts'
import type { Payload } from '../payload.ts'
import type { WorkflowDefinition } from '../workflow.ts'
import { Calls } from './calls.ts'
import type { CallFacts } from './calls.ts'
import { Children } from './children.ts'
import { seenContent } from './content.ts'
import { HistorySize } from './history-size.ts'
import { createContext } from './context.ts'
import { Ending } from './ending.ts'
import { frameOf } from './frame.ts'
import type { AsyncContext, Whose } from './frame.ts'
import { describeCommand, sameCommand } from './match.ts'
import { settleCall } from './outcome.ts'
import { Patches } from './patches.ts'
import { Queries } from './queries.ts'
import type { Measurement } from './metrics.ts'
import { Draws } from './draws.ts'
import type { SeededRandom } from './random.ts'
import { Scope } from './scope.ts'
import { CallSites, callSite } from './site.ts'
import { SignalInbox } from './signals.ts'
import { Updates } from './updates.ts'

/** What the platform lends to workflow code. */
export interface World {
  readonly async: AsyncContext
  /** Runs `fn` where the Worker's bindings cannot be reached. */
  isolate<T>(fn: () => T): T
  /** Calls the functions of inline steps: in the real world, known as steps to whatever looks at the async context. */
  inSteps(calls: readonly (() => Called)[]): Called[]
}

/** What came of calling a function: it may have answered with a promise. */
export type Called = { readonly value: unknown } | { readonly thrown: unknown }

export interface CoroutineIdentity {
  readonly workflowId: string
  readonly runId: string
  /** Patches the run's history has recorded; filled before a replay. */
  readonly patches: Set<string>
  /** Whether to note where its calls are made: for people, at the cost of a stack a call. */
  readonly callSites?: boolean
}

const PLACES = {
  step: 'ctx.run',
  query: 'a query handler',
  validator: 'the validator of an update',
}
const MAX_COMMANDS_PER_DRAIN = 10_000
// oxlint-disable-next-line typescript/no-explicit-any -- definitions of any input, result and messages
export type AnyWorkflow = WorkflowDefinition<any, any, any>

export class Coroutine {
  readonly identity: CoroutineIdentity
  readonly world: World
  /** What the frames of its code have of it. */
  readonly whose: Whose = { coroutine: this }
  readonly calls = new Calls()
  readonly inbox = new SignalInbox()
  readonly root: Scope
  readonly steps = new Map<number, (step: StepContext) => unknown>()
  readonly conditions = new Set<{ check(): boolean }>()
  /** Pending waits that are no commands: signals and conditions. */
  readonly waits = new Set<{ readonly facts: CallFacts }>()
  readonly children = new Children(this)
  readonly patches = new Patches(this)
  /** The driver adds what it records; an event that is fed adds itself. */
  readonly history = new HistorySize()
  readonly ending = new Ending(this)
  readonly queries = new Queries(this)
  readonly updates = new Updates(this)
  readonly draws = new Draws(
    () => this.#started?.seed ?? this.identity.runId,
    () => this.#commands.length,
  )
  replaying = false
  /** In a drain of a replay that goes on from its history: how many of the calls made in it are recorded. */
  recordedCalls = Infinity
  /** What the code has counted and measured and nobody has taken yet. */
  readonly measured: Measurement[] = []
  /** Time of the last event fed: what `ctx.now()` and `Date` say. */
  now = 0
  lastEventId = 0
  seq = 0
  violation: WorkflowError | null = null
  /** Whether the code has asked to send a payload that is too large to travel inline: the driver must look for them. */
  sendsLarge = false
  #started: WorkflowStarted | null = null
  #commands: Command[] = []
  #running = false
  /** The start of a run whose first turn is delayed. */
  #begin: (() => void) | null = null
  readonly #definition: AnyWorkflow

  constructor(definition: AnyWorkflow, identity: CoroutineIdentity, world: World) {
    this.#definition = definition
    this.identity = identity
    this.root = new Scope(null, false, identity.callSites ? new CallSites() : null)
    this.world = world
  }

  get random(): SeededRandom {
    return this.draws.random
  }

  get started(): WorkflowStarted {
    if (!this.#started) throw new WorkflowError('internal', 'the run has not started')
    return this.#started
  }

  get closing(): Command | null {
    return this.ending.closing
  }

  get activityDefaults() {
    return workflowOf(this.#definition).options.activityDefaults
  }

  /** Hands one event to the code, with the content of its payload where that is a reference. The caller drains, then calls `rest`. */
  feed(event: OutcomeEvent, eventId: number, given?: Payload): void {
    const content = seenContent(event, given)
    this.now = event.at
    this.history.add(event)
    this.lastEventId = eventId
    this.#running = true
    switch (event.type) {
      case 'workflow_started':
        this.#start(event, content)
        return
      case 'start_delay_elapsed':
        this.#begin?.()
        this.#begin = null
        return
      case 'signal_received': {
        const { name, signalId, at, payload } = event
        this.inbox.deliver({ name, signalId, at, payload, content })
        return
      }
      case 'update_accepted':
        this.updates.accepted(event, content)
        return
      case 'workflow_cancel_requested':
        this.#cancel(new CancelledError(event.reason))
        return
      default:
        settleCall(this, event, content)
    }
  }

  /** After a drain: true when a condition came true, so that the code must be drained once more. */
  wakeConditions(): boolean {
    let woken = false
    for (const condition of this.conditions) woken = condition.check() || woken
    return woken
  }

  rest(): void {
    this.#running = false
  }

  /** A value of the code's as it leaves it. */
  encode(value: unknown, path: string): Payload {
    const payload = encodePayload(value, path)
    if (largeBytes(payload, path) > 0) this.sendsLarge = true
    return payload
  }

  issue(command: Command): void {
    this.#commands.push(command)
    if (this.#commands.length > MAX_COMMANDS_PER_DRAIN) {
      throw this.violate(
        new WorkflowError('blocked', `more than ${MAX_COMMANDS_PER_DRAIN} calls without waiting for one`),
      )
    }
  }

  /** Whether what the code asks for now is not in its history yet. */
  get isNew(): boolean {
    return !this.replaying || this.#commands.length >= this.recordedCalls
  }

  takeCommands(): Command[] {
    const taken = this.#commands
    this.#commands = []
    return taken
  }

  /** Replay: the next command of the code must be what history recorded as `event`. */
  expect(event: CommandEvent, eventId: number): void {
    const closing = event.type.startsWith('workflow_')
    const actual = closing && this.#commands.length === 0 ? this.closing : this.#commands.shift()
    if (actual && sameCommand(event, actual)) {
      if (closing) this.ending.clear()
      return
    }
    const instead = actual ?? this.closing
    const found = {
      expected: describeCommand(event),
      actual: instead ? describeCommand(instead) : 'nothing (it waits)',
    }
    throw this.violate(new NonDeterminismError(eventId, found))
  }

  /** Replay: before an event that is not a command, the code must have asked for nothing more than history says. */
  expectNothing(event: HistoryEvent | null, eventId: number): void {
    const extra = this.#commands[0] ?? (event ? null : this.closing)
    if (!extra) return
    const expected = event ? event.type : 'the end of the recorded history'
    throw this.violate(new NonDeterminismError(eventId, { expected, actual: describeCommand(extra) }))
  }

  violate<E extends WorkflowError>(error: E): E {
    this.violation ??= error
    return error
  }

  /** Throws unless the running code is this workflow's own and may make durable calls now. */
  guard(what: string): Scope {
    const frame = this.world.async.current()
    if (frame && frame.mode !== 'workflow') {
      throw new WorkflowError(
        'invalid_argument',
        `${what} cannot be called inside ${PLACES[frame.mode]}: it is not part of the workflow`,
      )
    }
    if (!this.mayAct(what)) throw this.violation
    return (frame?.whose.coroutine === this && frame.scope) || this.root
  }

  /** Whether something was fed to the code, so that it may act; one that acts all the same breaks determinism. */
  mayAct(what: string): boolean {
    if (this.#running) return true
    const actual = `${what} while nothing was fed to the workflow${callSite()}`
    const expected = 'calls only in answer to an event (await durable promises, not other IO)'
    this.violate(new NonDeterminismError(this.lastEventId, { expected, actual }))
    return false
  }

  waitingFor(): CallFacts[] {
    const waiting = [...this.calls.pending(), ...Array.from(this.waits, (wait) => wait.facts)]
    const { sites } = this.root
    return sites ? waiting.map((facts) => ({ ...facts, ...sites.of(facts) })) : waiting
  }

  /** The scope of the calling code; throws where no durable call may be made, and when the scope is cancelled. */
  enter(what: string, shielded = false): Scope {
    const scope = this.guard(what)
    if (scope.cancelled && !shielded) throw scope.cancelled
    return scope
  }

  nextSeq(): number {
    this.seq += 1
    return this.seq
  }

  /** Runs `fn` as code of this workflow, once the code that runs now has come to its first wait. */
  spawn<T>(fn: () => T | Promise<T>, scope: Scope): Promise<T> {
    return this.world.async.run(frameOf(this, scope), () =>
      this.world.isolate(() => Promise.resolve().then(fn)),
    )
  }

  #start(event: WorkflowStarted, content: Payload): void {
    this.#started = event
    const { fn } = workflowOf(this.#definition)
    const input = decodePayload(content)
    const begin = (): void => {
      this.spawn(() => fn(createContext(this), input), this.root).then(
        (result) => this.ending.completed(result),
        (error: unknown) => this.ending.failed(error),
      )
    }
    if (event.firstTurnAt === undefined) begin()
    else this.#begin = begin
  }

  /** A run whose code has not begun has nothing to clean up. */
  #cancel(error: CancelledError): void {
    this.root.cancel(error)
    if (this.#begin) this.ending.failed(error)
    this.#begin = null
  }
}
