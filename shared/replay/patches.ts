/** The answers that `ctx.patched` has given to a run. */
import type { Coroutine } from './coroutine.ts'

export class Patches {
  readonly #coroutine: Coroutine
  readonly #asked = new Map<string, boolean>()

  constructor(coroutine: Coroutine) {
    this.#coroutine = coroutine
  }

  /** The first answer holds: a run that has been on the old path stays there, or its replay would leave it too early. */
  ask(id: string, what: string): boolean {
    const coroutine = this.#coroutine
    coroutine.guard(what)
    const known = this.#asked.get(id)
    if (known !== undefined) return known
    const answer = coroutine.isNew || coroutine.identity.patches.has(id)
    this.#asked.set(id, answer)
    if (answer) coroutine.issue({ type: 'patch_recorded', patchId: id })
    return answer
  }
}
