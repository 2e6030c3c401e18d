/**
 * A shard awake: what its rows say, held in memory, and the loop that turns waiting jobs into commits.
 *
 * M1 Memory follows the commit: tasks, deadlines and positions change only when the transaction has succeeded.
 * M2 One turn at a time; what arrives meanwhile forms the next batch and shares its commit.
 * M3 While anything lives only in memory, an alarm is armed at most a second ahead, so that a crash wakes the shard.
 */
import type { Arriving } from '../shared/core/admission.ts'
import { WorkflowError } from '../shared/errors.ts'
import type { Refusal, ShardAddress } from '../shared/protocol.ts'
import { Nobody } from '../shared/replay/nobody.ts'
import { Admission } from './admission.ts'
import { Aftermath } from './aftermath.ts'
import { Alarm } from './alarm.ts'
import { blockRuns } from './block.ts'
import { Census } from './census.ts'
import { changeEventsOf } from './change-events.ts'
import type { ChangeEvents } from './change-events.ts'
import { Clock } from './clock.ts'
import { Commit } from './commit.ts'
import type { SchedulerConfig } from './config.ts'
import { submitDue } from './due.ts'
import { Failed } from './failed.ts'
import { Inbox, RETIRED } from './inbox.ts'
import type { Job } from './inbox.ts'
import type { Workshop } from './live.ts'
import { knownRun, LatestRuns } from './lookup.ts'
import { Watchdog } from './health/watchdog.ts'
import { errorFacts, log } from './log.ts'
import { Memory } from './memory.ts'
import { outboxOf } from './outbox.ts'
import type { Outbox } from './outbox.ts'
import { Payloads } from './payloads.ts'
import type { Written } from './project.ts'
import { Quarantine } from './quarantine.ts'
import { Room } from './room.ts'
import type { ObjectState, ObjectStorage } from './runtime.ts'
import { Segments } from './segments.ts'
import { Sending } from './sending.ts'
import type { ExistingRun, StartWorld } from './start.ts'
import { StepRunner } from './steps.ts'
import { readFact, writeFact } from './store/meta.ts'
import { runRow } from './store/runs.ts'
import { Sql } from './store/sql.ts'
import { Tail } from './tail.ts'
import { Turn } from './turn.ts'
import { turnWorld } from './turn-world.ts'
import { Waiters } from './waiters.ts'

/** Reads between two turns: the others wait for the next. */
const MAX_READS = 200

export class Shard implements StartWorld {
  readonly sql: Sql
  readonly memory = new Memory()
  readonly waiters: Waiters
  readonly newRunId: (now: number) => string
  readonly sending: Sending
  readonly payloads: Payloads
  readonly quarantine: Quarantine
  readonly workshop: Workshop
  readonly outbox: Outbox
  readonly segments = new Segments(this)
  readonly watchdog = new Watchdog(this)
  readonly steps: StepRunner
  readonly alarm: Alarm
  readonly changeEvents: ChangeEvents | null
  readonly tail: Tail
  readonly census: Census
  readonly config: SchedulerConfig
  readonly release: string
  readonly clock: Clock
  readonly #storage: ObjectStorage
  readonly #room: Room
  readonly #aftermath = new Aftermath(this)
  readonly #latest = new LatestRuns(this)
  readonly #abort: (error: unknown) => void
  readonly #commit: Commit
  #address: ShardAddress | undefined
  readonly #inbox = new Inbox()
  readonly admission = new Admission()
  readonly #reads: (() => Promise<void>)[] = []
  #running = false
  turns = 0
  /** Steps and activities that have completed, for the debug hook. */
  stepsDone = 0
  #retired = false

