/** The activities of a test: their own implementations, and what stands in for them. */
import type { ActivityDefinition } from '../shared/activity.ts'
import { activityOf, defineActivity } from '../shared/define.ts'
import type { ActivityFunction } from '../shared/define.ts'
import { WorkflowError } from '../shared/errors.ts'
import { invalid } from '../shared/names.ts'

export class Activities {
  readonly #functions = new Map<string, ActivityFunction>()

  /* oxlint-disable-next-line typescript/no-explicit-any -- definitions of any input and result */
  constructor(definitions: readonly ActivityDefinition<any, any, any>[]) {
    for (const [index, definition] of definitions.entries()) {
      const { name, fn } = activityOf(definition)
      if (this.#functions.has(name)) throw twice(name, index)
      this.#functions.set(name, fn)
    }
  }

  /* oxlint-disable-next-line typescript/no-explicit-any -- definitions of any input and result */
  mock(definition: ActivityDefinition<any, any, any>, fn: ActivityFunction): void {
    const { name } = activityOf(definition)
    if (typeof fn !== 'function') throw invalid('fn', `the function that stands in for ${name}`, fn)
    if (!this.#functions.has(name)) throw unknown(name, this.#functions.keys())
    this.#functions.set(name, fn)
  }

  /** For a Worker: calls find what stands in for an activity then. `ended` hears of the end of each. */
  definitions(ended: () => void = () => {}): ActivityDefinition[] {
    return [...this.#functions.keys()].map((name) =>
      defineActivity(name, async (input: unknown, ctx) => {
        try {
          return await this.#functions.get(name)?.(input, ctx)
        } finally {
          ended()
        }
      }),
    )
  }
}

function twice(name: string, index: number): WorkflowError {
  return new WorkflowError('invalid_argument', `two activities are named ${name}`, {
    path: `activities[${index}]`,
  })
}

function unknown(name: string, known: Iterable<string>): WorkflowError {
  const message = `no activity ${name} is given to this environment; add it to activities, which has ${[...known].join(', ') || 'none'}`
  return new WorkflowError('unknown_activity', message, { path: 'activities' })
}
