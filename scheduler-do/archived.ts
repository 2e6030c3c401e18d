/** Runs that have left the hot tier, read through the archiver by the locator their row keeps. */
import type { HistoryEvent } from '../shared/core/events.ts'
import { WorkflowError } from '../shared/errors.ts'
import type { Shard } from './shard.ts'
import type { RunRow } from './store/runs.ts'

export async function readArchived(shard: Shard, row: RunRow): Promise<HistoryEvent[]> {
  const { archive } = shard.config
  if (!archive) {
    const lines =
      '[[services]]\nbinding = "ARCHIVE_SERVICE"\nservice = "perdure-archiver"\nentrypoint = "ArchiveService"'
    const message = `run ${row.runId} is archived and binding ARCHIVE_SERVICE is missing; add to wrangler.toml:\n\n${lines}\n`
    throw new WorkflowError('not_configured', message, { path: 'ARCHIVE_SERVICE' })
  }
  if (!row.warm) throw new WorkflowError('internal', `run ${row.runId} is ${row.tier} and has no locator`)
  const { workflowId, runId } = row
  const bytes = await archive.readRun({ workflowId, runId, locator: row.warm })
  return JSON.parse(new TextDecoder().decode(bytes)) as HistoryEvent[] // what the shard itself proposed for the archive
}
