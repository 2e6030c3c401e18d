/**
 * What came for a run whose function had ended, before it was closed: an update is answered by the run that continues it as
 * new, and a pause is that run's. A run that is about to be closed is never paused: what came then would wait for nobody.
 */
import type { Input } from '../shared/core/inputs.ts'
import type { LiveRun } from './live.ts'
import type { Waiting } from './turn-world.ts'

export class Deferred {
  readonly #waiting = new Map<string, Waiting[]>()

  /** Whether the input is one of them: it is kept until the run has been closed. */
  keep(live: LiveRun, waiting: Waiting): boolean {
    const { runId, closed } = live.state
    if (closed || !isForNext(live, waiting.input)) return false
    this.#waiting.set(runId, [...this.take(runId), waiting])
    return true
  }

  take(runId: string): Waiting[] {
    const waiting = this.#waiting.get(runId) ?? []
    this.#waiting.delete(runId)
    return waiting
  }
}

function isForNext({ state, coroutine }: LiveRun, input: Input | null): boolean {
  const { closing } = coroutine
  if (input?.type === 'pause_workflow') return closing !== null
  if (input?.type !== 'update_workflow' || state.updates.has(input.updateId)) return false
  return closing?.type === 'workflow_continued_as_new'
}
