import type { RunDescription } from '../../shared/description.ts'
import type { RecordedEvent } from '../api/shapes.ts'

/** The run, then its events as they are recorded, one a line. */
export function historyLines(
  { workflowType, workflowId, runId }: Pick<RunDescription, 'workflowType' | 'workflowId' | 'runId'>,
  events: readonly RecordedEvent[],
): string {
  const lines = [{ workflow: workflowType, workflowId, runId }, ...events.map(({ event }) => event)]
  return lines.map((line) => `${JSON.stringify(line)}\n`).join('')
}
