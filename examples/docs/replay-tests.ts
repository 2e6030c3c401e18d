/** Before a deploy: the code of today against the histories of real runs. */
import type { WorkflowClient } from '../../shared/index.ts'
import { historyLines, replayArchive } from '../../testing/index.ts'
import { renewal } from './versions.ts'

/** The history of one run as text, for a file that tests replay from now on. */
export async function recordRenewal(client: WorkflowClient, workflowId: string): Promise<string> {
  return await historyLines(client.getHandle(workflowId).history())
}

/** Two hundred of the renewals that ended since then, always the same ones: where does the code of today differ? */
export async function differingRenewals(client: WorkflowClient, since: Date): Promise<string[]> {
  const differing: string[] = []
  for await (const run of replayArchive({ client, workflow: renewal, since, sample: 200 })) {
    if (!run.ok) differing.push(`${run.workflowId} ${run.runId}: ${run.error?.message}`)
  }
  return differing
}
