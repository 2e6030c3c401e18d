/**
 * The check of a shard, page by page: runs in the order in which they began, then the rows beside them, then the shard
 * as a whole. It runs between turns, while the shard serves, and writes nothing unless it is to mend.
 */
import type { Finding, HealthPage, HealthRequest } from '../../shared/health.ts'
import { invalid } from '../../shared/names.ts'
import type { Reply } from '../../shared/protocol.ts'
import type { Shard } from '../shard.ts'
import {
  batchesAfter,
  idsAfter,
  OWNED,
  ownersAfter,
  runIdsAfter,
  sendingRuns,
  storedRun,
  unbatchedRuns,
} from '../store/health.ts'
import type { DerivedTable, OwnedTable } from '../store/health.ts'
import { segmentsAround } from '../store/segments.ts'
import { idle } from '../tick.ts'
import type { Flaw } from './flaw.ts'
import { alarmFlaws, memoryFlaws } from './memory.ts'
import { mendAll } from './mend.ts'
import { checkRun } from './run.ts'
import { keyFlaws, lineFlaws, positionFlaws, scheduleFlaws } from './shard.ts'

const PAGE = 500
const MAX_RUNS = 100
/** Of history read for a page, in UTF-16 units: it is parsed and folded between two turns. */
const MAX_LENGTH = 2_000_000

interface Looked {
  readonly flaws: Flaw[]
  readonly runs: number
  readonly events: number
  /** Where the next look begins; null after the last. */
  readonly next: string | null
}

export async function health(shard: Shard, request: HealthRequest): Promise<Reply<HealthPage>> {
  const cursor = request.cursor ?? 'runs:'
  const look = (): Promise<Looked> => lookAt(shard, cursor)
  const looked = await look()
  const findings =
    request.repair === true ? await mended(shard, looked.flaws, look) : looked.flaws.map(findingOf)
  const { runs, events, next } = looked
  return { ok: true, value: { findings, runs, events, ...(next !== null && { cursor: next }) } }
}

/** What a second look does not find any more is mended. */
export async function mended(
  shard: Shard,
  flaws: readonly Flaw[],
  look: () => Promise<{ flaws: Flaw[] }>,
): Promise<Finding[]> {
  const mends = flaws.flatMap(({ mend = [] }) => mend)
  if (mends.length === 0) return flaws.map(findingOf)
  await shard.read(async () => mendAll(shard, mends))
  await idle(shard)
  shard.alarm.arm()
  shard.outbox.flush()
  const left = new Set((await look()).flaws.map(nameOf))
  return flaws.map((flaw) => ({
    ...findingOf(flaw),
    ...(flaw.mend && { repaired: !left.has(nameOf(flaw)) }),
  }))
}

function findingOf({ code, workflowId, runId, what }: Flaw): Finding {
  return {
    code,
    ...(workflowId !== undefined && { workflowId }),
    ...(runId !== undefined && { runId }),
    what,
  }
}

function nameOf({ code, runId, what }: Flaw): string {
  return JSON.stringify([code, runId, what])
}

export interface LookedAtRuns extends Omit<Looked, 'next'> {
  /** The last run looked at; null where there was none. */
  readonly last: string | null
}

/** The runs of these ids, as many as fit. Between turns. */
export function lookAtRuns(shard: Shard, runIds: readonly string[]): LookedAtRuns {
  const { sql, clock } = shard
  const sending = sendingRuns(sql)
  const flaws: Flaw[] = []
  let [runs, events, length, last]: [number, number, number, string | null] = [0, 0, 0, null]
  for (const runId of runIds) {
    if (length > MAX_LENGTH) break
    last = runId
    const stored = storedRun(sql, runId, sending)
    if (!stored) continue
    const { flaws: found, folded } = checkRun(stored, clock.now())
    flaws.push(...found)
    if (folded && folded.state.closed === null) flaws.push(...memoryFlaws(shard, stored, folded))
    runs += 1
    events += folded?.events.length ?? 0
    length += stored.turns.reduce((sum, turn) => sum + turn.events.length, 0)
  }
  return { flaws, runs, events, last }
}

