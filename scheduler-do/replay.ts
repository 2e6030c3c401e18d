/**
 * A run's history against the code that is deployed, for whoever wants to know whether it still fits. The run is in any
 * tier, open or closed; it is replayed beside the turns and beside what is in memory of it, so that nothing of it changes.
 */
import type { Replayed } from '../shared/description.ts'
import type { Refusal, Reply, RunRequest } from '../shared/protocol.ts'
import { requestedRun } from './addressed.ts'
import { overloaded } from './admission.ts'
import { readWhole } from './archived.ts'
import { replayRun } from './live.ts'
import type { Loaded, Recorded } from './live.ts'
import { isFresh } from './lookup.ts'
import { isHopeless } from './quarantine.ts'
import type { Shard } from './shard.ts'
import { wholeHistory } from './store/history.ts'
import { runRow } from './store/runs.ts'
import type { RunRow } from './store/runs.ts'
import { notFound } from './target.ts'
import { historyOf } from './visibility.ts'

/** Of JSON. In memory it is thrice that, beside the runs that are there already. */
const MAX_BYTES = 16 * 1024 * 1024
/** Each holds a request, and is longest behind four histories. */
const MAX_WAITING = 4

export async function replay(shard: Shard, request: RunRequest): Promise<Reply<Replayed>> {
  const busy = shard.refusal('new')
  if (busy) return busy
  const row = await requestedRun(shard, request)
  if (!row) return notFound(request)
  const { runId, blocked } = row
  const { events, length } = historyOf(shard, row)
  if (blocked && isHopeless(blocked, shard.release))
    return { ok: true, value: { ok: false, runId, events, error: errorOf(blocked) } }
  if (length > MAX_BYTES) return tooLong(runId, length)
  const { rebuilds } = shard.payloads
  if (rebuilds.waiting >= MAX_WAITING) return overloaded('other histories are being replayed', 1_000)
  return { ok: true, value: await rebuilds.aside(runId, () => replayed(shard, row)) }
}

async function replayed(shard: Shard, row: RunRow): Promise<Replayed> {
  const { workflowId, runId } = row
  const history = await historyNow(shard, row)
  const loaded = await replayRun(
    shard.workshop,
    { workflowId, runId, callSites: row.completedAt === null },
    { ...history, fresh: isFresh(row, history), read: shard.payloads.mustRead },
  )
  return told(loaded, { runId, events: history.events.length })
}

/** What is in the hot tier is read in one go: it may leave it at an await. */
async function historyNow(shard: Shard, row: RunRow): Promise<Recorded> {
  const now = runRow(shard.sql, row.runId) ?? row
  if (now.tier === 'hot') return wholeHistory(shard.sql, row.runId)
  return { events: await readWhole(shard, now), length: now.historyBytes ?? 0 }
}

function told({ live, blocked, difference }: Loaded, of: { runId: string; events: number }): Replayed {
  if (!blocked) return { ok: true, ...of, waitsAt: live.coroutine.waitingFor().flatMap(({ at }) => at ?? []) }
  const failed = { ok: false, ...of, error: errorOf(blocked) } as const
  if (!difference) return failed
  const { eventId, expected, actual } = difference
  return { ...failed, eventId, expected, actual }
}

function errorOf({ code, reason }: { code: string; reason: string }): { code: string; message: string } {
  return { code, message: reason }
}

function tooLong(runId: string, length: number): Refusal {
  const message = `the history of run ${runId} has ${length} characters, more than a shard replays beside its work: replay it on a machine, by perdure replay`
  return { ok: false, code: 'history_limit', message }
}
