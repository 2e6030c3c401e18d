/** The histories of real runs, from whatever tier they are in, against the code of today. */
import type { WorkflowClient } from '../shared/client.ts'
import { workflowOf } from '../shared/define.ts'
import { toEpochMs } from '../shared/duration.ts'
import type { Instant } from '../shared/duration.ts'
import { NonDeterminismError, WorkflowError } from '../shared/errors.ts'
import type { ErrorCode } from '../shared/error-code.ts'
import type { ListFilter } from '../shared/listing.ts'
import { invalid } from '../shared/names.ts'
import type { AnyWorkflow } from '../shared/replay/coroutine.ts'
import { replayHistory } from './history.ts'
import { sampled } from './sample.ts'
import type { RunIdentity } from './source.ts'

/** Which runs are replayed, and against what. */
export interface ReplayArchiveOptions {
  /** Where the runs are. */
  client: Pick<WorkflowClient, 'list' | 'getHandle'>
  /** Today's code. */
  workflow: AnyWorkflow
  /** Runs that closed then or later; absent, all closed runs. */
  since?: Instant
  /**
   * Up to 1, the fraction of the runs that is replayed (1 when absent: all of them); from 2, how many. Which ones is
   * decided by their ids alone, so that the next time it is the same ones.
   */
  sample?: number
  /** Where to look; absent, everywhere. */
  tiers?: NonNullable<ListFilter['tiers']>
}

/** What came of one run. */
export interface ReplayedRun {
  /** The workflow. */
  workflowId: string
  /** Its run. */
  runId: string
  /** The code asks for what the history recorded. */
  ok: boolean
  /** The event that differs first. */
  eventId?: number
  /** What it recorded. */
  expected?: string
  /** What the code asks for in its place. */
  actual?: string
  /** Why it is not `ok`. Without an `eventId` the history could not be replayed at all, since it could not be read. */
  error?: {
    /** `nondeterminism` for a difference. */
    code: ErrorCode
    /** The same for people. */
    message: string
  }
}

/**
 * Replays the closed runs of a workflow, and gives a line for each, in the order in which they closed; the runs that
 * differ are those that are not `ok`. A few histories at a time are in memory. What ends the listing itself, such as a
 * lost connection, is thrown.
 *
 * `for await (const run of replayArchive({ client, workflow: order, sample: 0.1 })) if (!run.ok) console.error(run)`
 */
export function replayArchive(options: ReplayArchiveOptions): AsyncIterable<ReplayedRun> {
  const { client, workflow, since, sample = 1, tiers } = options
  workflowOf(workflow) // refuses what is no definition
  checkSample(sample)
  const filter: ListFilter = {
    workflowType: workflow.name,
    orderBy: 'closedAt', // leaves out the runs that are open
    ...(since !== undefined && { closedAfter: toEpochMs(since, 'since') }),
    ...(tiers !== undefined && { tiers }),
  }
  const runs = async function* (): AsyncGenerator<RunIdentity> {
    for await (const { workflowId, runId } of client.list(filter)) yield { workflowId, runId }
  }
  return inGroups(sampled(runs(), sample), (run) => replayedRun(options, run))
}

function checkSample(sample: number): void {
  if (sample > 0 && (sample <= 1 || Number.isSafeInteger(sample))) return
  throw invalid('sample', 'a fraction above 0 and up to 1, or a whole number of runs', sample)
}

/** Histories in memory at once: one may have 50 MB, and a Worker 128. */
const GROUP = 4

async function* inGroups<T, R>(items: AsyncIterable<T>, work: (item: T) => Promise<R>): AsyncGenerator<R> {
  let group: T[] = []
  for await (const item of items) {
    group.push(item)
    if (group.length < GROUP) continue
    yield* await Promise.all(group.map(work))
    group = []
  }
  yield* await Promise.all(group.map(work))
}

async function replayedRun(
  { client, workflow }: ReplayArchiveOptions,
  { workflowId, runId }: RunIdentity,
): Promise<ReplayedRun> {
  try {
    await replayHistory(workflow, client.getHandle(workflowId, runId))
    return { workflowId, runId, ok: true }
  } catch (error) {
    if (!(error instanceof WorkflowError)) throw error
    const { code, message } = error
    const line = { workflowId, runId, ok: false, error: { code, message } }
    if (!(error instanceof NonDeterminismError)) return line
    const { eventId, expected, actual } = error
    return { ...line, eventId, expected, actual }
  }
}
