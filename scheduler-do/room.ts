/**
 * Whether a shard has room for more runs. Asked by every start, and looked up once a turn: the size of the database takes
 * some microseconds.
 */
import type { Refusal } from '../shared/protocol.ts'
import { overloaded } from './admission.ts'

const FULL = overloaded(
  'the shard is nearly full, since archiving is behind: see that the archiver runs, and start it later',
  60_000,
)
const LADEN = overloaded('the activities, timers and steps of this shard take all its memory', 5_000)

export class Room {
  readonly #sql: { readonly databaseSize: number }
  readonly #maxBytes: number
  readonly #memory: { readonly full: boolean }
  #turn = -1
  #refusal: Refusal | null = null

  constructor(sql: { readonly databaseSize: number }, maxBytes: number, memory: { readonly full: boolean }) {
    this.#sql = sql
    this.#maxBytes = maxBytes
    this.#memory = memory
  }

  /** In the turn of this number. */
  refusal(turn: number): Refusal | null {
    if (turn !== this.#turn) {
      this.#turn = turn
      this.#refusal = this.#now()
    }
    return this.#refusal
  }

  #now(): Refusal | null {
    if (this.#sql.databaseSize > this.#maxBytes) return FULL
    return this.#memory.full ? LADEN : null
  }
}
