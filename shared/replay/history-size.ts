/**
 * What `ctx.history` says: how much the run had recorded when the event that the code answers was fed. Counted from the
 * events themselves, so that a replay says the same; their text is measured only when somebody asks.
 */
import type { HistoryEvent } from '../core/events.ts'

const SUGGESTED_EVENTS = 4_096
const SUGGESTED_BYTES = 4 * 1024 * 1024

export interface HistoryFacts {
  readonly events: number
  readonly bytes: number
  readonly continueAsNewSuggested: boolean
}

export class HistorySize {
  #events = 0
  #bytes = 0
  #unmeasured: HistoryEvent[] = []
  /** By how much the first event of a run that was reset is longer than the one that its code was first fed. */
  #excess = 0

  add(event: HistoryEvent): void {
    this.#events += 1
    if (event.type === 'workflow_started' && event.startBytes !== undefined)
      this.#excess = JSON.stringify(event).length - event.startBytes
    this.#unmeasured.push(event)
  }

  /** Everything so far is known to measure `bytes`: nothing of it need be kept. */
  measured(bytes: number): void {
    this.#bytes = bytes
    this.#unmeasured = []
  }

  facts(): HistoryFacts {
    const more = this.#unmeasured.reduce((sum, event) => sum + JSON.stringify(event).length, 0)
    this.measured(this.#bytes + more)
    const [events, bytes] = [this.#events, this.#bytes - this.#excess]
    return { events, bytes, continueAsNewSuggested: events >= SUGGESTED_EVENTS || bytes >= SUGGESTED_BYTES }
  }
}
