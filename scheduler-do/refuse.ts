/** A coded error met while serving a request, as the value that crosses RPC. Anything else is a defect and is thrown. */
import { serializeError } from '../shared/core/failure.ts'
import { WorkflowError } from '../shared/errors.ts'
import { PROTOCOL_VERSION } from '../shared/protocol.ts'
import type { Refusal } from '../shared/protocol.ts'

export function refusalOf(error: unknown): Refusal {
  if (!(error instanceof WorkflowError)) throw error
  const { code, message, path, retryAfterMs } = error
  const facts = { ...(path !== undefined && { path }), ...(retryAfterMs !== undefined && { retryAfterMs }) }
  return {
    ok: false,
    code,
    message,
    error: serializeError(error),
    ...(Object.keys(facts).length > 0 && { facts }),
  }
}

/** Releases next to each other serve each other; anything further apart is refused. Who says no version speaks this one. */
export function versionRefusal({ v = PROTOCOL_VERSION }: { v?: number }): Refusal | null {
  if (Math.abs(v - PROTOCOL_VERSION) <= 1) return null
  const message = `protocol version ${v} is not served by version ${PROTOCOL_VERSION}: deploy adjacent releases`
  return { ok: false, code: 'protocol_mismatch', message, facts: { version: PROTOCOL_VERSION } }
}
