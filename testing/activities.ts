/** The activities of a test: their own implementations, and what stands in for them. */
import type { ActivityDefinition } from '../shared/activity.ts'
import { activityOf, defineActivity } from '../shared/define.ts'
import type { ActivityFunction } from '../shared/define.ts'
import { WorkflowError } from '../shared/errors.ts'
import { invalid } from '../shared/names.ts'

/**
 * For tests against a deployed scheduler: the test's activity Worker is made of `definitions()`, and
 * `workerdEnvironment({ activities })` mocks them. `createTestEnvironment` makes its own.
 */
export class MockableActivities {
  readonly #own = new Map<string, ActivityFunction>()
  readonly #mocks = new Map<string, ActivityFunction>()

  /* oxlint-disable-next-line typescript/no-explicit-any -- definitions of any input and result */
  constructor(definitions: readonly ActivityDefinition<any, any, any>[]) {
    for (const [index, definition] of definitions.entries()) {
      const { name, fn } = activityOf(definition)
      if (this.#own.has(name)) throw twice(name, index)
      this.#own.set(name, fn)
    }
  }

  /** From its next call on, `fn` stands in for the activity. Throws `unknown_activity` for one that was not given. */
  /* oxlint-disable-next-line typescript/no-explicit-any -- definitions of any input and result */
  mock(definition: ActivityDefinition<any, any, any>, fn: ActivityFunction): void {
    const { name } = activityOf(definition)
    if (typeof fn !== 'function') throw invalid('fn', `the function that stands in for ${name}`, fn)
    if (!this.#own.has(name)) throw unknown(name, this.#own.keys())
    this.#mocks.set(name, fn)
  }

  /** All run as they are again. */
  restore(): void {
    this.#mocks.clear()
  }

  /** For a `WorkflowWorker`: each call runs what stands in for the activity then. `ended` hears of the end of each. */
  definitions(ended: () => void = () => {}): ActivityDefinition[] {
    return [...this.#own].map(([name, own]) =>
      defineActivity(name, async (input: unknown, ctx) => {
        try {
          return await (this.#mocks.get(name) ?? own)(input, ctx)
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
