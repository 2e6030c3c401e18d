/** Updates that came for a run when it was about to continue as new: the run that takes over answers them. */
import type { LiveRun } from './live.ts'
import type { Waiting } from './turn-world.ts'

export class Deferred {
  readonly #waiting = new Map<string, Waiting[]>()

  /** Whether the input is one of them: it is kept until the run has been closed. */
  keep({ state, coroutine }: LiveRun, waiting: Waiting): boolean {
    const { input } = waiting
    if (input?.type !== 'update_workflow' || state.closed || state.updates.has(input.updateId)) return false
    if (coroutine.closing?.type !== 'workflow_continued_as_new') return false
    this.#waiting.set(state.runId, [...this.take(state.runId), waiting])
    return true
  }

  take(runId: string): Waiting[] {
    const waiting = this.#waiting.get(runId) ?? []
    this.#waiting.delete(runId)
    return waiting
  }
}
