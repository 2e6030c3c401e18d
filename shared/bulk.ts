/** One action on every run that a filter matches, page by page. */
import type { Shards } from './connection.ts'
import { WorkflowError } from './errors.ts'
import { RunHandle } from './handle.ts'
import { newId } from './ids.ts'
import type { WorkflowSummary } from './info.ts'
import { countRuns, listRuns } from './listing.ts'
import type { ListFilter } from './listing.ts'
import { checkedChoice } from './names.ts'
import { signalDraft } from './start.ts'

/** What is done to each run. */
export type BulkAction =
  | 'cancel'
  | 'terminate'
  | 'pause'
  | 'resume'
  | {
      /** The name of the signal that each run gets. */
      signal: string
      /** What the signal carries. */
      payload?: unknown
      /** Makes the signal count once in a run, however often the action is resumed; absent, one is made. */
      signalId?: string
    }

/** How far a bulk action is, after each page. */
export interface BulkProgress {
  /** How many runs the filter matched when the iteration began. */
  matched: number
  /** Acted on so far; for all but a signal also those that had ended by themselves by then. */
  done: number
  /** Could not be acted on so far. */
  failed: number
  /** Why, for those of this page that failed. */
  errors: readonly {
    /** The workflow that could not be acted on. */
    workflowId: string
    /** Its run. */
    runId: string
    /** As the verb on its handle would have thrown it. */
    error: WorkflowError
  }[]
  /** Where another iteration of the same filter and action goes on; absent when all is done. */
  cursor?: string
}

/** How many runs are acted on at the same time. */
const CONCURRENCY = 20

/** Newest first, so that runs started meanwhile are not among them and it comes to an end. */
export async function* bulk(
  shards: Shards,
  filter: ListFilter,
  { action, reason }: { action: BulkAction; reason: string | undefined },
): AsyncGenerator<BulkProgress> {
  const act = actOf(action, reason)
  const open: ListFilter = { status: STATUSES[typeof action === 'string' ? action : 'signal'], ...filter }
  const { count: matched } = await countRuns(shards, open)
  const progress = { matched, done: 0, failed: 0 }
  let cursor = filter.cursor
  do {
    const page = await listRuns(shards, { ...open, ...(cursor !== undefined && { cursor }) })
    const errors: BulkProgress['errors'][number][] = []
    await concurrently(page, async ({ workflowId, runId }) => {
      const error = await failureOf(act(new RunHandle(shards, { workflowId, runId })), action)
      if (error) errors.push({ workflowId, runId, error })
    })
    progress.failed += errors.length
    progress.done += page.length - errors.length
    cursor = page.nextCursor
    yield { ...progress, errors, ...(cursor !== undefined && { cursor }) }
  } while (cursor !== undefined)
}

/** Where the filter does not say which runs are meant. */
const STATUSES = {
  cancel: ['running', 'paused'],
  terminate: ['running', 'paused'],
  signal: ['running', 'paused'],
  pause: 'running',
  resume: 'paused',
} as const

type Act = (run: RunHandle<unknown, {}>) => Promise<void>

/** Checked before anything is done. */
function actOf(action: BulkAction, reason: string | undefined): Act {
  if (typeof action === 'string') {
    const verb = checkedChoice(action, ['cancel', 'terminate', 'pause', 'resume'], 'action')
    return (run) => (verb === 'resume' ? run.resume() : run[verb](reason))
  }
  const { signal, payload, signalId = newId() } = action
  signalDraft(signal, payload)
  return (run) => run.signal(signal, payload, { signalId })
}

async function failureOf(acted: Promise<void>, action: BulkAction): Promise<WorkflowError | null> {
  try {
    await acted
    return null
  } catch (error) {
    if (!(error instanceof WorkflowError)) throw error
    return error.code === 'workflow_closed' && typeof action === 'string' ? null : error
  }
}

async function concurrently(
  runs: readonly WorkflowSummary[],
  act: (run: WorkflowSummary) => Promise<void>,
): Promise<void> {
  const rest = runs.values()
  const worker = async (): Promise<void> => {
    for (const run of rest) await act(run)
  }
  await Promise.all(Array.from({ length: CONCURRENCY }, worker))
}
