/** What a client makes of what it is told. */
import { WorkflowError, WorkflowFailedError } from '../../shared/errors.ts'
import type { WorkflowHandle } from '../../shared/workflow-handle.ts'
import type { Ended } from './observations.ts'
import type { Value } from './program.ts'

/** Null when nobody answered. */
export async function endedOf(handle: WorkflowHandle): Promise<Ended | null> {
  try {
    return { status: 'completed', result: (await handle.result()) as Value } // as the workflow is defined
  } catch (error) {
    if (error instanceof WorkflowFailedError) return { status: error.status }
    if (isUnanswered(error)) return null
    return { status: `error: ${codeOf(error)}` }
  }
}

/** The client has given up: what it asked for may have happened. */
export function isUnanswered(error: unknown): boolean {
  return codeOf(error) === 'internal' || codeOf(error) === 'overloaded'
}

export function codeOf(error: unknown): string {
  return error instanceof WorkflowError ? error.code : String(error)
}
