/**
 * A turn's changes are written in one transaction, or nothing of them is (docs/rfc/0019-no-savepoint.md).
 *
 * X1 The platform makes one transaction of what is written between two awaits. An object that is given up meanwhile leaves
 *    nothing of it.
 * X2 So a turn needs no savepoint, for which SQLite first copies each page that is changed: where it fails halfway, the
 *    object is given up. Nobody has been told anything of it yet; whoever asked asks again.
 * X3 A turn within a savepoint is taken back by itself, and its jobs are redone one by one, which finds the one that failed.
 *    So a shard writes within savepoints when it has just woken, and after one has failed for as long as it is awake.
 */
import { Failed } from './failed.ts'
import { errorFacts, log } from './log.ts'
import { writeChanges } from './project.ts'
import type { Written } from './project.ts'
import type { ObjectStorage } from './runtime.ts'
import type { Shard } from './shard.ts'
import type { Turn } from './turn.ts'

/** Whoever asked a shard that was given up has asked again by then. */
export const WOKEN_MS = 10_000

export class Commit {
  readonly #shard: Shard
  readonly #storage: Pick<ObjectStorage, 'transactionSync'>
  readonly #wokenAt: number
  #failed = false

  constructor(shard: Shard, storage: Pick<ObjectStorage, 'transactionSync'>) {
    this.#shard = shard
    this.#storage = storage
    this.#wokenAt = shard.clock.now()
  }

  /** `giveUp` ends the object: nothing follows it. */
  of({ changes }: Turn, giveUp: (error: unknown) => void): Written | Failed | Promise<never> {
    const { quarantine, memory } = this.#shard
    if (changes.empty) {
      quarantine.wipe()
      return { appended: [], outbox: [] }
    }
    const guarded = this.#guarded
    const positions = { sequence: memory.positions.sequence, sent: new Map(memory.positions.sent) }
    try {
      const write = (): Written => this.#write(changes, positions)
      const written = guarded ? this.#storage.transactionSync(write) : write()
      memory.positions.sequence = positions.sequence
      for (const [shard, number] of positions.sent) memory.positions.sent.set(shard, number)
      return written
    } catch (error) {
      if (guarded) {
        this.#failed = true
        return new Failed(error)
      }
      log('commit_given_up', errorFacts(error))
      giveUp(error)
      return new Promise<never>(() => {})
    }
  }

  get #guarded(): boolean {
    const { config, clock } = this.#shard
    return this.#failed || !config.runtime.abortUndoes || clock.now() - this.#wokenAt < WOKEN_MS
  }

  #write(changes: Turn['changes'], positions: Shard['memory']['positions']): Written {
    const { sql, quarantine, changeEvents, clock } = this.#shard
    const rows = writeChanges(sql, changes, positions)
    quarantine.wipe()
    changeEvents?.persist(clock.now())
    return rows
  }
}