const STAGES = [
  'runs',
  'ids',
  ...(Object.keys(OWNED) as OwnedTable[]),
  'batches',
  'schedules',
  'shard',
] as const
type Stage = (typeof STAGES)[number]

function lookAt(shard: Shard, cursor: string): Promise<Looked> {
  const colon = cursor.indexOf(':')
  const stage = STAGES.find((name) => name === cursor.slice(0, colon))
  if (stage === undefined) throw invalid('cursor', 'one that the page before has given', cursor)
  return lookAtStage(shard, stage, cursor.slice(colon + 1))
}

async function lookAtStage(shard: Shard, stage: Stage, after: string): Promise<Looked> {
  if (stage === 'shard') {
    const own = await shard.read(async () => [...positionFlaws(shard), ...keyFlaws(shard)])
    return { flaws: [...own, ...(await alarmFlaws(shard)), ...(await lineFlaws(shard))], ...NONE, next: null }
  }
  const { last, ...found } = await shard.read(async () => pageOf(shard, stage, after))
  const next = last === null ? `${STAGES[STAGES.indexOf(stage) + 1]}:` : `${stage}:${last}`
  return { ...NONE, ...found, next }
}

const NONE = { runs: 0, events: 0 }

interface Page extends Partial<Looked> {
  readonly flaws: Flaw[]
  /** The last key of the page; null where there are no more. */
  readonly last: string | null
}

function pageOf(shard: Shard, stage: Exclude<Stage, 'shard'>, after: string): Page {
  const { sql } = shard
  switch (stage) {
    case 'runs':
      return lookAtRuns(shard, runIdsAfter(sql, { after, limit: MAX_RUNS }))
    case 'ids':
      return idPage(shard, after)
    case 'batches':
      return batchPage(shard, Number(after))
    case 'schedules':
      return scheduleFlaws(shard, { after, limit: MAX_RUNS })
    default:
      return ownerPage(shard, stage, after)
  }
}

/** What names a run without a row says how it ended, or a segment of the archive knows it. */
function idPage({ sql }: Shard, after: string): Page {
  const rows = idsAfter(sql, { after, limit: PAGE })
  const wrong = rows.filter(({ runId, status, named }) => {
    if (named) return status !== null
    return status === null && segmentsAround(sql, runId).length === 0
  })
  const flaws = wrong.map(({ workflowId, runId, named }): Flaw => {
    const what = named ? 'has a status, and the run has a row' : 'names a run that has no row'
    return { code: 'id_differs', workflowId, runId, what: `workflow_ids ${what}` }
  })
  return { flaws, last: rows.length === PAGE ? (rows.at(-1)?.workflowId ?? null) : null }
}

function ownerPage({ sql }: Shard, table: OwnedTable, after: string): Page {
  const rows = ownersAfter(sql, table, { after, limit: PAGE })
  const flaws = rows.filter(({ owned }) => !owned).map(({ runId }) => orphan(table, runId))
  return { flaws, last: rows.length === PAGE ? (rows.at(-1)?.runId ?? null) : null }
}

function orphan(table: OwnedTable, runId: string): Flaw {
  const what = `${table}: the run of these rows has ended, or is not there`
  const found = { code: 'row_orphaned', runId, what } as const
  if (!isDerived(table)) return found
  return { ...found, mend: [{ kind: 'delete_row', table, runId }] }
}

function isDerived(table: OwnedTable): table is DerivedTable {
  return OWNED[table] === 'open'
}

const BATCHES = 20

function batchPage({ sql }: Shard, after: number): Page {
  const numbers = batchesAfter(sql, { after, limit: BATCHES })
  const flaws = numbers.flatMap((number) =>
    unbatchedRuns(sql, number).map((runId): Flaw => {
      const what = `archive_batches: batch ${number} names the run, whose row does not say so`
      return { code: 'batch_broken', runId, what }
    }),
  )
  return { flaws, last: numbers.length === BATCHES ? String(numbers.at(-1)) : null }
}
