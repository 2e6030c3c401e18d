/** Who stands in for runs that have ended, towards the code that they have left behind: nothing is done for it. */
import { workflow } from '../define.ts'
import type { WorkflowError } from '../errors.ts'
import { Coroutine } from './coroutine.ts'
import type { World } from './coroutine.ts'

export class Nobody extends Coroutine {
  constructor(world: World) {
    const identity = { workflowId: '', runId: '', patches: new Set<string>() }
    super(
      workflow('nobody', async () => {}),
      identity,
      world,
    )
  }

  /** Refuses, and remembers nothing: whoever asks next is code of another run. */
  override violate<E extends WorkflowError>(error: E): E {
    throw error
  }

  /** From now on frames of that run lead here. Its code sees the time at which a run last ended. */
  standInFor({ now, whose }: Coroutine): void {
    this.now = Math.max(this.now, now)
    whose.coroutine = this
  }
}
