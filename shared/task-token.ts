/**
 * Task tokens: what whoever finishes an activity elsewhere holds. A token says whose attempt it is, in the open, and is
 * signed by the scheduler Worker, whose keys nobody else has: `<body>.<signature>`, both base64url.
 */
import { fromBase64, toBase64 } from './base64.ts'
import type { AttemptOutcome } from './core/inputs.ts'
import { invalid } from './names.ts'
import type { Payload } from './payload.ts'
import type { ShardAddress } from './protocol.ts'

export interface TaskTokenBody {
  readonly to: ShardAddress
  readonly runId: string
  readonly seq: number
  readonly attempt: number
  /** Who held the attempt when the token was made. */
  readonly claimId: string
}

/** What somebody elsewhere says of an attempt, by its token. Refused with `stale_task` once the attempt has ended. */
export interface ReportRequest {
  to: ShardAddress
  taskToken: string
  /** How it ended; absent: it goes on. */
  outcome?: AttemptOutcome
  /** Of a heartbeat. */
  details?: Payload
}

export function taskTokenBody({ to, runId, seq, attempt, claimId }: TaskTokenBody): string {
  const fields = [to.namespace, to.shard, to.shards, runId, seq, attempt, claimId]
  return base64url(new TextEncoder().encode(JSON.stringify(fields)))
}

export function taskTokenOf(body: string, signature: Uint8Array): string {
  return `${body}.${base64url(signature)}`
}

/** What a token says, and what it was signed with. Throws for what no token looks like. */
export function readTaskToken(token: string): TaskTokenBody & { body: string; signature: Uint8Array } {
  try {
    const [body = '', signature = '', ...rest] = token.split('.')
    const fields: unknown = JSON.parse(new TextDecoder().decode(bytesOf(body)))
    const signed = bytesOf(signature)
    // Several texts are base64 of the same bytes; one of them is the token's.
    if (rest.length === 0 && base64url(signed) === signature && isBody(fields)) {
      const [namespace, shard, shards, runId, seq, attempt, claimId] = fields
      const to = { namespace, shard, shards }
      return { to, runId, seq, attempt, claimId, body, signature: signed }
    }
  } catch {
    // Not base64, or not JSON: as bad as any other text.
  }
  throw invalid('taskToken', 'what ctx.taskToken gave', token)
}

type Fields = [string, number, number, string, number, number, string]
const KINDS = ['string', 'number', 'number', 'string', 'number', 'number', 'string']

function isBody(fields: unknown): fields is Fields {
  return (
    Array.isArray(fields) &&
    fields.length === KINDS.length &&
    fields.every((field, place) => typeof field === KINDS[place])
  )
}

function base64url(bytes: Uint8Array): string {
  return toBase64(bytes).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '')
}

function bytesOf(text: string): Uint8Array {
  return new Uint8Array(fromBase64(text.replaceAll('-', '+').replaceAll('_', '/')))
}
