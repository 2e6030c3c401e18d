/** What other Workers answer, and what their errors say of themselves. */
import { WorkflowError } from '../shared/errors.ts'
import type { Reply } from '../shared/protocol.ts'

/** The value of a reply; a refusal is thrown. */
export function valueOf<T>(reply: Reply<T>): T {
  if (reply.ok) return reply.value
  throw new WorkflowError(reply.code, reply.message)
}

/** RPC keeps the properties of an error but not its class. */
export function errorFacts(error: unknown): Record<string, unknown> {
  const { name, code, fault }: { name?: unknown; code?: unknown; fault?: unknown } =
    typeof error === 'object' && error !== null ? error : {}
  const message = error instanceof Error ? error.message : String(error)
  return { code: code ?? 'internal', fault, name, message }
}
