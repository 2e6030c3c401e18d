/**
 * A Durable Object: its disk, and the life that it has in memory now, if any.
 *
 * L1 A life that is lost writes nothing, sends nothing and hears nothing any more.
 * L2 It is lost at the end of the macrotask that loses it: what is committed in it, and the alarm, are one write on the
 *    platform too.
 * L3 Whoever waits for its answer is told that the object was reset.
 */
import type { ObjectState } from '../../scheduler-do/runtime.ts'
import type { SchedulerObject } from '../../scheduler-do/scheduler.ts'
import type { Time } from '../../shared/time.ts'
import { invoke } from './calls.ts'
import type { Receiver } from './calls.ts'
import { sqlOf, storageOf } from './storage.ts'
import type { Disk } from './storage.ts'
import type { Timeline } from './timeline.ts'

export interface Life {
  /** Since the end of the macrotask that lost it. */
  readonly lost: boolean
  /** From within that macrotask. */
  readonly ending: boolean
  readonly time: Time
}

export interface ObjectWorld {
  readonly timeline: Timeline
  readonly disk: Disk
  create(state: ObjectState, life: Life): SchedulerObject
  /** A transaction of this life has been committed. */
  committed(object: SimulatedObject): void
}

class Incarnation implements Life {
  lost = false
  ending = false
  ready: Promise<void> = Promise.resolve()
  object: SchedulerObject | undefined
  readonly time: Time
  readonly loss = Promise.withResolvers<never>()

  constructor(timeline: Timeline) {
    this.loss.promise.catch(() => {}) // nobody may be waiting for an answer
    this.time = {
      now: () => timeline.now(),
      after: (ms, then) =>
        timeline.after(ms, () => {
          if (!this.lost) then()
        }),
    }
  }
}

export class SimulatedObject implements Receiver {
  readonly #world: ObjectWorld
  #life: Incarnation | null = null
  #cancelAlarm = (): void => {}

  constructor(world: ObjectWorld) {
    this.#world = world
    this.#armAlarm()
  }

  get disk(): Disk {
    return this.#world.disk
  }

  /** What is on the disk, whether or not there is a life. */
  get sql(): ObjectState['storage']['sql'] {
    return sqlOf(this.disk)
  }

  async receive(method: string, args: unknown[]): Promise<unknown> {
    const life = this.wake()
    const answer = life.ready.then(() => invoke(whole(life.object), method, args))
    const value = await Promise.race([answer, life.loss.promise])
    return life.ending ? await life.loss.promise : value
  }

  wake(): Incarnation {
    if (this.#life && !this.#life.ending) return this.#life
    const life = new Incarnation(this.#world.timeline)
    this.#life = life
    life.object = this.#world.create(this.#stateOf(life), life)
    return life
  }

  /** Memory is lost, at the end of what happens now. */
  lose(reason: string): void {
    const life = this.#life
    if (!life || life.ending) return
    life.ending = true
    this.#world.timeline.next(() => {
      life.lost = true
      if (this.#life === life) this.#life = null
      life.loss.reject(resetError(reason))
    })
  }

  /** The platform forgets its alarm. */
  disarm(): void {
    this.disk.alarmAt = null
    this.#armAlarm()
  }

  end(): void {
    if (this.#life) this.#life.lost = true
    this.disk.database.close()
  }

  #stateOf(life: Incarnation): ObjectState {
    const { disk, timeline } = this.#world
    return {
      storage: storageOf({
        disk,
        alive: () => !life.lost,
        committed: () => this.#world.committed(this),
        alarmChanged: () => this.#armAlarm(),
        sync: () => timeline.hop(),
      }),
      blockConcurrencyWhile: (work) => {
        const done = work()
        life.ready = done.then(() => {})
        // An object that cannot be made is given up: the next request makes it anew.
        life.ready.catch((error: unknown) => this.lose(String(error)))
        return done
      },
      abort: (reason) => this.lose(reason),
    }
  }

  #armAlarm(): void {
    this.#cancelAlarm()
    const { disk, timeline } = this.#world
    if (disk.alarmAt !== null) this.#cancelAlarm = timeline.at(disk.alarmAt, () => this.#ring())
  }

  /** The alarm is gone before its handler runs, and stays gone unless that sets it again. */
  #ring(): void {
    this.disk.alarmAt = null
    this.receive('alarm', []).catch((error: unknown) => {
      if (!isReset(error)) throw error
    })
  }
}

const isReset = (error: unknown): boolean => error instanceof Error && 'durableObjectReset' in error

function resetError(reason: string): Error {
  return Object.assign(new Error(reason), { retryable: true, durableObjectReset: true })
}

function whole(object: SchedulerObject | undefined): SchedulerObject {
  if (object) return object
  throw new Error('the object is not made yet')
}
