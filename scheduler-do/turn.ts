/**
 * THE write path. Everything that changes a run passes here as an input, in rounds: each run takes one input, what it
 * wakes is fed, one drain is shared by all, and the commands that came of it are recorded; then the next round.
 *
 * W1 History order is the feeding order, so a replay (one event, one drain) repeats what happened here.
 * W2 No IO: everything a turn needs was decoded before, and nothing leaves it but its changes.
 * W3 A run that has ended is closed only when the inputs of this turn have all been fed to it.
 * W4 Nothing here is visible to anyone before the commit; a turn that is abandoned leaves only dropped memory.
 */
import type { ActivityTask } from '../shared/core/attempt.ts'
import { decide, record } from '../shared/core/decide.ts'
import type { Coding } from '../shared/codec.ts'
import type { Command } from '../shared/core/decide.ts'
import type { HistoryEvent } from '../shared/core/events.ts'
import { isCommandEvent, isSilentEvent, payloadOf } from '../shared/core/events.ts'
import type { Input } from '../shared/core/inputs.ts'
import { evolve } from '../shared/core/state.ts'
import { NonDeterminismError } from '../shared/errors.ts'
import type { WorkflowError } from '../shared/errors.ts'
import type { Delivery } from '../shared/delivery.ts'
import { settle } from '../shared/replay/replay.ts'
import { Changes } from './changes.ts'
import { beginSuccessor, endOf, outlived } from './chain.ts'
import type { Successor } from './chain.ts'
import { closeEffects, discarded, HISTORY_LIMIT, tooLong } from './close.ts'
import { callKey } from './keys.ts'
import { reveal, seenFailure, seenPayload } from './contents.ts'
import { Deferred } from './deferred.ts'
import { encodedCommands } from './encode.ts'
import { judged } from './judge.ts'
import { isLeft, mustWait, resumedInputs } from './paused.ts'
import { contentSize } from './live.ts'
import type { LiveRun } from './live.ts'
import { storeOutputs } from './output.ts'
import { NOBODY } from './turn-world.ts'
import type { Beginning, Fed, TurnWorld, Waiting } from './turn-world.ts'
import { cancelLateStart, recordCommand } from './commands.ts'
import { endsUnheard } from './unheard.ts'

/** Deliveries a shard makes to itself are applied in the same turn, up to this many rounds; then they take the outbox. */
const MAX_LOCAL_ROUNDS = 1_000

export class Turn {
  readonly changes = new Changes()
  readonly world: TurnWorld
  readonly #waiting = new Map<string, Waiting[]>()
  /** Runs that begin with this turn. */
  readonly starting = new Map<string, Beginning>()
  /** How often runs of an id have taken over from each other in this turn. */
  readonly continued = new Map<string, number>()
  /** What was parked for runs that have ended without their code. */
  readonly left = new Map<string, readonly Input[]>()
  /** Runs made or loaded by this turn. */
  readonly #live = new Map<string, LiveRun>()
  readonly #finished = new Set<LiveRun>()
  readonly #deferred = new Deferred()
  #rounds = 0

  constructor(world: TurnWorld) {
    this.world = world
  }

  get now(): number {
    return this.world.now
  }

  /** Adds an input for a run of this shard. */
  input(runId: string, input: Input, decided: Waiting['decided'] = NOBODY): void {
    this.#wait(runId, { input, decided })
  }

