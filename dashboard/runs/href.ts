import type { RunRef } from '../api/shapes.ts'

/** The page of a run. Ids may have any character, slashes too, so they stand behind the question mark. */
export function runHref({ workflowId, runId }: RunRef): string {
  return `/run?${new URLSearchParams({ workflowId, ...(runId !== undefined && { runId }) })}`
}
