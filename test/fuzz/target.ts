/** What a fuzz target is: a kind of input, and what must hold for each of them. */
import * as fc from 'fast-check'
import { WorkflowError } from '../../shared/errors.ts'

export type Verdict = 'accepted' | 'refused'

export interface Target {
  readonly name: string
  /** Its part of a run's inputs, beside 100 of a cheap one. */
  readonly weight: number
  readonly property: (around: Around) => fc.IAsyncProperty<[unknown]>
}

/** Runs one input and takes its time. */
export type Around = (input: unknown, one: () => Verdict | Promise<Verdict>) => Promise<void>

/** `check` throws where something does not hold. */
export function target<T>(
  { name, weight = 100 }: { name: string; weight?: number },
  inputs: fc.Arbitrary<T>,
  check: (input: T) => Verdict | Promise<Verdict>,
): Target {
  return {
    name,
    weight,
    property: (around) =>
      fc.asyncProperty(inputs, async (input) => {
        await around(input, () => check(input))
      }),
  }
}

/** Refused where it throws a coded error, with its path where the input is at fault; any other error is a finding. */
export function verdictOf(work: () => unknown): Verdict {
  try {
    work()
    return 'accepted'
  } catch (error) {
    return codedRefusal(error)
  }
}

/** The same of what is awaited. */
export async function awaitedVerdict(work: () => Promise<unknown>): Promise<Verdict> {
  try {
    await work()
    return 'accepted'
  } catch (error) {
    return codedRefusal(error)
  }
}

function codedRefusal(error: unknown): 'refused' {
  if (!(error instanceof WorkflowError)) throw error
  holds(typeof error.code === 'string' && error.code.length > 0, 'an error without a code')
  holds(error.message.length < 10_000, `a message of ${error.message.length} characters`)
  if (error.code === 'invalid_argument')
    holds(error.path !== undefined && error.path !== '', `no path: ${error.message}`)
  return 'refused'
}

export function holds(condition: boolean, what: string): asserts condition {
  if (!condition) throw new Error(`does not hold: ${what}`)
}
