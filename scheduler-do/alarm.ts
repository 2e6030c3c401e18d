/** One alarm per shard, armed only when the next cause is earlier than what is armed already: each arming is a row. */
import { errorFacts, log } from './log.ts'
import type { ObjectStorage } from './runtime.ts'
import type { Shard } from './shard.ts'

/** While something lives only in memory. */
const VOLATILE_MS = 1_000
/** Armed before anything else at a wake: whatever happens then, the shard wakes again. */
const FALLBACK_MS = 30_000
/** So much too early is good enough: arming it anew is a row. */
const NEAR_MS = 500
/** What the platform owes us no longer: it rings within seconds, and what has not rung by then is lost. */
const OVERDUE_MS = 60_000

export class Alarm {
  readonly #storage: ObjectStorage
  readonly #shard: Shard
  /** Platform time of the armed alarm; Infinity when none is known. */
  #armedAt = Infinity
  /** Platform time by which it has rung, or is lost. */
  #ringsBy = Infinity

  constructor(storage: ObjectStorage, shard: Shard) {
    this.#storage = storage
    this.#shard = shard
  }

  /** After a wake: what is armed is read once. */
  async recall(): Promise<void> {
    this.#believe((await this.#storage.getAlarm()) ?? Infinity)
  }

  /** Arms for the earliest cause, when that is earlier than what is armed. Joins the write that is under way. */
  arm(): void {
    const at = this.#earliest()
    const overdue = this.#ringsBy < this.#platformNow()
    if (overdue) log('alarm_overdue', { armedAt: this.#armedAt })
    if (at < this.#armedAt || (overdue && at < Infinity)) this.#set(at)
  }

  /** What is due, and the alarm that should have been armed for it; null when all is well. */
  async late(): Promise<{ dueAt: number; armedAt: number | null } | null> {
    const armedAt = await this.#storage.getAlarm()
    const dueAt = this.#earliest()
    // While the alarm is at work, what is armed is its fallback.
    const well =
      dueAt === Infinity || (armedAt ?? Infinity) <= Math.max(dueAt, this.#platformNow()) + FALLBACK_MS
    return well ? null : { dueAt, armedAt }
  }

  /** Whatever was believed to be armed. */
  rearm(): void {
    this.#believe(Infinity)
    this.arm()
  }

  /** While something lives only in memory, as it mostly still does afterwards, what is armed is the alarm for that. */
  async fallback(): Promise<void> {
    this.#set(this.#platformNow() + (this.#shard.volatile ? VOLATILE_MS : FALLBACK_MS))
    await this.#storage.sync()
  }

  /** After an alarm: arms for what is left to do, which may be later than the fallback, or nothing. */
  settle(): void {
    const at = this.#earliest()
    if (at === Infinity) {
      this.#believe(Infinity)
      void this.#storage.deleteAlarm()
    } else if (at < this.#armedAt || at > this.#armedAt + NEAR_MS) this.#set(at)
  }

  #set(at: number): void {
    this.#believe(at)
    void this.#storage.setAlarm(at)
    this.#shard.sql.rowsWritten += 1
  }

  #believe(at: number): void {
    this.#armedAt = at
    this.#ringsBy = Math.max(at, this.#platformNow()) + OVERDUE_MS
  }

  #earliest(): number {
    const { clock, memory } = this.#shard
    const due = clock.platform(memory.deadlines.earliest)
    return this.#shard.volatile ? Math.min(due, this.#platformNow() + VOLATILE_MS) : due
  }

  #platformNow(): number {
    return this.#shard.clock.platform(this.#shard.clock.now())
  }
}

/**
 * An alarm that fails six times is gone: one that this code cannot serve waits for code that can. One that is still to come
 * does so by itself.
 */
export async function deferAlarm(
  storage: Pick<ObjectStorage, 'getAlarm' | 'setAlarm' | 'sync'>,
  now: number,
  error: unknown,
): Promise<void> {
  const armedAt = await storage.getAlarm()
  if (armedAt !== null && armedAt > now) return
  log('alarm_deferred', errorFacts(error))
  await storage.setAlarm(now + FALLBACK_MS)
  await storage.sync()
}
