import { expect, test } from 'vitest'
import { historyLines } from '../../dashboard/run/history-lines.ts'
import { replayHistory } from '../../testing/index.ts'
import { definitionOf, names, recorded } from '../replay/recordings.ts'

test.each(names)('the history of %s, downloaded, is one that replayHistory takes', async (name) => {
  const { header, history } = recorded(name)
  const run = { workflowType: header.workflow, workflowId: header.workflowId, runId: header.runId }
  const lines = historyLines(
    run,
    history.map((event, place) => ({ eventId: place + 1, event })),
  )
  await expect(replayHistory(definitionOf(header), lines)).resolves.toBeUndefined()
})
