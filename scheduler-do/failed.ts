/** Why a turn could not be committed. */
export class Failed {
  readonly error: unknown
  constructor(error: unknown) {
    this.error = error
  }
}
