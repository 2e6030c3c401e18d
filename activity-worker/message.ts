/**
 * What comes off a queue. Anybody with the queue's binding can put anything there, and the platform delivers it again
 * until it is acknowledged: a message is trusted only after this file.
 */
import type { ActivityTaskMessage } from '../shared/protocol.ts'
import { PROTOCOL_VERSION } from '../shared/protocol.ts'

/** The platform's `Message`, as far as it is used. */
export interface QueueMessage {
  readonly id: string
  readonly body: unknown
  /** Deliveries so far, from 1. */
  readonly attempts: number
  ack(): void
  retry(options?: { delaySeconds?: number }): void
}

/** The platform's `MessageBatch`, as far as it is used. */
export interface QueueBatch {
  readonly queue: string
  readonly messages: readonly QueueMessage[]
}

type Reading =
  /** One at least. */
  | { kind: 'tasks'; tasks: readonly ActivityTaskMessage[] }
  | { kind: 'malformed'; path: string }
  /** From a release that is not next to ours: another consumer may serve it. */
  | { kind: 'foreign_version'; v: number }

export function readMessage(body: unknown): Reading {
  if (!isRecord(body)) return { kind: 'malformed', path: 'message' }
  const { v } = body
  if (!isWhole(v, 0)) return { kind: 'malformed', path: 'message.v' }
  // The fields of a distant release are not ours to judge.
  if (Math.abs(v - PROTOCOL_VERSION) > 1) return { kind: 'foreign_version', v }
  const { to, more = [] } = body
  const tasks = [body, ...[more].flat().map((one) => ({ ...Object(one), v, to }))]
  for (const field of tasks.map(wrongField)) if (field) return { kind: 'malformed', path: `message.${field}` }
  return { kind: 'tasks', tasks: tasks as ActivityTaskMessage[] } // no field of any is wrong
}

/** Every message is looked at: nothing is made for one that is sound. */
function wrongField(body: Record<string, unknown>): string | undefined {
  const { to } = body
  if (!isRecord(to)) return 'to'
  const { namespace, shard, shards } = to
  if (!isText(namespace)) return 'to.namespace'
  if (!isWhole(shards, 1)) return 'to.shards'
  if (!isWhole(shard, 0) || shard >= shards) return 'to.shard'
  if (!isText(body['workflowId'])) return 'workflowId'
  if (!isText(body['runId'])) return 'runId'
  if (!isWhole(body['seq'], 1)) return 'seq'
  if (!isWhole(body['attempt'], 1)) return 'attempt'
  if (!isText(body['activityType'])) return 'activityType'
  return typeof body['hasInput'] === 'boolean' ? undefined : 'hasInput'
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== ''
}

function isWhole(value: unknown, least: number): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= least
}
