/** What leaves workflow code, behind the codec before it is recorded. */
import { encode, encodeFailure, encodeFields, isBehind } from '../shared/codec.ts'
import type { Coding } from '../shared/codec.ts'
import type { Command } from '../shared/core/decide.ts'
import { WorkflowError } from '../shared/errors.ts'
import type { SerializedError } from '../shared/errors.ts'
import type { Payload } from '../shared/payload.ts'
import type { Shard } from './shard.ts'

export function encodedCommands(
  coding: Coding,
  workflowId: string,
  commands: readonly Command[],
): Promise<Command[]> {
  return Promise.all(commands.map((command) => encodedCommand(coding, workflowId, command)))
}

const PAYLOADS = ['input', 'result', 'payload'] as const

async function encodedCommand(coding: Coding, own: string, command: Command): Promise<Command> {
  // A message or a child's input is of the workflow that it is for.
  const workflowId = 'workflowId' in command ? command.workflowId : own
  const encoded: Record<string, unknown> = { ...command }
  for (const field of PAYLOADS)
    if (encoded[field] !== undefined)
      encoded[field] = await encode(coding, encoded[field] as Payload, { workflowId, field }) // those fields are payloads
  if ('error' in command)
    encoded['error'] = await encodeFailure(coding, encoded['error'] as SerializedError, own) // as named
  if ('memo' in command && command.memo)
    encoded['memo'] = await encodeFields(coding, command.memo, { workflowId, field: 'memo' })
  return encoded as Command // the same fields
}

/** Refuses what would lie here for everyone to read. */
export function requireEncoded(shard: Shard, payloads: Iterable<Payload>): void {
  if (!shard.workshop.coding) return
  for (const payload of payloads) {
    if (isBehind(payload)) continue
    const message = 'this scheduler has a codec: give the same one to its clients and activity Workers'
    throw new WorkflowError('not_configured', message, { path: 'codec' })
  }
}
