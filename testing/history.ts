/** One recorded history against the code of today. */
import { codingOf } from '../shared/codec.ts'
import type { CodecOptions, Coding } from '../shared/codec.ts'
import { payloadOf } from '../shared/core/events.ts'
import { workflowOf } from '../shared/define.ts'
import { encodedOf } from '../shared/encoded.ts'
import { NonDeterminismError, WorkflowError } from '../shared/errors.ts'
import type { Reference } from '../shared/reference.ts'
import { Coroutine } from '../shared/replay/coroutine.ts'
import type { AnyWorkflow } from '../shared/replay/coroutine.ts'
import { replay } from '../shared/replay/replay.ts'
import { seer } from '../shared/seen.ts'
import { drain, world } from './platform.ts'
import { recordedRun } from './source.ts'
import type { HistorySource, RecordedRun } from './source.ts'

/**
 * Resolves when the code asks for exactly what the history recorded, whatever became of the run: ended in any way, or
 * still under way. Rejects with `NonDeterminismError` at the first difference. Only the code of the workflow itself
 * runs: no timer fires, no step and no activity is run.
 *
 * `await replayHistory(order, await readFile('order-1.jsonl', 'utf8'))`,
 * `await replayHistory(order, client.getHandle('order-1'))`
 */
export async function replayHistory(
  workflow: AnyWorkflow,
  history: HistorySource,
  options: Pick<CodecOptions, 'codec'> = {},
): Promise<void> {
  workflowOf(workflow) // refuses what is no definition
  const recorded = await recordedRun(history)
  const { workflowType } = recorded.started
  if (workflowType !== workflow.name) throw otherWorkflow(workflowType, workflow.name)
  const identity = { ...(recorded.run ?? NAMELESS), patches: new Set<string>() }
  const coroutine = new Coroutine(workflow, identity, world)
  try {
    await replay(coroutine, recorded.events, {
      drain,
      complete: recorded.complete,
      see: shown(codingOf(options)),
    })
  } catch (error) {
    throw error instanceof NonDeterminismError ? explained(error, recorded) : error
  }
}

/** Events as the code sees them; refused where that is not in the history. */
function shown(coding: Coding | null): ReturnType<typeof seer> {
  const see = seer(coding, elsewhere)
  return (event) => {
    if (coding || !encodedOf(payloadOf(event))) return see(event)
    const message = 'the payloads of the history are behind a codec: give replayHistory the same one'
    return Promise.reject(new WorkflowError('not_configured', message, { path: 'codec' }))
  }
}

/** What a run is shown of a large payload lies in R2, under its key: a history alone cannot replay it. */
function elsewhere({ key, size }: Reference): Promise<never> {
  const message = `the history has no more than the key of a payload of ${size} bytes that the code was shown, ${key}: the scheduler replays such a run where its payloads lie (POST /api/v1/workflows/{workflowId}/replay)`
  return Promise.reject(new WorkflowError('payload_too_large', message, { path: 'history' }))
}

const NAMELESS = { workflowId: 'unknown', runId: 'unknown' }

function otherWorkflow(recorded: string, given: string): NonDeterminismError {
  return new NonDeterminismError(1, {
    expected: `workflow_started ${recorded}`,
    actual: `workflow_started ${given}`,
    message: `the history is of workflow ${recorded}, the code of workflow ${given}: a run stays with the name it was started by`,
  })
}

/** Random numbers and the ids of children come from the ids of the run: without them a difference may be none. */
function explained(error: NonDeterminismError, { run }: RecordedRun): NonDeterminismError {
  if (run) return error
  const { eventId, expected, actual } = error
  const message = `${error.message}; the history does not name its run: the data of workflow_started has no workflowId and runId, so ids and random numbers made of them differ`
  return new NonDeterminismError(eventId, { expected, actual, message })
}
