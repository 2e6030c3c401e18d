import type { RunDescription } from '../../shared/description.ts'
import { historyOf } from '../api/runs.ts'
import { historyLines } from './history-lines.ts'

/** As a file that `replayHistory` of `perdure/testing` takes. */
export async function downloadHistory(run: RunDescription): Promise<void> {
  const { workflowId, runId } = run
  const lines = historyLines(run, await historyOf({ workflowId, runId }, []))
  const url = URL.createObjectURL(new Blob([lines], { type: 'application/jsonl' }))
  const link = document.createElement('a')
  link.href = url
  link.download = `${workflowId.replaceAll(/[^\w.-]+/g, '_')}-${runId}.jsonl`
  link.click()
  URL.revokeObjectURL(url)
}