  constructor(ctx: Pick<ObjectState, 'storage' | 'abort'>, config: SchedulerConfig) {
    const { storage } = ctx
    const { time, chance, callerTime, world, tracing } = config.runtime
    this.#storage = storage
    this.#abort = (error) => ctx.abort(errorFacts(error).error)
    this.config = config
    this.newRunId = (now) => chance.newId(now)
    this.release = config.release
    this.waiters = new Waiters(callerTime)
    this.sending = new Sending(this, callerTime)
    this.payloads = new Payloads(this)
    this.#room = new Room(storage.sql, config.maxDatabaseBytes, this.memory)
    this.sql = new Sql(storage.sql)
    this.clock = new Clock(time, readFact(this.sql, 'clock_offset') ?? 0)
    this.#commit = new Commit(this, storage)
    const { versions, coding } = config
    this.workshop = { versions, coding, world, drain: () => storage.sync(), nobody: new Nobody(world) }
    this.quarantine = new Quarantine(this.sql, () => storage.sync())
    this.#address = readFact(this.sql, 'address')
    this.alarm = new Alarm(storage, this)
    this.outbox = outboxOf(this)
    this.steps = new StepRunner({ ...this.#stepWorld(), memory: this.memory, world, coding, tracing })
    this.changeEvents = changeEventsOf(this)
    this.tail = new Tail(this, callerTime)
    this.census = new Census(this.sql, this.clock.now())
  }

  get address(): ShardAddress {
    if (!this.#address) throw new WorkflowError('internal', 'the shard has no address yet')
    return this.#address
  }

  get knownAddress(): ShardAddress | undefined {
    return this.#address
  }

  /** Whether something lives only in memory, so that a crash must be noticed soon. */
  get volatile(): boolean {
    const { steps, memory, outbox, changeEvents } = this
    const told = !changeEvents || (changeEvents.delivered && changeEvents.position === changeEvents.persisted)
    return !steps.idle || !this.payloads.errands.idle || memory.holdsUnwritten || !outbox.empty || !told
  }

  /** Whether nothing waits for a turn. */
  get quiet(): boolean {
    return this.#inbox.size === 0
  }

  setAddress(address: ShardAddress): void {
    writeFact(this.sql, 'address', address)
    this.#address = address
  }

  /** Adds a job to the next turn. */
  submit(job: Job): void {
    if (this.#retired) {
      job.refuse(RETIRED)
      return
    }
    this.#inbox.add(job, this.config.runtime.time)
    this.#wake()
  }

  get waiting(): number {
    return this.#inbox.size + this.#reads.length + this.payloads.gate.waiting
  }

  /** Why the shard does not take this now; null when it does. Asked before anything of it is done. */
  refusal(arriving: Arriving): Refusal | null {
    const now = this.config.runtime.time.now()
    const { fresh, newBytes: bytes, newSince } = this.#inbox
    const load = { waiting: this.waiting, fresh, bytes, waitedMs: Math.max(0, now - newSince) }
    return this.admission.refusal(load, arriving, now)
  }

  /** Runs `fn` between turns, when memory equals what is committed. */
  read<T>(fn: () => Promise<T>): Promise<T> {
    const { promise, resolve, reject } = Promise.withResolvers<T>()
    this.#reads.push(() => fn().then(resolve, reject))
    this.#wake()
    return promise
  }

  transaction(write: () => void): void {
    this.#storage.transactionSync(write)
  }

  /** Nothing more happens here: memory is given up, and whoever waits asks again. */
  retire(): void {
    this.#retired = true
    for (const job of this.#inbox.take(Infinity)) job.refuse(RETIRED)
    this.memory.clear()
    this.steps.clear()
    this.outbox.clear()
    this.changeEvents?.stop()
    this.tail.clear()
    this.payloads.errands.stop()
    this.waiters.clear()
    this.sending.offers.clear()
  }

  get noRoom(): Refusal | null {
    return this.#room.refusal(this.turns)
  }

  isKnown(runId: string): boolean {
    return runRow(this.sql, runId) !== undefined
  }

  latestRun(workflowId: string): ExistingRun | null {
    return this.#latest.of(workflowId)
  }

  run(workflowId: string, runId: string): ExistingRun | null {
    return knownRun(this, workflowId, runId)
  }

  #wake(): void {
    if (this.#running) return
    this.#running = true
    this.#loop().catch((error: unknown) => {
      // A defect: memory may be anything now. The object is given up, and the next request finds what is committed.
      log('defect', errorFacts(error))
      this.#abort(error)
    })
  }

  async #loop(): Promise<void> {
    let turn: { jobs: readonly Job[]; at: number } = { jobs: [], at: 0 }
    while (this.#inbox.size > 0 || this.#reads.length > 0) {
      // What comes in the same moment shares the turn; what comes while the last commit is flushed does too.
      await this.workshop.drain()
      await this.admission.letIn(this.config.runtime, this.workshop.drain)
      const at = this.config.runtime.time.now()
      if (turn.jobs.length > 0) this.admission.took(turn.jobs, at - turn.at, at)
      const most = this.quarantine.careful(this.clock.now()) ? 1 : this.admission.turn
      // The alarm itself waits behind the requests that have come.
      const isDue = this.#inbox.size > 0 && this.memory.deadlines.earliest <= this.clock.now()
      if (isDue && this.#inbox.accepted < most) submitDue(this)
      const jobs = this.#inbox.take(most)
      turn = { jobs, at }
      if (jobs.length > 0) await this.#turn(jobs)
      for (const read of this.#reads.splice(0, MAX_READS)) {
        await read()
        this.quarantine.wipe()
      }
    }
    this.#running = false
  }

  async #turn(jobs: readonly Job[]): Promise<void> {
    const turn = new Turn(turnWorld(this))
    const written = await this.#attempt(turn, jobs)
    if (written instanceof Failed) {
      await this.#redo(jobs, turn, written.error)
      return
    }
    this.turns += 1
    this.#aftermath.of(turn, jobs, written)
    for (const job of jobs) job.release()
  }

  async #attempt(turn: Turn, jobs: readonly Job[]): Promise<Written | Failed> {
    try {
      this.#latest.begin(turn, jobs)
      await turn.execute()
      return await this.#commit.of(turn, this.#abort)
    } catch (error) {
      return new Failed(error)
    }
  }

  /**
   * A turn that could not be committed has left memory ahead of the rows: its runs are dropped, and its jobs redone
   * one by one. A job that fails alone blocks the run it is for; the others go on.
   */
  async #redo(jobs: readonly Job[], turn: Turn, error: unknown): Promise<void> {
    for (const runId of turn.runIds()) this.memory.runs.delete(runId)
    log('commit_failed', { jobs: jobs.length, ...errorFacts(error) })
    const [only] = jobs
    if (jobs.length > 1 || !only) {
      for (const job of jobs) await this.#turn([job])
      return
    }
    const message = `the change could not be stored: ${errorFacts(error).error}`
    blockRuns(this, turn.runIds(), message)
    only.refuse({ ok: false, code: 'blocked', message })
  }

  #stepWorld() {
    const { chance } = this.config.runtime
    return { now: () => this.clock.now(), draw: () => chance.draw(), submit: (job: Job) => this.submit(job) }
  }
}
