/** Events of a run as a JSON array in UTF-8, until it is as large as was asked for. */
import type { RunPage } from '../shared/archive-reader.ts'
import type { Frame } from './frame.ts'
import { eventJson } from './rows.ts'

const encoder = new TextEncoder()

export class Page {
  readonly #maxBytes: number
  readonly #events: string[] = []
  #length = 0

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes
  }

  get full(): boolean {
    return this.#events.length > 0 && this.#length >= this.#maxBytes
  }

  /** Adds the frame's rows from `row` on, the first of which is event `firstEvent`; answers the first that found no room. */
  add(frame: Frame, firstEvent: number, row = 0): number | undefined {
    for (let at = row; at < frame.rows; at++) {
      if (this.full) return firstEvent + at - row
      this.addRow(frame, at)
    }
    return undefined
  }

  addRow(frame: Frame, row: number): void {
    this.addEvent(eventJson(frame, row))
  }

  addEvent(event: string): void {
    this.#events.push(event)
    this.#length += event.length
  }

  taken(nextEvent?: number): RunPage {
    const events = encoder.encode(`[${this.#events.join(',')}]`)
    return { events, ...(nextEvent !== undefined && { nextEvent }) }
  }
}
