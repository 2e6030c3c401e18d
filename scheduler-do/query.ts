/** Queries: answered from the workflow's variables, in whatever tier the run is. Nothing is recorded. */
import { encode } from '../shared/codec.ts'
import { serializeError } from '../shared/core/failure.ts'
import { WorkflowError } from '../shared/errors.ts'
import { largeBytes, tooLarge } from '../shared/payload.ts'
import type { Payload } from '../shared/payload.ts'
import type { QueryRequest, Reply } from '../shared/protocol.ts'
import { readWhole } from './archived.ts'
import { arriving, moved } from './arrive.ts'
import { revealPayload, seenPayload } from './contents.ts'
import { replayRun } from './live.ts'
import type { LiveRun, Loaded } from './live.ts'
import { loadRun } from './lookup.ts'
import type { Shard } from './shard.ts'
import { runRow } from './store/runs.ts'
import type { RunRow } from './store/runs.ts'
import { notFound } from './target.ts'
import { requestedRun } from './addressed.ts'

export async function query(shard: Shard, request: QueryRequest): Promise<Reply<Payload>> {
  const busy = shard.refusal('new')
  if (busy) return busy
  const row = await requestedRun(shard, request)
  if (!row) return notFound(request)
  const elsewhere = request.args.map((arg) => moved(arg, row.runId)).find((refusal) => refusal !== null)
  if (elsewhere) return elsewhere
  const { coding } = shard.workshop
  const answer = await arriving(shard, request.args, async () => {
    if (coding) for (const arg of request.args) await revealPayload(coding, arg)
    return await withRun(shard, row, (loaded) => answered(row, loaded, request))
  })
  // Only when the arguments have been let go of: both count to the bytes that may be in memory.
  if (!answer.ok) return answer
  const encoded = await encode(coding, answer.value, { workflowId: row.workflowId, field: 'result' })
  return { ok: true, value: await readable(shard, row.runId, encoded) }
}

/** How long a caller waits for R2. */
const PATIENCE_MS = 10_000

/** `use` of the run between turns, when memory equals what is committed. Where its replay needs R2, no turn waits for it. */
async function withRun<T>(shard: Shard, row: RunRow, use: (loaded: Loaded | null) => T): Promise<T> {
  const { runId } = row
  if (row.tier !== 'hot') return use(await archivedRun(shard, row))
  const now = await shard.read(async () => {
    // It may have left the hot tier since its row was read.
    if (runRow(shard.sql, runId)?.tier !== 'hot') return { left: true } as const
    const loaded = await loadRun(shard, runId)
    return loaded?.awaits ? null : { left: false, value: use(loaded) }
  })
  if (now?.left === false) return now.value
  if (now?.left) return await withLeft(shard, row, use)
  const loaded = await shard.payloads.rebuilds.of(runId, PATIENCE_MS)
  return await shard.read(async () => use(loaded))
}

async function withLeft<T>(shard: Shard, row: RunRow, use: (loaded: Loaded | null) => T): Promise<T> {
  const { workflowId, runId } = row
  const now = await requestedRun(shard, { to: shard.address, workflowId, runId })
  return use(now && now.tier !== 'hot' ? await archivedRun(shard, now) : null)
}

async function archivedRun(shard: Shard, row: RunRow): Promise<Loaded> {
  const events = await readWhole(shard, row)
  return await replayRun(shard.workshop, row, {
    events,
    length: 0,
    fresh: false,
    read: shard.payloads.mustRead,
  })
}

function answered(row: RunRow, loaded: Loaded | null, request: QueryRequest): Reply<Payload> {
  if (loaded && !loaded.blocked) return answerQuery(loaded.live, request)
  const why = loaded?.blocked?.reason ?? 'its history cannot be read'
  return { ok: false, code: 'blocked', message: `workflow ${row.workflowId} cannot answer: ${why}` }
}

function answerQuery(live: LiveRun, { name, args }: QueryRequest): Reply<Payload> {
  try {
    return { ok: true, value: live.coroutine.queries.answer(name, args.map(seenPayload)) }
  } catch (error) {
    const serialized = serializeError(error)
    const known = live.coroutine.queries.known
    const code = error instanceof WorkflowError ? error.code : 'application_error'
    return { ok: false, code, message: serialized.message, facts: { known }, error: serialized }
  }
}

/** The answer as the caller can read it: where it is large, an object of the run, which goes when the run does. */
async function readable(shard: Shard, runId: string, answer: Payload): Promise<Payload> {
  const size = largeBytes(answer, 'result')
  if (size === 0 || answer === undefined) {
    if (await shard.payloads.stored(answer, PATIENCE_MS)) return answer
    throw new WorkflowError('overloaded', 'the answer is on its way to R2: ask again')
  }
  if (shard.config.bucket) return await shard.payloads.put(runId, answer)
  throw tooLarge(
    'result',
    `is ${size} bytes as JSON, and the scheduler has no binding ARCHIVE for its object`,
  )
}
