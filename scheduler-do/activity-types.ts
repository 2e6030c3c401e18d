/** Which activity each call of a run is, learnt from its events as they are told: outcomes do not say it. */
import type { NumberedEvent } from './told.ts'

/** Of all runs: the longest unused are forgotten, and learnt again from their first event on. */
const MAX_TYPES = 20_000

interface Known {
  /** Every event up to this one has been looked at. */
  upTo: number
  readonly types: Map<number, string>
}

export class ActivityTypes {
  /** By run id, the last used last. */
  readonly #runs = new Map<string, Known>()
  #size = 0

  /** Those of a run up to the end of `page`. `read` gives its events from one on; they are read in order, none twice. */
  async of(
    runId: string,
    page: readonly NumberedEvent[],
    read: (fromEvent: number) => Promise<readonly NumberedEvent[]>,
  ): Promise<ReadonlyMap<number, string>> {
    const known = this.#runs.get(runId) ?? { upTo: 0, types: new Map<number, string>() }
    this.#forget(runId)
    this.#keep(runId, known)
    const first = page[0]?.eventId ?? 1
    while (known.upTo < first - 1) {
      const missing = await read(known.upTo + 1)
      if (missing.length === 0) break
      this.#learn(runId, known, missing)
    }
    this.#learn(runId, known, page)
    return known.types
  }

  #learn(runId: string, known: Known, events: readonly NumberedEvent[]): void {
    this.#forget(runId)
    for (const { eventId, event } of events) {
      if (eventId !== known.upTo + 1) continue
      known.upTo = eventId
      if (event.type === 'activity_scheduled') known.types.set(event.seq, event.activityType)
    }
    this.#keep(runId, known)
  }

  #keep(runId: string, known: Known): void {
    this.#runs.set(runId, known)
    this.#size += weightOf(known)
    for (const oldest of this.#runs.keys()) {
      if (this.#size <= MAX_TYPES || oldest === runId) return
      this.#forget(oldest)
    }
  }

  #forget(runId: string): void {
    const known = this.#runs.get(runId)
    if (known && this.#runs.delete(runId)) this.#size -= weightOf(known)
  }
}

function weightOf({ types }: Known): number {
  return types.size + 1
}
