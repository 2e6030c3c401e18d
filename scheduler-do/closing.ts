/** How a closed run answers whoever asks for its result. */
import type { ClosedStatus } from '../shared/core/events.ts'
import { failureOf, nextRunOf } from '../shared/core/closing.ts'
import type { ClosingEvent } from '../shared/core/closing.ts'
import { serializeError } from '../shared/core/failure.ts'
import { WorkflowError } from '../shared/errors.ts'
import type { SerializedError } from '../shared/errors.ts'
import type { Payload } from '../shared/payload.ts'
import type { ResultReply } from '../shared/protocol.ts'

export function resultReply(
  runId: string,
  closed: {
    status: ClosedStatus
    result: Payload
    error: SerializedError | undefined
    nextRunId: string | undefined
  },
): ResultReply {
  const { status, result, error, nextRunId } = closed
  const next = nextRunId === undefined ? {} : { nextRunId }
  if (status === 'completed') return { status, runId, ...(result !== undefined && { result }) }
  if (status === 'continued_as_new')
    return { status, runId, error: serializeError(continued(nextRunId)), ...next }
  const lost = new WorkflowError('internal', `the run ended as ${status} and left no error`)
  return { status, runId, error: error ?? serializeError(lost), ...next }
}

/** What a caller hears who asks for one run alone. */
function continued(nextRunId: string | undefined): WorkflowError {
  return new WorkflowError(
    'continued_as_new',
    `the run went on as run ${nextRunId}: it has no result of its own`,
  )
}

/** The same, from the event that closed the run. */
export function resultOf(
  runId: string,
  { event, status }: { event: ClosingEvent; status: ClosedStatus },
): ResultReply {
  const result = 'result' in event ? event.result : undefined
  return resultReply(runId, { status, result, error: failureOf(event), nextRunId: nextRunOf(event) })
}
