/**
 * The shard's half of moving runs from hot to warm: it proposes closed runs, and swaps their rows for locators once the
 * archiver has written and verified them.
 *
 * G1 A batch is persisted before it is first shown, and shown again, the same, until it is confirmed or rejected. While
 *    it is open it keeps every row it names, those of deleted runs too.
 * G2 All runs of a batch have one policy: whether they are to be cold, and when their warm objects expire.
 * G3 Rows are deleted by the confirmation only, in the transaction that writes their locators.
 * G4 A run that cannot be archived is held: it takes no other run with it, and comes again later, alone.
 */
import { warmBatchPrefix } from '../shared/archive.ts'
import type {
  ArchiveBatch,
  ArchivePage,
  ArchivePageRequest,
  ConfirmArchiveRequest,
  ProposeArchiveRequest,
  ProposedRun,
  RejectArchiveRequest,
} from '../shared/archive.ts'
import type { Refusal, Reply } from '../shared/protocol.ts'
import { covers } from './locator.ts'
import { log } from './log.ts'
import type { Shard } from './shard.ts'
import {
  addGarbage,
  beginsRow,
  candidates,
  countClosed,
  dueHold,
  holdRun,
  measured,
  members,
  releaseRun,
  textPage,
  toWarm,
} from './store/archive.ts'
import type { BatchMember, Candidate, TextPage } from './store/archive.ts'
import { batchRow, insertBatch, openBatch, positions, setPositions, updateBatch } from './store/batches.ts'
import type { BatchRow } from './store/batches.ts'
import { deleteHistory } from './store/history.ts'
import { writeFact } from './store/meta.ts'

/** Whatever the archiver asks for: the batch's row lists them. */
const MAX_RUNS = 10_000

export function proposeArchive(shard: Shard, request: ProposeArchiveRequest): Reply<ArchiveBatch | null> {
  const { fence, maxBytes } = request
  const limits = { maxRuns: Math.min(Math.max(1, request.maxRuns), MAX_RUNS), maxBytes, fence }
  const open = openBatch(shard.sql)
  const opened = open ? { batch: open, pages: new Map<string, TextPage>() } : newBatch(shard, limits)
  return { ok: true, value: opened && shown(shard, opened, maxBytes) }
}

interface Limits {
  fence: number
  maxRuns: number
  maxBytes: number
}

/** A batch, and the first pages of those of its runs whose rows were just read. */
interface Opened {
  readonly batch: BatchRow
  readonly pages: ReadonlyMap<string, TextPage>
}

/** A candidate whose rows are sound, as they were read. */
type Chosen = Candidate & { readonly bytes: number; readonly page: TextPage }

function newBatch(shard: Shard, limits: Limits): Opened | null {
  const { sql, config } = shard
  const chosen = heldRun(shard, limits) ?? chosenRuns(shard, limits)
  const [first] = chosen
  if (!first) return null
  const { cold } = config.retention.of(first.workflowType)
  const number = positions(sql).lastBatch + 1
  const runIds = chosen.map(({ runId }) => runId)
  const facts = { state: 'open', objects: [], warmedAt: null, expiresAt: null } as const
  const batch: BatchRow = { ...facts, number, cold, objects: [], runIds, openedBy: limits.fence }
  shard.transaction(() => {
    insertBatch(sql, batch)
    setPositions(sql, { lastBatch: number, openBatch: number })
  })
  return { batch, pages: new Map(chosen.map(({ runId, page }) => [runId, page])) }
}

/** A held run whose time has come, alone. */
function heldRun(shard: Shard, { maxBytes }: Limits): Chosen[] | null {
  for (;;) {
    const run = dueHold(shard.sql, shard.clock.now())
    if (!run) return null
    const sound = readSound(shard, run, maxBytes)
    if (sound) return [sound]
  }
}

/** As many as fit, of those with the policy of the first. */
function chosenRuns(shard: Shard, { maxRuns, maxBytes }: Limits): Chosen[] {
  const { sql, clock, config, changeEvents, memory } = shard
  const closedBefore = config.retention.closedBefore(clock.now())
  // What is archived is not read for the change-event sink any more.
  const upTo = changeEvents ? changeEvents.position : memory.positions.sequence
  for (;;) {
    const found = candidates(sql, { closedBefore, upTo, limit: maxRuns })
    const [first] = found
    if (!first) return []
    const policy = policyOf(shard, first)
    const alike = found.filter((run) => policyOf(shard, run) === policy)
    const chosen = fitting(shard, alike, maxBytes)
    if (chosen.length > 0) return chosen
    // Every one of these is held now: there may be others behind them.
  }
}

function policyOf(shard: Shard, { workflowType }: Candidate): number | 'warm' {
  const { cold, warmMs } = shard.config.retention.of(workflowType)
  return cold ? warmMs : 'warm'
}

function fitting(shard: Shard, runs: readonly Candidate[], maxBytes: number): Chosen[] {
  const chosen: Chosen[] = []
  let total = 0
  for (const run of runs) {
    const sound = readSound(shard, run, maxBytes)
    if (sound === null) continue
    if (chosen.length > 0 && total + sound.bytes > maxBytes) break
    chosen.push(sound)
    total += sound.bytes
  }
  return chosen
}

