/** What follows a commit: memory takes it over, and everything that waited for it to be durable begins. */
import { referenceOf } from '../shared/reference.ts'
import { runFacts } from './change-events.ts'
import type { Changes } from './changes.ts'
import { deadlineOf } from '../shared/core/chain.ts'
import { closingEvent } from '../shared/core/closing.ts'
import { resultOf } from './closing.ts'
import { dropContent } from './contents.ts'
import type { Job } from './inbox.ts'
import { dueKey } from './keys.ts'
import type { LiveRun } from './live.ts'
import { giveOut } from './metrics.ts'
import { isStepEnd } from './project.ts'
import type { Written } from './project.ts'
import type { Shard } from './shard.ts'
import { Specimens } from './specimens.ts'
import type { Turn } from './turn.ts'
import { tellUpdates } from './updates.ts'

export class Aftermath {
  readonly #shard: Shard
  readonly #specimens = new Specimens()

  constructor(shard: Shard) {
    this.#shard = shard
  }

  of(turn: Turn, jobs: readonly Job[], written: Written): void {
    const { memory, outbox, changeEvents, census } = this.#shard
    const { changes } = turn
    memory.take(changes)
    for (const appended of written.appended) this.#runChanged(appended)
    for (const { runId, input } of changes.parked)
      if (input.type === 'resolve_step') this.#shard.steps.forget(runId, input.seq)
    for (const [runId, blocked] of changes.blocked) if (blocked) memory.runs.delete(runId)
    census.tookBlocked(changes.blocked)
    this.#shard.payloads.take(changes)
    this.#shard.sending.sendDue(changes)
    this.#startSteps(changes)
    for (const live of turn.liveRuns()) this.#keep(live, changes)
    memory.runs.trim()
    outbox.add(written.outbox)
    outbox.flush()
    changeEvents?.sendFull()
    this.#shard.alarm.arm()
    this.#specimens.keep(turn, jobs, written)
  }

  #runChanged(appended: Written['appended'][number]): void {
    const { live, firstEventId, sequence, events, length, activityTypes } = appended
    const { memory, steps, waiters, changeEvents, tail, census } = this.#shard
    const { runId, started, closed } = live.state
    live.historyLength += length
    live.coroutine.history.measured(live.historyLength)
    for (const event of events) {
      if (event.type === 'step_completed' || event.type === 'activity_completed') this.#shard.stepsDone += 1
      if (isStepEnd(event)) steps.forget(runId, event.seq)
      else if (event.type === 'step_cancel_requested') steps.cancel(runId, event.seq)
    }
    const deadline = { kind: 'execution', runId } as const
    const input = firstEventId === 1 ? referenceOf(started?.input) : null
    if (input) dropContent(input)
    const deadlineAt = firstEventId === 1 && started ? deadlineOf(started) : undefined
    if (deadlineAt !== undefined) memory.deadlines.set(dueKey(deadline), deadlineAt)
    tellUpdates(this.#shard, live.state, events)
    giveOut(this.#shard.config.metrics, live)
    const recorded = { run: runFacts(live.state), firstEventId, sequence, events, activityTypes }
    changeEvents?.add(recorded)
    tail.add(recorded)
    census.took(live.state, firstEventId === 1, events)
    const closing = closed && closingEvent(events)
    if (!closing) return
    memory.deadlines.delete(dueKey(deadline))
    steps.forgetRun(runId)
    waiters.results.tell(runId, resultOf(runId, closing))
  }

  /** A closed run is dropped: nothing will change it, and what is asked of it can be replayed. */
  #keep(live: LiveRun, changes: Changes): void {
    const { runId, closed } = live.state
    if (closed) this.#shard.workshop.nobody.standInFor(live.coroutine)
    if (closed || live.folded) this.#shard.memory.runs.delete(runId)
    else if (!changes.blocked.get(runId)) this.#shard.memory.keep(live, this.#shard.steps.busy(runId))
  }

  #startSteps(changes: Changes): void {
    const { steps, blocked } = changes
    if (steps.length === 0) return
    this.#shard.steps.start(
      steps.filter(({ live: { folded, state } }) => !folded && !state.closed && !blocked.get(state.runId)),
    )
  }
}
