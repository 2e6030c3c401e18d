/**
 * A Durable Object: its disk, and the life that it has in memory now, if any.
 *
 * L1 A life that is lost writes nothing, sends nothing and hears nothing any more.
 * L2 It is lost at the end of the macrotask that loses it. What it wrote in one macrotask, the alarm included, is one
 *    write on the platform: it is kept as a whole, or not at all.
 * L3 Whoever waits for its answer is told that the object was reset.
 */
import type { ObjectState } from '../../scheduler-do/runtime.ts'
import type { SchedulerObject } from '../../scheduler-do/scheduler.ts'
import { invoke, isFunction } from './calls.ts'
import type { Fn, Receiver } from './calls.ts'
import type { Faults } from './faults.ts'
import { Life, wasLost } from './life.ts'
import { sqlOf, storageOf } from './storage.ts'
import type { Disk } from './storage.ts'
import type { Timeline } from './timeline.ts'

export interface ObjectWorld {
  readonly name: string
  readonly timeline: Timeline
  readonly faults: Faults
  readonly disk: Disk
  create(state: ObjectState, life: Life): SchedulerObject
  /** A transaction of this life has been committed. */
  committed(object: SimulatedObject): void
  /** What a macrotask has written is on the disk. */
  written(object: SimulatedObject): void
}

interface Incarnation {
  readonly life: Life
  ready: Promise<void>
  object: SchedulerObject | undefined
}

export class SimulatedObject implements Receiver {
  readonly #world: ObjectWorld
  #now: Incarnation | null = null
  #cancelAlarm = (): void => {}
  /** Writing since the beginning of this macrotask, when the alarm was that. */
  #open: { life: Life; alarmAt: number | null; written: PromiseWithResolvers<void> } | null = null
  /** Requests that it is answering. */
  requests = 0
  /** When the alarm that it is answering went off. */
  #rangAt: number | null = null

  constructor(world: ObjectWorld) {
    this.#world = world
    this.rearm()
  }

  get name(): string {
    return this.#world.name
  }

  get disk(): Disk {
    return this.#world.disk
  }

  get alive(): boolean {
    return this.#now !== null && !this.#now.life.ending
  }

  /** What will wake it: the alarm that is armed or, until its handler is through, the one that went off. */
  get alarmAt(): number | null {
    return this.disk.alarmAt ?? this.#rangAt
  }

  /** What is on the disk, whether or not there is a life. */
  get sql(): ObjectState['storage']['sql'] {
    return sqlOf(this.disk)
  }

  async receive(method: string, args: unknown[]): Promise<unknown> {
    const { faults } = this.#world
    const current = this.wake()
    const { life } = current
    faults.at(`receive ${method}`, life)
    this.requests += 1
    try {
      const made = current.ready.catch(() => life.loss.promise)
      const lent = args.map((arg) => (isFunction(arg) ? this.#heldBack(arg, life) : arg))
      const answer = made.then(() => invoke(whole(current.object), method, lent))
      const value = await Promise.race([answer, life.loss.promise])
      if (life.ending) return await life.loss.promise
      faults.at(`reply ${method}`, life, value)
      await this.#written(life)
      return value
    } finally {
      this.requests -= 1
    }
  }

  /** Nothing leaves before what was written ahead of it is on the disk. */
  async #written(life: Life): Promise<void> {
    await this.#open?.written.promise
    if (life.ending) await life.loss.promise
  }

  /** A function of a caller's, as this life calls it. */
  #heldBack(fn: Fn, life: Life): Fn {
    return async (...args) => {
      await this.#written(life)
      return await fn(...args)
    }
  }

  wake(): Incarnation {
    if (this.#now && !this.#now.life.ending) return this.#now
    const life = new Life(this.name, this.#world, () => this.#over(life))
    const current: Incarnation = { life, ready: Promise.resolve(), object: undefined }
    this.#now = current
    this.rearm() // by the clock of the machine that it is on now
    current.object = this.#world.create(this.#stateOf(current), life)
    return current
  }

  /** Memory is lost, at the end of what happens now. */
  lose(reason: string): void {
    this.#now?.life.lose(reason)
  }

  /** What is armed goes off by the clock as it is now. */
  rearm(): void {
    this.#cancelAlarm()
    const { disk, timeline, faults, name } = this.#world
    if (disk.alarmAt === null) return
    const at = disk.alarmAt - faults.skewMs(name) + faults.alarmLateMs(name)
    this.#cancelAlarm = timeline.at(at, () => this.#ring())
  }

  /** The platform forgets its alarm. */
  disarm(): void {
    this.disk.alarmAt = null
    this.rearm()
  }

  end(): void {
    if (this.#now) this.#now.life.lost = true
    this.disk.database.close()
  }

  #stateOf(current: Incarnation): ObjectState {
    const { disk, timeline, faults } = this.#world
    const { life } = current
    return {
      storage: storageOf({
        disk,
        alive: () => !life.lost,
        opens: () => this.#opens(life),
        undone: () => {
          life.lose('the database has undone what was written')
          life.kept = false
        },
        committing: () => {
          if (faults.commitFails(life)) throw new Error('the transaction could not be committed')
        },
        committed: () => {
          this.#world.committed(this)
          faults.at('commit', life)
        },
        alarmChanged: () => {
          this.rearm()
          faults.at('alarm set', life)
        },
        sync: async () => {
          await timeline.hop()
          if (!life.lost) faults.at('sync', life)
        },
      }),
      blockConcurrencyWhile: (work) => {
        const done = work()
        current.ready = done.then(() => faults.at('wake', life))
        // An object that cannot be made is given up: the next request makes it anew.
        current.ready.catch((error: unknown) => life.lose(String(error)))
        return new Promise((resolve) => void done.then(resolve, () => {}))
      },
      abort: (reason) => life.lose(reason, false),
    }
  }

  #opens(life: Life): void {
    if (this.#open) return
    this.#open = { life, alarmAt: this.disk.alarmAt, written: Promise.withResolvers() }
    this.disk.database.exec('BEGIN')
    this.#world.timeline.next(() => this.#flush())
  }

  /** The end of a macrotask that may have written. */
  #flush(): void {
    const open = this.#open
    if (!open) return
    this.#open = null
    open.written.resolve()
    if (open.life.kept) {
      this.disk.database.exec('COMMIT')
      this.#world.written(this)
      return
    }
    this.disk.database.exec('ROLLBACK')
    this.disk.alarmAt = open.alarmAt
    this.rearm()
  }

  #over(life: Life): void {
    this.#flush()
    if (this.#now?.life === life) this.#now = null
  }

  /** The alarm is gone before its handler runs. A handler that was lost before it set one again is called again. */
  #ring(): void {
    this.#rangAt = this.disk.alarmAt
    this.disk.alarmAt = null
    const answered = this.receive('alarm', []).catch((error: unknown) => {
      if (!wasLost(error)) throw error
      this.disk.alarmAt ??= this.#world.timeline.now() + ALARM_AGAIN_MS
      this.rearm()
    })
    void answered.finally(() => (this.#rangAt = null))
  }
}

/** The platform's first pause. */
const ALARM_AGAIN_MS = 2_000

function whole(object: SchedulerObject | undefined): SchedulerObject {
  if (object) return object
  throw new Error('the object is not made yet')
}
