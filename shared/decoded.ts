/** What a shard says of a run, with its payloads and failures before the client's codec. */
import { decode, decodeFailure, decodeFields } from './codec.ts'
import type { Coding } from './codec.ts'
import type { HistoryEvent } from './core/events.ts'
import type { SerializedError } from './errors.ts'
import type { Payload } from './payload.ts'
import type { RunDescription, RunSummary } from './description.ts'

export async function decodedSummary<R extends RunSummary>(coding: Coding | null, run: R): Promise<R> {
  if (!coding) return run
  const [input, result, memo, error] = await Promise.all([
    decode(coding, run.input),
    decode(coding, run.result),
    decodeFields(coding, run.memo),
    run.error && decodeFailure(coding, run.error),
  ])
  return {
    ...run,
    memo,
    ...(input !== undefined && { input }),
    ...(result !== undefined && { result }),
    ...(error && { error }),
  }
}

export async function decodedRun(coding: Coding | null, run: RunDescription): Promise<RunDescription> {
  if (!coding) return run
  const pendingActivities = run.pendingActivities.map(async (pending) => {
    const { lastError } = pending
    return lastError ? { ...pending, lastError: await decodeFailure(coding, lastError) } : pending
  })
  return {
    ...(await decodedSummary(coding, run)),
    pendingActivities: await Promise.all(pendingActivities),
  }
}

const PAYLOADS = ['input', 'result', 'payload', 'args'] as const
const FAILURES = ['error', 'lastFailure'] as const

/** Whichever event it is. */
export async function decodedEvent<E extends HistoryEvent>(coding: Coding | null, event: E): Promise<E> {
  if (!coding) return event
  const decoded: Record<string, unknown> = { ...event }
  for (const field of PAYLOADS)
    if (field in event) decoded[field] = await decode(coding, decoded[field] as Payload) // those fields are payloads
  for (const field of FAILURES)
    if (decoded[field]) decoded[field] = await decodeFailure(coding, decoded[field] as SerializedError) // and those failures
  if ('memo' in event && event.memo) decoded['memo'] = await decodeFields(coding, event.memo)
  return decoded as E // the same fields
}
