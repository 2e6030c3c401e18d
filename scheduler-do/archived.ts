/**
 * Histories that have left the hot tier, read through the archiver: from the warm object that the run's row locates, or
 * from the cold tier where there is none. A warm object that cannot be read is passed over if the cold tier has the run.
 */
import type { ArchiveReader, RunPage, RunPageRequest } from '../shared/archive-reader.ts'
import type { HistoryEvent } from '../shared/core/events.ts'
import { WorkflowError } from '../shared/errors.ts'
import { errorFacts, log } from './log.ts'
import { archiveOf } from './segments.ts'
import type { Shard } from './shard.ts'
import { runRow } from './store/runs.ts'
import type { RunRow } from './store/runs.ts'

type RunToRead = Omit<RunPageRequest, 'fromEvent' | 'maxBytes'>

export interface ArchivedPage {
  events: HistoryEvent[]
  nextEvent?: number
}

/** The run's first event and its last. */
export async function readEnds(shard: Shard, row: RunRow): Promise<HistoryEvent[]> {
  const { events } = await read(shard, row, (archive, run) => archive.readEnds(run))
  return events
}

export function readPage(
  shard: Shard,
  row: RunRow,
  page: { fromEvent: number; maxBytes: number },
): Promise<ArchivedPage> {
  return read(shard, row, (archive, run) => archive.readRun({ ...run, ...page }))
}

const PAGE_BYTES = 4 * 1024 * 1024

export async function readWhole(shard: Shard, row: RunRow): Promise<HistoryEvent[]> {
  const events: HistoryEvent[] = []
  let fromEvent: number | undefined = 1
  while (fromEvent !== undefined) {
    const page: ArchivedPage = await readPage(shard, row, { fromEvent, maxBytes: PAGE_BYTES })
    for (const event of page.events) events.push(event)
    fromEvent = page.nextEvent
  }
  return events
}

async function read(
  shard: Shard,
  row: RunRow,
  ask: (archive: ArchiveReader, run: RunToRead) => Promise<RunPage>,
): Promise<ArchivedPage> {
  const archive = archiveOf(shard.config, `run ${row.runId}`)
  const run = runToRead(shard, row)
  try {
    return parsed(await ask(archive, run))
  } catch (error) {
    const elsewhere = run.warm && otherPlace(shard, row, run)
    if (!elsewhere) throw error
    log('warm_unreadable', { runId: row.runId, object: run.warm?.[0]?.object, ...errorFacts(error) })
    return parsed(await ask(archive, elsewhere))
  }
}

function runToRead(shard: Shard, row: RunRow): RunToRead {
  const { workflowId, runId, completedAt, historyLength, warm, tier } = row
  if (completedAt === null || historyLength === null)
    throw new WorkflowError('internal', `run ${runId} is ${tier} and not closed`)
  if (tier === 'warm' && !warm) throw new WorkflowError('internal', `run ${runId} is warm and has no locator`)
  const { namespace } = shard.address
  return { namespace, workflowId, runId, closedAt: completedAt, historyLength, ...(warm && { warm }) }
}

/** Where the run lies after all: its objects may have been replaced, or have expired, since its row was read. */
function otherPlace(shard: Shard, row: RunRow, tried: RunToRead): RunToRead | null {
  const now = runRow(shard.sql, row.runId)
  if (now?.warm && JSON.stringify(now.warm) !== JSON.stringify(tried.warm)) return runToRead(shard, now)
  if (now?.tier === 'warm') return null
  const { warm: _, ...cold } = tried
  return cold
}

function parsed({ events, nextEvent }: RunPage): ArchivedPage {
  const list = JSON.parse(new TextDecoder().decode(events)) as HistoryEvent[] // what a shard proposed for the archive
  return { events: list, ...(nextEvent !== undefined && { nextEvent }) }
}
