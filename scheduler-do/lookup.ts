/** Runs by their ids: from memory where they are live, else from their rows, replayed when their code is needed. */
import { isCommandEvent, payloadOf } from '../shared/core/events.ts'
import { inputPayload } from '../shared/core/inputs.ts'
import type { Input } from '../shared/core/inputs.ts'
import { visibleReference } from '../shared/reference.ts'
import { foldRun, replayRun } from './live.ts'
import type { LiveRun, Loaded, Recorded, Workshop } from './live.ts'
import { isOpen } from '../shared/protocol.ts'
import type { Job } from './inbox.ts'
import type { Memory } from './memory.ts'
import type { Rebuilds } from './rebuild.ts'
import { isHopeless } from './quarantine.ts'
import type { Quarantine } from './quarantine.ts'
import type { Segments } from './segments.ts'
import type { ExistingRun } from './start.ts'
import { wholeHistory } from './store/history.ts'
import { idRow, latestRunId, latestRunIds } from './store/ids.ts'
import { parkedInputs } from './store/parked.ts'
import { runRow } from './store/runs.ts'
import type { RunRow } from './store/runs.ts'
import { segmentsAround } from './store/segments.ts'
import type { Sql } from './store/sql.ts'
import { firstLink } from './target.ts'
import { stepAttempts, unreadSignalIds } from './store/tasks.ts'
import type { Turn } from './turn.ts'

/** What a lookup of a run reads. */
export interface Known {
  readonly sql: Sql
  readonly memory: Memory
  readonly workshop: Workshop
  readonly quarantine: Quarantine
  readonly segments: Segments
  readonly release: string
  readonly payloads: { readonly rebuilds: Pick<Rebuilds, 'has' | 'take'> }
}

/** The latest runs of ids, as committed. */
export class LatestRuns {
  readonly #known: Known
  #found: ReadonlyMap<string, string | null> = NONE

  constructor(known: Known) {
    this.#known = known
  }

  of(workflowId: string): ExistingRun | null {
    const found = this.#found.get(workflowId)
    const runId = found === undefined ? latestRunId(this.#known.sql, workflowId) : found
    return typeof runId === 'string' ? knownRun(this.#known, workflowId, runId) : null
  }

  /**
   * Begins the jobs of a turn: all ids that they name are looked up together, since each execution costs ten times what a row
   * does. Nothing is awaited meanwhile, so that what was found is what is committed.
   */
  begin(turn: Turn, jobs: readonly Job[]): void {
    const named = jobs.flatMap(({ workflowId }) => workflowId ?? [])
    if (named.length > 1) this.#found = latestRunIds(this.#known.sql, named)
    try {
      for (const job of jobs) job.begin(turn)
    } finally {
      this.#found = NONE
    }
  }
}

const NONE: ReadonlyMap<string, null> = new Map()

/** One run, as committed; null when it is not a run of that id. */
export function knownRun(known: Known, workflowId: string, runId: string): ExistingRun | null {
  const live = known.memory.runs.peek(runId)
  if (live?.state.started && live.state.workflowId === workflowId) {
    const { started, closed } = live.state
    return { runId, requestId: started.requestId, closed, ...firstLink(started) }
  }
  const row = runRow(known.sql, runId)
  if (!row) return expiredRun(known, workflowId, runId)
  if (row.workflowId !== workflowId) return null
  const closed = isOpen(row.status) ? null : row.status
  return { runId, requestId: row.requestId, closed, ...firstLink(row) }
}

/** A run whose row is gone: its id's row says how the latest ended, a segment in memory says it of any. */
function expiredRun(known: Known, workflowId: string, runId: string): ExistingRun | null {
  const id = idRow(known.sql, workflowId)
  if (id?.runId === runId && id.status) return { runId, requestId: '', closed: id.status }
  const found = known.segments.peek(runId)
  return found?.workflowId === workflowId ? found : null
}

/** Before a turn that needs it: whether it is known how the run ended, if its row is gone. */
export function mustRecall(known: Known, runId: string | undefined): runId is string {
  if (runId === undefined || known.memory.runs.peek(runId) || runRow(known.sql, runId)) return false
  return segmentsAround(known.sql, runId).length > 0 && !known.segments.peek(runId)
}

/** The run in memory, replayed if need be; null when its events are not here. */
export async function loadRun(known: Known, runId: string): Promise<Loaded | null> {
  const kept = known.memory.runs.get(runId)
  if (kept) return { live: kept }
  const { rebuilds } = known.payloads
  const rebuilt = rebuilds.has(runId) ? rebuilds.take(runId) : null
  if (rebuilt) return rebuilt
  const row = runRow(known.sql, runId)
  const history = row && wholeHistory(known.sql, runId)
  if (!row || !history || history.events.length === 0) return null
  if (row.blocked && isHopeless(row.blocked, known.release)) {
    return { live: foldRow(known, row, history), blocked: row.blocked }
  }
  if (rebuilds.has(runId) || needsContents(known, row, history))
    return { live: foldRow(known, row, history), awaits: true }
  await known.quarantine.mark(runId)
  const loaded = await replayRow(known, row, history)
  // One that was blocked is kept once a turn has fed it what it had parked.
  if (!loaded.blocked && !loaded.parked && !loaded.live.state.closed) known.memory.keep(loaded.live, false)
  return loaded
}

function foldRow(known: Known, row: RunRow, history: Recorded): LiveRun {
  const live = foldRun(known.workshop, row, history)
  recallRows(known.sql, live)
  return live
}

/** What of the run has rows: they go when it ends, whether its code is there or not. */
function recallRows(sql: Sql, { state: { runId }, signalRows, stepRows }: LiveRun): void {
  for (const signalId of unreadSignalIds(sql, runId)) signalRows.add(signalId)
  for (const seq of stepAttempts(sql, runId).keys()) stepRows.add(seq)
}

function needsContents(known: Known, row: RunRow, history: Recorded): boolean {
  if (history.events.some((event) => !isCommandEvent(event) && visibleReference(payloadOf(event))))
    return true
  return fedFirst(known.sql, row).some((input) => visibleReference(inputPayload(input)) !== null)
}

/** What has been parked for a run, in order. */
export function parkedOf(sql: Sql, runId: string): Input[] {
  return parkedInputs(sql, runId).map((text) => JSON.parse(text) as Input) // our own text
}

export async function replayRow(
  known: Omit<Known, 'payloads'>,
  row: RunRow,
  history: Recorded,
): Promise<Loaded> {
  const wasReset = endsInReset(history)
  const loaded = await replayRun(known.workshop, row, { ...history, fresh: isFresh(row, history) })
  const { live } = loaded
  live.cause = row.cause
  recallRows(known.sql, live)
  const parked = fedFirst(known.sql, row)
  return row.blocked || wasReset || parked.length > 0 ? { ...loaded, parked } : loaded
}

/** Whether its code has yet to ask for something, and nothing of that is recorded. */
export function isFresh(row: RunRow, history: Pick<Recorded, 'events'>): boolean {
  return endsInReset(history) || (row.blocked !== undefined && history.events.length === 1)
}

function endsInReset({ events }: Pick<Recorded, 'events'>): boolean {
  return events.at(-1)?.type === 'workflow_reset'
}

/** What the run's code is fed before anything else. While the run is paused, what is parked stays where it is. */
function fedFirst(sql: Sql, { runId, status }: RunRow): Input[] {
  return status === 'paused' ? [] : parkedOf(sql, runId)
}
