/** Releases of the scheduler Worker: the same code under another name, or code that breaks the runs that are open. */
import { workflowOf, workflow } from '../../shared/define.ts'
import type { AnyWorkflow } from '../../shared/replay/coroutine.ts'

export interface Release {
  readonly id: string
  readonly workflows: readonly AnyWorkflow[]
}

export class Releases {
  readonly #workflows: readonly AnyWorkflow[]
  #number = 1
  current: Release

  constructor(workflows: readonly AnyWorkflow[]) {
    this.#workflows = workflows
    this.current = { id: 'release-1', workflows }
  }

  /** The code that the runs began with. */
  next(): void {
    this.current = { id: this.#named(), workflows: this.#workflows }
  }

  /** Code that asks for something else than what these runs have recorded; other runs do not notice. */
  nextBreaking(runIds: ReadonlySet<string>): void {
    this.current = { id: this.#named(), workflows: this.#workflows.map((one) => changed(one, runIds)) }
  }

  #named(): string {
    this.#number += 1
    return `release-${this.#number}`
  }
}

function changed(definition: AnyWorkflow, runIds: ReadonlySet<string>): AnyWorkflow {
  const { name, fn, options } = workflowOf(definition)
  return workflow(name, options, async (ctx, input) => {
    if (runIds.has(ctx.runId)) await ctx.run('what no run has recorded', () => null)
    return await fn(ctx, input)
  })
}
