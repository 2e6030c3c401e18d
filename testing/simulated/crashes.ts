/** Objects lost right after what they have recorded. */
import { recordedAfter } from '../../scheduler-do/recover.ts'
import { Sql } from '../../scheduler-do/store/sql.ts'
import type { SimulatedObject } from './object.ts'
import type { SimulatedPlatform } from './platform.ts'

interface Armed {
  readonly type: string
  left: number
}

export class Crashes {
  readonly #platform: SimulatedPlatform
  #armed: Armed[] = []
  /** Of each object, the sequence number up to which its events have been seen. */
  readonly #seen = new Map<SimulatedObject, number>()

  constructor(platform: SimulatedPlatform) {
    this.#platform = platform
  }

  after(type: string, n: number): void {
    for (const object of this.#platform.objects) this.#recorded(object)
    this.#armed.push({ type, left: n })
    this.#platform.onCommit = (object) => this.#committed(object)
  }

  #committed(object: SimulatedObject): void {
    if (this.#armed.length === 0) return
    const types = this.#recorded(object)
    for (const armed of this.#armed) armed.left -= types.filter((type) => type === armed.type).length
    const due = this.#armed.filter(({ left }) => left <= 0)
    if (due.length === 0) return
    this.#armed = this.#armed.filter(({ left }) => left > 0)
    object.lose('the process was lost')
    this.#platform.timeline.post(() => void object.wake())
  }

  /** Types of the events that are new since it was last asked. */
  #recorded(object: SimulatedObject): string[] {
    const turns = [...recordedAfter(new Sql(object.sql), this.#seen.get(object) ?? 0)]
    const last = turns.at(-1)
    if (last) this.#seen.set(object, last.sequence + last.events.length - 1)
    return turns.flatMap(({ events }) => events.map(({ type }) => type))
  }
}
