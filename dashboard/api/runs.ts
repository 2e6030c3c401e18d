/** The routes of runs, and of the messages to them. */
import type { Replayed, RunDescription, RunSummary } from '../../shared/description.ts'
import type { CountGroup } from '../../shared/list.ts'
import type { Payload } from '../../shared/payload.ts'
import type { HistoryPage, ResetRequest } from '../../shared/protocol.ts'
import type { UpdateReply } from '../../shared/update.ts'
import { get, send, urlOf } from './http.ts'
import type { Query } from './http.ts'
import type { RunFilter } from './filter.ts'
import type { GroupedCount, ListPage, RecordedEvent, RunRef } from './shapes.ts'

/** Rows of a page: enough to fill any screen, few enough to answer at once. */
const PAGE = 200

export async function listRuns(
  filter: RunFilter,
  cursor: string | undefined,
  signal: AbortSignal,
): Promise<ListPage<RunSummary>> {
  return await get('/workflows', { query: { ...filter, limit: PAGE, cursor }, signal })
}

export async function countRuns(
  filter: RunFilter,
  groupBy: CountGroup,
  signal: AbortSignal,
): Promise<GroupedCount> {
  const { orderBy: _, ...counted } = filter
  return await get('/workflow-count', { query: { ...counted, groupBy }, signal })
}

export async function describeRun(
  run: RunRef,
  { callSites, signal }: { callSites?: boolean; signal?: AbortSignal } = {},
): Promise<RunDescription> {
  return await get(pathOf(run), { query: { ...pinned(run), callSites }, ...(signal && { signal }) })
}

/** What has been recorded behind `known`, to the end of the history as it is now. */
export async function historyOf(
  run: RunRef,
  known: readonly RecordedEvent[],
  signal?: AbortSignal,
): Promise<RecordedEvent[]> {
  const events = [...known]
  let fromEvent: number | undefined = events.length + 1
  while (fromEvent !== undefined) {
    const query: Query = { ...pinned(run), fromEvent }
    const page: HistoryPage = await get(`${pathOf(run)}/history`, { query, ...(signal && { signal }) })
    events.push(...page.events)
    fromEvent = page.nextEvent
  }
  return events
}

/** Against the code that is deployed now. */
export async function replayRun(run: RunRef): Promise<Replayed> {
  return await send('POST', pathOf(run, 'replay'), { query: pinned(run) })
}

export async function signalRun(run: RunRef, name: string, payload: Payload): Promise<void> {
  await send('POST', pathOf(run, 'signals', name), { query: pinned(run), body: { payload } })
}

export async function queryRun(run: RunRef, name: string, args: Payload[]): Promise<unknown> {
  return await send('POST', pathOf(run, 'queries', name), { query: pinned(run), body: { args } })
}

export async function updateRun(run: RunRef, name: string, args: Payload[]): Promise<UpdateReply> {
  const body = { args, waitMs: UPDATE_WAIT_MS }
  return await send('POST', pathOf(run, 'updates', name), { query: pinned(run), body })
}

export async function changeRun(
  run: RunRef,
  verb: 'cancel' | 'terminate' | 'pause' | 'resume',
  reason?: string,
): Promise<void> {
  await send('POST', pathOf(run, verb), { query: pinned(run), body: { reason } })
}

export async function resetRun(
  run: RunRef,
  to: Pick<ResetRequest, 'toEvent' | 'toActivity' | 'reason'>,
): Promise<{ runId: string }> {
  return await send('POST', pathOf(run, 'reset'), { query: pinned(run), body: to })
}

/** Where the change events of a run are told as they happen. */
export function eventsUrl(run?: RunRef): string {
  return urlOf('/events', run && { workflowId: run.workflowId, ...pinned(run) })
}

const UPDATE_WAIT_MS = 20_000

function pathOf({ workflowId }: RunRef, ...rest: string[]): string {
  return ['', 'workflows', workflowId, ...rest].map(encodeURIComponent).join('/')
}

function pinned({ runId }: RunRef): Query {
  return { runId }
}
