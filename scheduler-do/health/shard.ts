/** What must be true of a shard as a whole: its lines to other shards, its schedules, the lines of concurrency keys. */
import type { ParentLink } from '../../shared/core/events.ts'
import { advanceSchedule } from '../../shared/core/schedule.ts'
import { PROTOCOL_VERSION, shardName } from '../../shared/protocol.ts'
import { errorFacts, log } from '../log.ts'
import { callKey, dueKey } from '../keys.ts'
import { inHand } from '../schedules/moves.ts'
import type { Shard } from '../shard.ts'
import { keyPlaces } from '../store/concurrency-keys.ts'
import { outboxLines } from '../store/health.ts'
import { readFact } from '../store/meta.ts'
import { peers } from '../store/peers.ts'
import { dueSchedules, scheduleRows } from '../store/schedules.ts'
import type { ScheduleRow } from '../store/schedules.ts'
import type { Flaw } from './flaw.ts'

/** Between turns. */
export function positionFlaws({ sql, memory, changeEvents }: Shard): Flaw[] {
  const last = memory.positions.sequence - 1
  const position = changeEvents ? (readFact(sql, 'cdc_position') ?? 0) : 0
  if (position <= last) return []
  const what = `meta: cdc_position is ${position}, and the last event of the shard has sequence ${last}`
  return [{ code: 'position_ahead', what, mend: [{ kind: 'set_position' }] }]
}

/** The watermark of every shard that messages ever went to or came from is asked for: only it knows what it has applied. */
export async function lineFlaws(shard: Shard): Promise<Flaw[]> {
  const rows = new Map(outboxLines(shard.sql).map((line) => [line.shard, line.numbers]))
  const flaws: Flaw[] = []
  for (const { shard: peer, sent } of peers(shard.sql)) {
    const watermark = await watermarkOf(shard, peer)
    if (watermark !== null)
      flaws.push(...lineOf(shard, { peer, sent, watermark, numbers: rows.get(peer) ?? [] }))
  }
  return flaws
}

/** A message to nobody: it is answered with the watermark. Null while the shard does not answer. */
async function watermarkOf(shard: Shard, peer: number): Promise<number | null> {
  const { address, config } = shard
  try {
    const request = {
      v: PROTOCOL_VERSION,
      to: { ...address, shard: peer },
      from: address.shard,
      deliveries: [],
    }
    const reply = await config.shard(shardName(address.namespace, peer)).deliver(request)
    if (reply.ok) return reply.value.watermark
    log('watermark_refused', { shard: peer, code: reply.code })
  } catch (error) {
    log('watermark_unknown', { shard: peer, ...errorFacts(error) })
  }
  return null
}

/** The watermark is later than the rows: what it has passed meanwhile need not be there. */
function lineOf(
  shard: Shard,
  line: { peer: number; sent: number; watermark: number; numbers: readonly number[] },
): Flaw[] {
  const { peer, sent, watermark, numbers } = line
  const mend = [{ kind: 'renumber', shard: peer, watermark }] as const
  if (watermark > (shard.memory.positions.sent.get(peer) ?? 0)) {
    const what = `peers: shard ${peer} has applied message ${watermark}, and ${sent} is the last one sent: those to come would be dropped`
    return [{ code: 'watermark_differs', what, mend }]
  }
  const present = new Set(numbers)
  const missing: number[] = []
  for (let number = watermark + 1; number <= sent; number += 1) if (!present.has(number)) missing.push(number)
  if (missing.length === 0) return []
  const names = missing.slice(0, 10).join(', ')
  const what = `outbox: message ${names} to shard ${peer} is missing; it has applied ${watermark}, and nothing behind a gap is`
  return [{ code: 'outbox_gap', what, mend }]
}

/** Between turns. `last` is where the next page begins. */
export function scheduleFlaws(
  shard: Shard,
  page: { after: string; limit: number },
): { flaws: Flaw[]; last: string | null } {
  const rows = scheduleRows(shard.sql, page)
  const dueAt = new Map(dueSchedules(shard.sql).map((row) => [row.scheduleId, row.dueAt]))
  const flaws = rows.flatMap((row) => scheduleFlaw(shard, row, dueAt.get(row.scheduleId) ?? null) ?? [])
  return { flaws, last: rows.length === page.limit ? (rows.at(-1)?.scheduleId ?? null) : null }
}

function scheduleFlaw({ clock, memory }: Shard, row: ScheduleRow, dueAt: number | null): Flaw | null {
  const { scheduleId, state } = row
  const now = clock.now()
  if (dueAt !== state.dueAt)
    return stopped(scheduleId, `due_at is ${iso(dueAt)}, and its state ${iso(state.dueAt)}`)
  // One whose time has come is about to be moved by that.
  if (dueAt !== null && dueAt <= now) return null
  const advanced = structuredClone(state)
  const effects = advanceSchedule(inHand({ ...row, state: advanced }, now))
  if (effects.length > 0 || advanced.dueAt !== dueAt)
    return stopped(scheduleId, `it is due at ${iso(dueAt)}, and by its times at ${iso(advanced.dueAt)}`)
  if (dueAt === null || memory.deadlines.at(dueKey({ kind: 'schedule', scheduleId })) === dueAt) return null
  const what = `schedules: ${scheduleId} is due at ${iso(dueAt)}, and not in the memory of the shard`
  return { code: 'not_armed', what, mend: [{ kind: 'advance_schedule', scheduleId }] }
}

function stopped(scheduleId: string, what: string): Flaw {
  return {
    code: 'schedule_differs',
    what: `schedules: of ${scheduleId}, ${what}`,
    mend: [{ kind: 'advance_schedule', scheduleId }],
  }
}

function iso(at: number | null): string {
  return at === null ? 'no time' : new Date(at).toISOString()
}

/** Between turns. Holders of other shards are theirs to know. */
export function keyFlaws({ sql, memory, address }: Shard): Flaw[] {
  return keyPlaces(sql).flatMap(({ taskQueue, concurrencyKey, place }) => {
    const { holder } = place
    if (holder.shard !== address.shard || memory.tasks.has(callKey(holder.runId, holder.seq))) return []
    return [staleKey(taskQueue, concurrencyKey, holder)]
  })
}

function staleKey(taskQueue: string, concurrencyKey: string, holder: ParentLink): Flaw {
  const { workflowId, runId, seq } = holder
  const what = `concurrency_keys: activity ${seq} has a place at a key of ${taskQueue}, and it is not pending`
  return {
    code: 'key_stale',
    workflowId,
    runId,
    what,
    mend: [{ kind: 'leave_line', taskQueue, concurrencyKey, holder }],
  }
}
