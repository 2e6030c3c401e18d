/** A coded error met while serving a request, as the value that crosses RPC. Anything else is a defect and is thrown. */
import { serializeError } from '../shared/core/failure.ts'
import { WorkflowError } from '../shared/errors.ts'
import type { Refusal } from '../shared/protocol.ts'

export function refusalOf(error: unknown): Refusal {
  if (!(error instanceof WorkflowError)) throw error
  const { code, message, path } = error
  const serialized = serializeError(error)
  return { ok: false, code, message, error: serialized, ...(path !== undefined && { facts: { path } }) }
}
