/** The bodies that the HTTP API takes, as shapes: what one does not have is refused with its path. */
import * as z from 'zod/mini'
import type { SerializedError } from '../shared/errors.ts'
import { WorkflowError } from '../shared/errors.ts'
import { MAX_NAME_LENGTH } from '../shared/names.ts'
import type { Payload } from '../shared/payload.ts'
import type { RenewRequest, SettleRequest } from '../shared/protocol.ts'
import type { AskedHealth } from '../shared/health.ts'
import type { Poll } from '../shared/pull.ts'

export type Shape<T> = z.ZodMiniType<T>

/** `value` as the shape has it, unknown fields left out. */
export function checked<T>(shape: Shape<T>, value: unknown): T {
  const result = shape.safeParse(value)
  if (result.success) return result.data
  const issue = result.error.issues[0]
  const path = ['body', ...(issue?.path ?? [])].map(String).join('.')
  throw new WorkflowError('invalid_argument', `${path} is not what it must be (${issue?.code})`, { path })
}

const MAX_TASKS = 1_000
const MAX_DEPTH = 100

const name = z.string().check(z.minLength(1), z.maxLength(MAX_NAME_LENGTH))
const whole = (least: number, most = Number.MAX_SAFE_INTEGER) => z.int().check(z.gte(least), z.lte(most))
const address = z.object({ namespace: name, shard: whole(0), shards: whole(1) })
const key = { runId: name, seq: whole(1), attempt: whole(1) }
/** Encoded, as it is stored. */
const payload = z.custom<Payload>((value) => depthOf(value) <= MAX_DEPTH)
const heartbeat = z.exactOptional(z.object({ details: z.exactOptional(payload) }))
const error = z.custom<SerializedError>(
  (value) =>
    isRecord(value) &&
    [value['name'], value['message'], value['code']].every((field) => typeof field === 'string') &&
    depthOf(value) <= MAX_DEPTH,
)
const outcome = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('completed'), result: z.exactOptional(payload) }),
  z.object({ kind: z.literal('failed'), error }),
  z.object({ kind: z.literal('cancelled') }),
  z.object({ kind: z.literal('given_back') }),
  z.object({ kind: z.literal('handed_over') }),
])
const tasks = <T extends z.ZodMiniType>(task: T) => z.array(task).check(z.maxLength(MAX_TASKS))
const head = { v: whole(1), to: address, claimId: name }

export const pollBody: Shape<Poll> = z.object({
  namespace: z.exactOptional(name),
  claimId: name,
  poller: name,
  limit: whole(0, MAX_TASKS),
  waitMs: whole(0, 20_000),
  again: z.exactOptional(z.boolean()),
})
export const renewBody: Shape<RenewRequest> = z.object({
  ...head,
  tasks: tasks(z.object({ ...key, heartbeat })),
})
/** Of one shard; without a cursor, from its beginning. */
export const healthBody: Shape<AskedHealth> = z.object({
  namespace: z.exactOptional(name),
  shard: whole(0),
  cursor: z.exactOptional(z.string()),
  repair: z.exactOptional(z.boolean()),
})
export const settleBody: Shape<SettleRequest> = z.object({
  ...head,
  tasks: tasks(z.object({ ...key, outcome, heartbeat })),
})

function depthOf(value: unknown): number {
  let depth = 0
  let level: unknown[] = [value]
  while (level.length > 0 && depth <= MAX_DEPTH) {
    level = level.flatMap((one) => (typeof one === 'object' && one !== null ? Object.values(one) : []))
    depth += 1
  }
  return depth
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null
}
