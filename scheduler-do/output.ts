/** What workflow code sends that is too large to travel inline: a reference in the event, and rows beside it. */
import type { Command } from '../shared/core/decide.ts'
import { serializeError } from '../shared/core/failure.ts'
import type { Input } from '../shared/core/inputs.ts'
import { WorkflowError } from '../shared/errors.ts'
import type { SerializedError } from '../shared/errors.ts'
import { payloadContent } from '../shared/bucket.ts'
import { largeBytes, tooLarge } from '../shared/payload.ts'
import type { Payload } from '../shared/payload.ts'
import { referenceTo } from '../shared/reference.ts'
import type { Turn } from './turn.ts'

export interface Outputs {
  readonly commands: Command[]
  /** Per call that cannot be made, how it ends instead: recorded, so that a replay with a bucket repeats it. */
  readonly refused: ReadonlyMap<number, Input>
}

/** The commands with references where their payloads are large. */
export function storeOutputs(turn: Turn, runId: string, commands: readonly Command[]): Outputs {
  const refused = new Map<number, Input>()
  const stored = commands.map((command) => {
    try {
      return withStored(command, (payload, path) => storeOutput(turn, runId, { payload, path }))
    } catch (error) {
      if (!(error instanceof WorkflowError)) throw error
      const failure = serializeError(error)
      if (command.type === 'workflow_completed' || command.type === 'workflow_continued_as_new')
        return { type: 'workflow_failed', error: failure } as const
      if (command.type === 'update_completed')
        return { type: 'update_failed', updateId: command.updateId, error: failure } as const
      if ('seq' in command) refused.set(command.seq, refusedCall(command, failure))
      return withStored(command, () => undefined)
    }
  })
  return { commands: stored, refused }
}

/** The payload as it is recorded; its rows are the turn's. Throws `payload_too_large` where there is no bucket. */
export function storeOutput(
  turn: Turn,
  runId: string,
  { payload, path }: { payload: Payload; path: string },
): Payload {
  const size = largeBytes(payload, path)
  if (size === 0 || payload === undefined) return payload
  const { objects } = turn.world
  if (!objects) {
    const problem = `is ${size} bytes as JSON, and above 128 KiB it must be an R2 object: the scheduler has no binding ARCHIVE`
    throw tooLarge(path, problem)
  }
  const content = payloadContent(payload)
  const sha256 = objects.sha256(content)
  const stands = referenceTo(objects.owner(runId), { sha256, size })
  turn.changes.payloads.push({ runId, sha256, content })
  return stands
}

type Store = (payload: Payload, path: string) => Payload

function withStored(command: Command, store: Store): Command {
  switch (command.type) {
    case 'activity_scheduled':
      return { ...command, ...field('input', command.input, store) }
    case 'child_requested':
      return { ...command, ...field('input', command.input, store) }
    case 'workflow_continued_as_new':
      return { ...command, ...field('input', command.input, store) }
    case 'external_signal_requested':
      return { ...command, ...field('payload', command.payload, store) }
    case 'workflow_completed':
    case 'update_completed':
      return { ...command, ...field('result', command.result, store) }
    default:
      return command
  }
}

function field<K extends string>(key: K, payload: Payload, store: Store): { [key in K]?: Payload } {
  if (payload === undefined) return {}
  const stored = store(payload, key)
  return { [key]: stored } as { [key in K]?: Payload } // one computed key
}

function refusedCall(command: Extract<Command, { seq: number }>, error: SerializedError): Input {
  const { seq } = command
  if (command.type === 'child_requested') return { type: 'refuse_child', seq, error }
  if (command.type === 'external_signal_requested')
    return { type: 'resolve_external', seq, what: 'signal', error }
  return { type: 'resolve_activity', seq, attempt: 1, end: { kind: 'failed', error } }
}
