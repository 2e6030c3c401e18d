/** The scheduler, as one batch sees it: coalesced lines to its shards. */
import type { Host } from '../shared/chance.ts'
import { isPassing } from '../shared/passing.ts'
import { WorkflowError } from '../shared/errors.ts'
import type {
  ClaimReply,
  ClaimRequest,
  Reply,
  SettleReply,
  SettleRequest,
  ShardAddress,
  ShardApi,
  TaskKey,
} from '../shared/protocol.ts'
import { PROTOCOL_VERSION } from '../shared/protocol.ts'
import { parcels } from '../shared/parcels.ts'
import { patiently } from '../shared/patience.ts'
import { refusalError } from '../shared/refusal.ts'
import type { Time } from '../shared/time.ts'
import { coalesce, MOST_TOGETHER } from './coalesce.ts'
import { Renewals } from './heartbeat.ts'
import { Timers } from './timers.ts'

/** What a consumer asks of the scheduler; its `WorkflowService` entrypoint implements it. */
export type SchedulerRpc = Pick<ShardApi, 'claim' | 'renew' | 'settle' | 'undeliverable'>

/** With what decides when something that failed is tried again. */
export interface SchedulerLine extends Host {
  readonly scheduler: SchedulerRpc
}

export interface ShardLine extends AttemptLine {
  claim(task: ClaimRequest['tasks'][number]): Promise<ClaimReply>
}

export interface AttemptLine {
  settle(task: SettleRequest['tasks'][number]): Promise<SettleReply>
  readonly renewals: Renewals
  /** Of its attempts. */
  readonly time: Time
}

/** The binding `WORKFLOWS`, or the error that says how to add it. */
export function schedulerIn(env: unknown): SchedulerRpc {
  const binding: unknown = typeof env === 'object' && env !== null ? Reflect.get(env, 'WORKFLOWS') : undefined
  if (isScheduler(binding)) return binding
  throw new WorkflowError('not_configured', HOW_TO_BIND, { path: 'env.WORKFLOWS' })
}

/** `claimId` names the delivered batch: it holds what is claimed over this line. */
export function shardLine(line: SchedulerLine, to: ShardAddress, claimId: string): ShardLine {
  const head = { v: PROTOCOL_VERSION, to, claimId }
  return {
    ...attemptLine(line, to, claimId),
    claim: coalesce((tasks) => ask(() => line.scheduler.claim({ ...head, tasks }), line)),
  }
}

/** For what `claimId` holds already. */
export function attemptLine(
  { scheduler, ...host }: Host & { scheduler: Pick<SchedulerRpc, 'renew' | 'settle'> },
  to: ShardAddress,
  claimId: string,
): AttemptLine {
  const head = { v: PROTOCOL_VERSION, to, claimId }
  const time = new Timers(host.time)
  return {
    time,
    settle: coalesce((tasks) => ask(() => scheduler.settle({ ...head, tasks }), host)),
    // Not repeated at once: the next renewal is itself the next try.
    renewals: new Renewals(
      (all) => inParts(all, async (tasks) => valueOf(await scheduler.renew({ ...head, tasks }))),
      time,
    ),
  }
}

/** These attempts ended in the dead-letter queue. */
export async function reportUndeliverable(
  line: SchedulerLine,
  to: ShardAddress,
  tasks: TaskKey[],
): Promise<void> {
  await inParts(tasks, async (some) => {
    await ask(() => line.scheduler.undeliverable({ v: PROTOCOL_VERSION, to, tasks: some }), line)
    return []
  })
}

const HOW_TO_BIND = `the activity Worker has no binding WORKFLOWS to the scheduler. Add to its wrangler.toml:

[[services]]
binding = "WORKFLOWS"
service = "perdure-scheduler"   # the name in the scheduler's own wrangler.toml
entrypoint = "WorkflowService"
`

/** A stub answers to every name; whether the other side does shows when it is called. */
function isScheduler(binding: unknown): binding is SchedulerRpc {
  return (typeof binding === 'object' && binding !== null) || typeof binding === 'function'
}

/** About ten seconds: shorter than the silence after which a claim may be taken over. */
const PATIENCE = { retries: 5, minTimeout: 100, factor: 3, maxTimeout: 4_000, randomize: true }

/** Every verb may be repeated: a claim names its holder, a settlement its attempt. */
async function ask<T>(call: () => Promise<Reply<T>>, host: Host): Promise<T> {
  const patience = { ...PATIENCE, shouldRetry: ({ error }: { error: Error }) => isPassing(error) }
  return await patiently(async () => valueOf(await call()), patience, host)
}

/** So many at a time as a call carries; the answers of all. */
async function inParts<Item, Answer>(
  all: readonly Item[],
  send: (items: Item[]) => Promise<readonly Answer[]>,
): Promise<Answer[]> {
  const answers: Answer[] = []
  for (const items of parcels(all, MOST_TOGETHER, () => 0)) answers.push(...(await send(items)))
  return answers
}

function valueOf<T>(reply: Reply<T>): T {
  if (reply.ok) return reply.value
  throw refusalError(reply)
}
