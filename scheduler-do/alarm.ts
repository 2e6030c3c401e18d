/** One alarm per shard, armed only when the next cause is earlier than what is armed already: each arming is a row. */
import type { ObjectStorage } from './runtime.ts'
import type { Shard } from './shard.ts'

/** While something lives only in memory. */
const VOLATILE_MS = 1_000
/** Armed before anything else at a wake: whatever happens then, the shard wakes again. */
const FALLBACK_MS = 30_000

export class Alarm {
  readonly #storage: ObjectStorage
  readonly #shard: Shard
  /** Platform time of the armed alarm; Infinity when none is known. */
  #armedAt = Infinity

  constructor(storage: ObjectStorage, shard: Shard) {
    this.#storage = storage
    this.#shard = shard
  }

  /** After a wake: what is armed is read once. */
  async recall(): Promise<void> {
    this.#armedAt = (await this.#storage.getAlarm()) ?? Infinity
  }

  /** Arms for the earliest cause, when that is earlier than what is armed. Joins the write that is under way. */
  arm(): void {
    const at = this.#earliest()
    if (at < this.#armedAt) this.#set(at)
  }

  async fallback(): Promise<void> {
    this.#set(this.#platformNow() + FALLBACK_MS)
    await this.#storage.sync()
  }

  /** After an alarm: arms for what is left to do, which may be later than the fallback, or nothing. */
  settle(): void {
    const at = this.#earliest()
    if (at === Infinity) {
      this.#armedAt = Infinity
      void this.#storage.deleteAlarm()
    } else if (at !== this.#armedAt) this.#set(at)
  }

  #set(at: number): void {
    this.#armedAt = at
    void this.#storage.setAlarm(at)
    this.#shard.sql.rowsWritten += 1
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
