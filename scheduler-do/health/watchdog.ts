/**
 * Looks, every few minutes in which the shard is awake anyway, whether each run that has not ended still has something
 * that makes it go on, and mends what has not. It reads a page at a time, writes no row where all is well, and arms no
 * alarm of its own: a shard that sleeps is not woken for it.
 */
import type { Finding } from '../../shared/health.ts'
import { errorFacts, log } from '../log.ts'
import { count } from '../metrics.ts'
import type { Shard } from '../shard.ts'
import { openRunAt, openRunCount, openRunsAfter } from '../store/health.ts'
import { anyRunRow } from '../store/runs.ts'
import type { Sql } from '../store/sql.ts'
import { lookAtRuns, mended } from './check.ts'
import type { LookedAtRuns } from './check.ts'

const EVERY_MS = 300_000
const MAX_RUNS = 100

export class Watchdog {
  readonly #shard: Shard
  #nextAt = 0
  /** The workflow id behind which the next page begins; null: not chosen yet. */
  #after: string | null = null

  constructor(shard: Shard) {
    this.#shard = shard
  }

  /** Looks at a page, if it is time. */
  async pass(): Promise<void> {
    const now = this.#shard.clock.now()
    if (now < this.#nextAt || !this.#shard.knownAddress) return
    this.#nextAt = now + EVERY_MS
    try {
      const runIds = await this.#shard.read(async () => this.#page(now))
      const look = (): Promise<LookedAtRuns> => this.#shard.read(async () => lookAtRuns(this.#shard, runIds))
      const { flaws, last } = await look()
      this.#passed(last)
      if (flaws.length > 0) this.#tell(await mended(this.#shard, flaws, look))
    } catch (error) {
      log('watchdog_failed', errorFacts(error))
    }
  }

  #page(now: number): string[] {
    const { sql } = this.#shard
    const after = this.#after ?? firstPage(sql, now)
    return openRunsAfter(sql, { after, limit: MAX_RUNS })
  }

  /** Where there is nothing more, it begins anew. */
  #passed(runId: string | null): void {
    this.#after = runId === null ? '' : (anyRunRow(this.#shard.sql, runId)?.workflowId ?? '')
  }

  #tell(findings: readonly Finding[]): void {
    for (const { code, workflowId, runId, what, repaired = false } of findings) {
      log('watchdog_found', { code, workflowId, runId, what, repaired })
      count(this.#shard.config.metrics, 'perdure_watchdog_found', { code, repaired: `${repaired}` })
    }
  }
}

/** An object lives for minutes: each life begins at another page, by the time. */
function firstPage(sql: Sql, now: number): string {
  const pages = Math.ceil(openRunCount(sql) / MAX_RUNS)
  const page = pages > 1 ? Math.floor(now / EVERY_MS) % pages : 0
  return page === 0 ? '' : (openRunAt(sql, page * MAX_RUNS - 1) ?? '')
}
