/**
 * Trace context of runs and activities, derived from their ids: nothing is stored or sent for it, and whoever knows a run
 * knows its trace. In the form of W3C Trace Context.
 */
import murmurhash from 'murmurhash'
import { idHex } from './ids.ts'
import { invalid } from './names.ts'

/** The span of a run. Its trace is the run's id, a ULID, as 16 bytes: `00-0190f3c1...-5be1...-01`. */
export function traceparent(runId: string): string {
  return contextOf(runId, runId)
}

/** The span of one attempt of an activity or a step; `seq` numbers the calls of a run. */
export function attemptTraceparent(runId: string, seq: number, attempt: number): string {
  return contextOf(runId, `${runId}/${seq}/${attempt}`)
}

/** What the span of an attempt is found by. */
export function attemptAttributes(
  { workflowId, runId, seq }: { workflowId: string; runId: string; seq: number },
  attempt: number,
): Record<string, string | number> {
  return {
    'perdure.workflow_id': workflowId,
    'perdure.run_id': runId,
    'perdure.attempt': attempt,
    'perdure.traceparent': attemptTraceparent(runId, seq, attempt),
  }
}

const TRACEPARENT = /^(?!ff)[\da-f]{2}-(?!0{32})[\da-f]{32}-(?!0{16})[\da-f]{16}-[\da-f]{2}$/

export function checkedTraceparent(value: unknown): string {
  if (typeof value === 'string' && TRACEPARENT.test(value)) return value
  throw invalid('traceparent', 'a W3C traceparent: 00-<32 hex digits>-<16 hex digits>-<2 hex digits>', value)
}

function contextOf(runId: string, span: string): string {
  return `00-${idHex(runId)}-${hex(murmurhash.v3(span, 0), 8)}${hex(murmurhash.v3(span, 1), 8)}-01`
}

function hex(value: number, digits: number): string {
  return value.toString(16).padStart(digits, '0')
}
