/**
 * Code that spins cannot be interrupted from inside its isolate: the platform ends the object, and whatever woke it
 * wakes it again. So that one such run does not take its shard down for good, what is about to be loaded is written
 * down first, and the commit that follows wipes it out.
 *
 * Q1 A wake that finds the mark takes one job a turn, so that each run it loads is marked alone.
 * Q2 A run found marked alone twice is blocked; the others go on.
 * Q3 A run whose start may have ended the object before is committed first, and fed in a turn of its own: a wary turn.
 */
import { clearFact, readFact, writeFact } from './store/meta.ts'
import { setBlocked } from './store/runs.ts'
import type { Blocked } from './store/runs.ts'
import type { Sql } from './store/sql.ts'

const FOUND_ALONE = 2
const CAREFUL_MS = 60_000
const REASON =
  'its code ended the object twice while it ran alone: a loop without an await, or too much memory'

/** Whether the code that is deployed is the one that ended the object. In local dev every code is `dev`: worth a try. */
export function isHopeless(blocked: Blocked, release: string): boolean {
  return blocked.endedBy === release && release !== 'dev'
}

export class Quarantine {
  readonly #sql: Sql
  readonly #sync: () => Promise<void>
  /** Runs that were being loaded when the object ended, and how often each was found alone. */
  readonly #suspects = new Map<string, number>()
  #loading: string[] = []
  #recalledAt = 0
  #release = ''

  constructor(sql: Sql, sync: () => Promise<void>) {
    this.#sql = sql
    this.#sync = sync
  }

  /** Whether runs must be loaded one at a time. A suspect that nothing has loaded for a minute holds up nobody any more. */
  careful(now: number): boolean {
    if (now - this.#recalledAt > CAREFUL_MS) this.#suspects.clear()
    return this.#suspects.size > 0
  }

  /** Whether a run that was alone when the object ended may have begun the one whose code ended it. */
  wary(now: number): boolean {
    return this.careful(now) && Array.from(this.#suspects.values()).some((times) => times > 0)
  }

  /** At a wake: takes up what the last one left. */
  recall(at: { now: number; release: string }): void {
    this.#release = at.release
    const mark = readFact(this.#sql, 'loading')
    if (!mark) return
    clearFact(this.#sql, 'loading')
    this.#recalledAt = at.now
    const [alone, other] = mark.runIds
    if (alone === undefined || other !== undefined) {
      for (const runId of mark.runIds) this.#suspects.set(runId, 0)
      return
    }
    // What other code has done, or the deploy that replaced it, says nothing against this one.
    const times = mark.release === at.release ? mark.timesAlone + 1 : 0
    if (times < FOUND_ALONE) this.#suspects.set(alone, times)
    else setBlocked(this.#sql, alone, { code: 'blocked', reason: REASON, since: at.now, endedBy: at.release })
  }

  /** Before a run is replayed: durable once this resolves. */
  async mark(runId: string): Promise<void> {
    this.#loading.push(runId)
    const timesAlone = this.#loading.length === 1 ? (this.#suspects.get(runId) ?? 0) : 0
    writeFact(this.#sql, 'loading', { runIds: this.#loading, timesAlone, release: this.#release })
    await this.#sync()
  }

  /** The turn or the read is over and the object still stands. Joins the transaction it is called in. */
  wipe(): void {
    if (this.#loading.length === 0) return
    for (const runId of this.#loading) this.#suspects.delete(runId)
    this.#loading = []
    clearFact(this.#sql, 'loading')
  }
}
