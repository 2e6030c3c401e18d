/** Whether the database has room for more runs. Asked by every start, and looked up once a turn: it takes some microseconds. */
export class Room {
  readonly #sql: { readonly databaseSize: number }
  readonly #maxBytes: number
  #turn = -1
  #full = false

  constructor(sql: { readonly databaseSize: number }, maxBytes: number) {
    this.#sql = sql
    this.#maxBytes = maxBytes
  }

  /** In the turn of this number. */
  full(turn: number): boolean {
    if (turn !== this.#turn) {
      this.#turn = turn
      this.#full = this.#sql.databaseSize > this.#maxBytes
    }
    return this.#full
  }
}
