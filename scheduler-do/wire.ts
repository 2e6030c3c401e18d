/** The bodies that the HTTP API takes: what one must be and is not is refused with its path; fields it need not have are left out. */
import type { AttemptOutcome } from '../shared/core/inputs.ts'
import { WorkflowError } from '../shared/errors.ts'
import type { SerializedError } from '../shared/errors.ts'
import { MAX_NAME_LENGTH } from '../shared/names.ts'
import type { Payload } from '../shared/payload.ts'
import type { RenewRequest, SettleRequest, TaskKey } from '../shared/protocol.ts'
import type { Poll } from '../shared/pull.ts'

export function readPoll(body: unknown): Poll {
  const { namespace, claimId, poller, limit, waitMs, again } = fieldsOf(body, 'body')
  return {
    ...(namespace !== undefined && { namespace: text(namespace, 'body.namespace') }),
    claimId: text(claimId, 'body.claimId'),
    poller: text(poller, 'body.poller'),
    limit: whole(limit, 'body.limit', { most: MAX_TASKS }),
    waitMs: whole(waitMs, 'body.waitMs', { most: MAX_WAIT_MS }),
    ...(again === true && { again }),
  }
}

export function readRenew(body: unknown): RenewRequest {
  return readTasks(body, (task, path) => ({ ...readKey(task, path), ...readHeartbeat(task, path) }))
}

export function readSettle(body: unknown): SettleRequest {
  return readTasks(body, (task, path) => ({
    ...readKey(task, path),
    ...readHeartbeat(task, path),
    outcome: readOutcome(task['outcome'], `${path}.outcome`),
  }))
}

const MAX_TASKS = 1_000
const MAX_WAIT_MS = 20_000
const MAX_DEPTH = 100

type Fields = Record<string, unknown>

function readTasks<T>(body: unknown, read: (task: Fields, path: string) => T) {
  const { v, to, claimId, tasks } = fieldsOf(body, 'body')
  const { namespace, shard, shards } = fieldsOf(to, 'body.to')
  if (!Array.isArray(tasks) || tasks.length > MAX_TASKS)
    throw refused('body.tasks', `a list of at most ${MAX_TASKS}`)
  return {
    v: whole(v, 'body.v', { least: 1 }),
    to: {
      namespace: text(namespace, 'body.to.namespace'),
      shard: whole(shard, 'body.to.shard'),
      shards: whole(shards, 'body.to.shards', { least: 1 }),
    },
    claimId: text(claimId, 'body.claimId'),
    tasks: tasks.map((task, place) => read(fieldsOf(task, `body.tasks.${place}`), `body.tasks.${place}`)),
  }
}

function readKey({ runId, seq, attempt }: Fields, path: string): TaskKey {
  return {
    runId: text(runId, `${path}.runId`),
    seq: whole(seq, `${path}.seq`, { least: 1 }),
    attempt: whole(attempt, `${path}.attempt`, { least: 1 }),
  }
}

function readHeartbeat({ heartbeat }: Fields, path: string): { heartbeat?: { details?: Payload } } {
  if (heartbeat === undefined) return {}
  const { details } = fieldsOf(heartbeat, `${path}.heartbeat`)
  return {
    heartbeat: details === undefined ? {} : { details: payload(details, `${path}.heartbeat.details`) },
  }
}

function readOutcome(outcome: unknown, path: string): AttemptOutcome {
  const { kind, result, error } = fieldsOf(outcome, path)
  switch (kind) {
    case 'completed':
      return { kind, ...(result !== undefined && { result: payload(result, `${path}.result`) }) }
    case 'failed':
      return { kind, error: failure(error, `${path}.error`) }
    case 'cancelled':
    case 'given_back':
    case 'handed_over':
      return { kind }
    default:
      throw refused(`${path}.kind`, 'completed, failed, cancelled, given_back or handed_over')
  }
}

function failure(error: unknown, path: string): SerializedError {
  const fields = fieldsOf(payload(error, path), path)
  const { name, message, code } = fields
  if ([name, message, code].every((field) => typeof field === 'string'))
    return fields as unknown as SerializedError // what makes one is there; the rest is carried
  throw refused(path, 'an error with name, message and code')
}

/** Encoded, as it is stored. */
function payload(value: unknown, path: string): Payload {
  let level: unknown[] = [value]
  for (let depth = 0; level.length > 0; depth += 1) {
    if (depth > MAX_DEPTH) throw refused(path, `nested ${MAX_DEPTH} deep at most`)
    level = level.flatMap((one) => (typeof one === 'object' && one !== null ? Object.values(one) : []))
  }
  return value as Payload // JSON, as it came
}

function fieldsOf(value: unknown, path: string): Fields {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return { ...value }
  throw refused(path, 'an object')
}

function text(value: unknown, path: string): string {
  if (typeof value === 'string' && value !== '' && value.length <= MAX_NAME_LENGTH) return value
  throw refused(path, `text of 1 to ${MAX_NAME_LENGTH} characters`)
}

function whole(value: unknown, path: string, { least = 0, most = Infinity } = {}): number {
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= least && value <= most)
    return value
  throw refused(path, `a whole number from ${least}${most < Infinity ? ` to ${most}` : ''}`)
}

function refused(path: string, expected: string): WorkflowError {
  return new WorkflowError('invalid_argument', `${path} must be ${expected}`, { path })
}
