/** A consumer by hand: it claims, renews and settles as an activity Worker does, or dies in between. */
import { shardOf } from '../../shared/shard.ts'
import { PROTOCOL_VERSION } from '../../shared/protocol.ts'
import type {
  ActivityTaskMessage,
  ClaimReply,
  RenewReply,
  Reply,
  SettleReply,
  SettleRequest,
  ShardAddress,
  ShardApi,
} from '../../shared/protocol.ts'
import type { Payload } from '../../shared/payload.ts'
import { SHARDS, world } from './world.ts'

const scheduler = world.WORKFLOWS as unknown as ShardApi // the entrypoint has the verbs of a shard

interface Run {
  readonly workflowId: string
  readonly runId: string
}

export interface Attempt {
  readonly run: Run
  readonly seq: number
  readonly attempt: number
}

/** Who claims: one delivery of one batch. */
export interface Holder {
  readonly claimId: string
  readonly deliveries: number
}

export function holder(deliveries = 1): Holder {
  return { claimId: crypto.randomUUID(), deliveries }
}

export async function claim(
  { run, seq, attempt }: Attempt,
  { claimId, deliveries }: Holder,
): Promise<ClaimReply> {
  const task = { runId: run.runId, seq, attempt, deliveries, needInput: true }
  return onlyOf(await scheduler.claim({ ...headTo(run), claimId, tasks: [task] }))
}

export async function renew(
  { run, seq, attempt }: Attempt,
  { claimId }: Holder,
  details?: Payload,
): Promise<RenewReply> {
  const heartbeat = details === undefined ? {} : { heartbeat: { details } }
  const task = { runId: run.runId, seq, attempt, ...heartbeat }
  return onlyOf(await scheduler.renew({ ...headTo(run), claimId, tasks: [task] }))
}

export async function settle(
  { run, seq, attempt }: Attempt,
  { claimId }: Holder,
  outcome: SettleRequest['tasks'][number]['outcome'],
): Promise<SettleReply> {
  const task = { runId: run.runId, seq, attempt, outcome }
  return onlyOf(await scheduler.settle({ ...headTo(run), claimId, tasks: [task] }))
}

/** The message that the scheduler sends for an attempt. */
export function messageOf(
  { run, seq, attempt }: Attempt,
  activityType: string,
  input?: Payload,
): ActivityTaskMessage {
  const { workflowId, runId } = run
  const withInput = { hasInput: input !== undefined, ...(input !== undefined && { input }) }
  return { ...headTo(run), workflowId, runId, seq, attempt, activityType, ...withInput }
}

function headTo({ workflowId }: Run): { v: number; to: ShardAddress } {
  const to = { namespace: 'default', shard: shardOf(workflowId, SHARDS), shards: SHARDS }
  return { v: PROTOCOL_VERSION, to }
}

function onlyOf<T>(reply: Reply<T[]>): T {
  const [only] = reply.ok ? reply.value : []
  if (only === undefined) throw new Error(`no reply for the one task: ${JSON.stringify(reply)}`)
  return only
}
