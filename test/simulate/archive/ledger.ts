/** Every run that has closed, as it was while its shard had its history: what the archive is held against. */
import { closedRuns } from '../recorded.ts'
import type { RecordedRun } from '../recorded.ts'
import type { DiskView } from '../view.ts'

export class Ledger {
  readonly #runs = new Map<string, RecordedRun>()

  /** To be called when a macrotask that wrote is over. */
  see(disk: DiskView): void {
    for (const run of closedRuns(disk, (runId) => this.#runs.get(runId)?.turns))
      this.#runs.set(run.runId, run)
  }

  /** One that was deleted. */
  forget(runId: string): void {
    this.#runs.delete(runId)
  }

  get(runId: string): RecordedRun | undefined {
    return this.#runs.get(runId)
  }

  of(shard: number): RecordedRun[] {
    return this.all.filter((run) => run.shard === shard)
  }

  get all(): readonly RecordedRun[] {
    return [...this.#runs.values()]
  }
}