/** Null, and the run held, when its rows are not what they should be. */
function readSound(shard: Shard, run: Candidate, maxBytes: number): Chosen | null {
  const { bytes, events, sound, page } = measured(shard.sql, run, maxBytes)
  if (sound) return { ...run, bytes, page }
  const reason = `its rows are damaged or not all there: they say ${events} events, and it closed with ${run.historyLength}`
  holdRun(shard.sql, run.runId, { reason, now: shard.clock.now() })
  log('archive_held', { runId: run.runId, reason })
  return null
}

function shown(shard: Shard, { batch, pages }: Opened, maxBytes: number): ArchiveBatch {
  const { sql, address, config, clock } = shard
  let left = maxBytes
  const runs = members(sql, batch.runIds).map((member, index) => {
    const { runId } = member
    const page = pages.get(runId) ?? textPage(sql, runId, { fromEvent: 1, maxBytes: left, orNone: index > 0 })
    left = Math.max(0, left - page.bytes)
    return proposed(member, page)
  })
  const backlog = countClosed(sql, config.retention.closedBefore(clock.now())) - runs.length
  const { namespace, shard: own } = address
  const { number, openedBy } = batch
  const { numbered } = positions(sql)
  return { namespace, shard: own, number, openedBy, numbered, runs, backlog: Math.max(0, backlog) }
}

function proposed(member: BatchMember, { events, nextEvent }: ArchivePage): ProposedRun {
  return { ...member, events, ...(nextEvent !== undefined && { nextEvent }) }
}

export function archivePage(shard: Shard, request: ArchivePageRequest): Reply<ArchivePage> {
  const { sql } = shard
  const { number, runId, fromEvent, maxBytes } = request
  const batch = openBatch(sql)
  if (batch?.number !== number || !batch.runIds.includes(runId))
    return wrong('number', `run ${runId} is in no open batch ${number}`)
  if (!beginsRow(sql, runId, fromEvent))
    return wrong('fromEvent', `event ${fromEvent} of run ${runId} begins no page`)
  const { events, nextEvent } = textPage(sql, runId, { fromEvent, maxBytes })
  return { ok: true, value: { events, ...(nextEvent !== undefined && { nextEvent }) } }
}

function wrong(path: string, message: string): Refusal {
  return { ok: false, code: 'invalid_argument', message, facts: { path } }
}

/** Swaps the rows of a batch for locators. A batch that is not open (any more) changes nothing. */
export function confirmArchive(shard: Shard, request: ConfirmArchiveRequest): Reply<null> {
  const { sql, memory, clock, config } = shard
  const batch = openBatch(sql)
  if (batch?.number !== request.number) return { ok: true, value: null }
  const runs = members(sql, batch.runIds)
  const located = new Map(request.locators.map(({ runId, locator }) => [runId, locator]))
  const objects = new Set(request.objects.map(({ object }) => object))
  const missing = runs.find((run) => !covers(located.get(run.runId), run, objects))
  if (missing) {
    const events = `the ${missing.historyLength} events of run ${missing.runId}`
    return wrong('locators', `batch ${batch.number}: no locator in its objects covers ${events}`)
  }
  const now = clock.now()
  const { warmMs } = config.retention.of(runs[0]?.workflowType ?? '')
  const expiresAt = batch.cold ? now + warmMs : null
  shard.census.leaving(batch.runIds)
  shard.transaction(() => {
    for (const { runId } of runs) {
      const locator = located.get(runId)
      if (locator) toWarm(sql, runId, { batch: batch.number, locator })
      deleteHistory(sql, runId)
      releaseRun(sql, runId)
    }
    // Rows alone would forget how far the sequence had come.
    writeFact(sql, 'next_sequence', memory.positions.sequence)
    updateBatch(sql, { ...batch, state: 'warm', objects: request.objects, warmedAt: now, expiresAt })
    setPositions(sql, { openBatch: null, numbered: true })
  })
  for (const { runId } of runs) memory.runs.delete(runId)
  return { ok: true, value: null }
}

/** The batch is void and its number used up; what the archiver had written of it is garbage. */
export function rejectArchive(shard: Shard, request: RejectArchiveRequest): Reply<null> {
  const { sql, address, clock } = shard
  const { number } = request
  const batch = batchRow(sql, number)
  if (batch?.state !== 'open') return { ok: true, value: null }
  const rejected = request.rejected.filter(({ runId }) => batch.runIds.includes(runId))
  if (rejected.length === 0) return wrong('rejected', `no run of batch ${number} is rejected`)
  const now = clock.now()
  shard.transaction(() => {
    for (const { runId, reason } of rejected) holdRun(sql, runId, { reason, now })
    updateBatch(sql, { ...batch, state: 'void', runIds: [] })
    addGarbage(sql, [warmBatchPrefix({ ...address, number })])
    setPositions(sql, { openBatch: null })
  })
  for (const { runId, reason } of rejected) log('archive_held', { runId, reason })
  return { ok: true, value: null }
}