  /** Brings a run into memory, with the inputs that had to wait for better code if it was blocked. */
  touch(runId: string, then: (live: LiveRun) => void = () => {}): void {
    this.#wait(runId, {
      input: null,
      decided: () => {
        const live = this.#live.get(runId)
        if (live && !live.state.closed) then(live)
      },
    })
  }

  /** A run that begins with this turn. */
  adopt(live: LiveRun, beginning: Beginning): void {
    const { workflowId, runId } = live.state
    this.#live.set(runId, live)
    this.starting.set(runId, beginning)
    this.changes.latest.set(workflowId, runId)
  }

  /** Every run that the turn had in hand. */
  runIds(): string[] {
    return [...new Set([...this.#live.keys(), ...this.changes.blocked.keys()])]
  }

  liveRuns(): Iterable<LiveRun> {
    return this.#live.values()
  }

  /** A run this turn already holds. */
  held(runId: string): LiveRun | undefined {
    return this.#live.get(runId)
  }

  task(runId: string, seq: number): ActivityTask | null {
    const change = this.changes.tasks.get(callKey(runId, seq))
    return change ? change.task : (this.world.task(runId, seq) ?? null)
  }

  /** Sends a message of the run `from` to a workflow's shard, which may be this one. */
  send(from: string, shard: number, delivery: Delivery): void {
    const own = shard === this.world.shard && this.#rounds < MAX_LOCAL_ROUNDS
    if (own && !this.world.mustRecall(delivery)) this.world.deliver(this, delivery)
    else this.changes.outbox.push({ shard, runId: from, delivery })
  }

  async execute(): Promise<void> {
    while (this.#waiting.size > 0) {
      await this.#round()
      if (this.#waiting.size === 0) await this.#closeFinished()
    }
  }

  #wait(runId: string, waiting: Waiting): void {
    const list = this.#waiting.get(runId)
    if (list) list.push(waiting)
    else this.#waiting.set(runId, [waiting])
  }

  async #round(): Promise<void> {
    this.#rounds += 1
    const { coding } = this.world
    const fed: Fed[] = []
    for (const [runId, list] of Array.from(this.#waiting)) {
      const waiting = list.shift()
      if (list.length === 0) this.#waiting.delete(runId)
      if (!waiting) continue
      const live = this.#live.get(runId) ?? this.world.kept(runId) ?? (await this.#load(runId, waiting))
      if (!live) continue
      this.#live.set(runId, live)
      if (coding && waiting.input) await reveal(coding, waiting.input)
      this.#take(live, waiting, fed)
    }
    if (fed.length === 0) return
    const coroutines = fed.map(({ live }) => live.coroutine)
    await settle(coroutines, this.world.drain)
    for (const one of fed) {
      const { coroutine } = one.live
      if (coroutine.violation) this.#block(one, coroutine.violation)
      else if (coding) await this.#recordEncoded(coding, one.live, coroutine.takeCommands())
      else this.#recordCommands(one.live, coroutine.takeCommands())
    }
  }

  async #load(runId: string, waiting: Waiting): Promise<LiveRun | null> {
    const loaded = await this.world.load(runId)
    if (loaded === null) {
      waiting.decided({ kind: 'nothing', events: [], input: waiting.input, runId })
      return null
    }
    const { live, blocked, awaits } = loaded
    if ((blocked || awaits) && !endsUnheard(waiting.input)) {
      if (blocked) this.changes.blocked.set(runId, { ...blocked, since: this.now })
      else this.changes.awaiting.add(runId)
      this.#park(runId, waiting)
      return null
    }
    this.#live.set(runId, live)
    if (blocked || awaits) live.folded = true
    if (!loaded.parked || blocked) return live
    await this.#resume(live, loaded.parked, waiting)
    return null
  }

  /** The code is compatible again: what was parked comes first, in order, then what came now. */
  async #resume(live: LiveRun, parked: readonly Input[], waiting: Waiting): Promise<void> {
    const { runId } = live.state
    this.changes.blocked.set(runId, null)
    // While the run is paused, what is parked stays where it is.
    if (parked.length > 0) this.changes.unparked.add(runId)
    this.#waiting.set(runId, [waiting, ...(this.#waiting.get(runId) ?? [])])
    this.#first(runId, parked)
    const commands = live.coroutine.takeCommands()
    const { coding } = this.world
    if (coding) await this.#recordEncoded(coding, live, commands)
    else this.#recordCommands(live, commands)
  }

  /** Inputs that come before those that wait. */
  #first(runId: string, inputs: readonly Input[]): void {
    const first = inputs.map((input) => ({ input, decided: NOBODY }))
    if (first.length > 0) this.#waiting.set(runId, [...first, ...(this.#waiting.get(runId) ?? [])])
  }

  #take(live: LiveRun, waiting: Waiting, fed: Fed[]): void {
    const { runId } = live.state
    const mark = this.changes.runs.get(runId)?.events.length ?? 0
    if (this.#deferred.keep(live, waiting)) return
    if (!waiting.input || isLeft(live, waiting.input)) {
      waiting.decided({ kind: 'nothing', events: [], input: null, runId })
      return
    }
    if (mustWait(this, live, waiting.input)) {
      this.#park(runId, waiting)
      return
    }
    const input = judged(live, waiting.input, this.now)
    const events = decide(live.state, input, this.now)
    for (const one of events) for (const event of outlived(this, live, one)) this.#append(live, event)
    waiting.decided({ kind: events.length > 0 ? 'applied' : 'nothing', events, input, runId })
    if (events.length === 0) return
    if (input.type === 'resume_workflow') this.#first(runId, resumedInputs(this, live))
    if (live.state.closed) closeEffects(this, live)
    else if (!live.folded) fed.push({ live, waiting, mark })
  }

  #append(live: LiveRun, event: HistoryEvent): void {
    this.changes.append(live, event)
    evolve(live.state, event)
    if (isSilentEvent(event) || isCommandEvent(event) || live.folded) {
      live.coroutine.history.add(event)
      return
    }
    const payload = payloadOf(event)
    const content = seenPayload(payload)
    live.contentBytes += contentSize(event)
    live.coroutine.feed(seenFailure(event), live.state.lastEventId, content === payload ? undefined : content)
    if (event.type === 'child_started') cancelLateStart(this, live, event.seq)
  }

  async #recordEncoded(coding: Coding, live: LiveRun, commands: readonly Command[]): Promise<void> {
    this.#recordCommands(live, await encodedCommands(coding, live.state.workflowId, commands))
  }

  /** Records what the code asked for; each command's effects are rows, timers, messages or further inputs. */
  #recordCommands(live: LiveRun, commands: readonly Command[]): void {
    const { runId } = live.state
    const outputs =
      live.coroutine.sendsLarge || this.world.coding ? storeOutputs(this, runId, commands) : null
    for (const event of record(live.state, outputs?.commands ?? commands, this.now)) {
      this.changes.append(live, event)
      evolve(live.state, event)
      live.coroutine.history.add(event)
      const refusal = outputs && 'seq' in event ? outputs.refused.get(event.seq) : undefined
      if (refusal) this.input(runId, refusal)
      else recordCommand(this, live, event)
    }
    if (live.coroutine.closing) this.#finished.add(live)
    else if (tooLong(live)) this.input(runId, { type: 'terminate_workflow', reason: HISTORY_LIMIT })
  }

  async #closeFinished(): Promise<void> {
    for (const live of this.#finished) {
      const { runId } = live.state
      const next = (await this.#close(live))?.runId ?? runId
      for (const waiting of this.#deferred.take(runId)) this.#wait(next, waiting)
    }
    this.#finished.clear()
  }

  async #close(live: LiveRun): Promise<Successor | null> {
    const { closing, violation } = live.coroutine
    if (!closing || violation || live.state.closed) return null
    const { coding } = this.world
    const [asked = closing] = coding ? await encodedCommands(coding, live.state.workflowId, [closing]) : []
    const end = endOf(this, live, asked)
    const unread = live.coroutine.inbox.unread()
    if (unread.length > 0 && !end.next)
      this.#append(live, discarded(unread, Math.max(this.now, live.state.lastAt)))
    live.coroutine.ending.clear()
    this.#recordCommands(live, [end.closing])
    closeEffects(this, live)
    if (end.next) beginSuccessor(this, live, end.next)
    return end.next
  }

  /** The run cannot go on with this code: what the input had recorded is taken back, and inputs wait for better code. */
  #block({ live, waiting, mark }: Fed, violation: WorkflowError): void {
    const { runId, lastEventId } = live.state
    const eventId = violation instanceof NonDeterminismError ? violation.eventId : lastEventId
    this.changes.retract(runId, mark)
    this.#live.delete(runId)
    this.changes.blocked.set(runId, {
      code: violation.code,
      reason: violation.message,
      since: this.now,
      eventId,
    })
    // The first event stays: it is the run. Every other input waits for better code.
    if (waiting.input?.type !== 'start_workflow') this.#park(runId, waiting)
    for (const later of [...(this.#waiting.get(runId) ?? []), ...this.#deferred.take(runId)])
      this.#park(runId, later)
    this.#waiting.delete(runId)
  }

  #park(runId: string, { input, decided }: Waiting): void {
    if (input && input.type !== 'update_workflow') this.changes.parked.push({ runId, input })
    decided({ kind: 'parked', events: [], input, runId })
  }
}
