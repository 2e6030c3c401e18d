/** The scheduler as a consumer meets it: grants and accepts everything unless told otherwise, and keeps what it was asked. */
import type { Consumer } from '../../activity-worker/carry-out.ts'
import type { Interruption } from '../../activity-worker/interruption.ts'
import { log } from '../../activity-worker/log.ts'
import type { Claimed } from '../../activity-worker/run.ts'
import { Slots } from '../../activity-worker/slots.ts'
import type { SchedulerRpc } from '../../activity-worker/scheduler.ts'
import type { ActivityContext } from '../../shared/activity.ts'
import type { ActivityFunction } from '../../shared/define.ts'
import type {
  ActivityTaskMessage,
  ClaimReply,
  ClaimRequest,
  RenewReply,
  RenewRequest,
  Reply,
  SettleReply,
  SettleRequest,
  UndeliverableRequest,
} from '../../shared/protocol.ts'
import { realChance } from '../../shared/chance.ts'
import { realTime } from '../../shared/time.ts'

export type Granted = Extract<ClaimReply, { ok: true }>

export function granted(over: Partial<Granted> = {}): Granted {
  const clocks = { deadlineAt: 8e15, startToCloseMs: 600_000 }
  return { ok: true, attempt: 1, cancelRequested: false, taskQueue: 'orders', ...clocks, ...over }
}

export function task(over: Partial<ActivityTaskMessage> = {}): ActivityTaskMessage {
  const to = { namespace: 'shop', shard: 0, shards: 8 }
  const run = { workflowId: 'order-1', runId: 'run-1', seq: 1, attempt: 1 }
  return { v: 1, to, ...run, activityType: 'greet', hasInput: false, ...over }
}

export class RecordedScheduler implements SchedulerRpc {
  readonly claims: ClaimRequest[] = []
  readonly renewals: RenewRequest[] = []
  readonly settlements: SettleRequest[] = []
  readonly undelivered: UndeliverableRequest[] = []

  onClaim = (asked: ClaimRequest['tasks'][number]): ClaimReply => granted({ attempt: asked.attempt })
  onRenew = (_asked: RenewRequest['tasks'][number]): RenewReply => ({ cancel: false, superseded: false })
  onSettle = (_asked: SettleRequest['tasks'][number]): SettleReply => ({ ok: true })
  /** Awaited before any answer: throw to break the connection, wait to be slow. */
  onTheWay = async (_verb: keyof SchedulerRpc): Promise<void> => {}

  claim = async (request: ClaimRequest): Promise<Reply<ClaimReply[]>> => {
    this.claims.push(request)
    await this.onTheWay('claim')
    return { ok: true, value: request.tasks.map(this.onClaim) }
  }
  renew = async (request: RenewRequest): Promise<Reply<RenewReply[]>> => {
    this.renewals.push(request)
    await this.onTheWay('renew')
    return { ok: true, value: request.tasks.map(this.onRenew) }
  }
  settle = async (request: SettleRequest): Promise<Reply<SettleReply[]>> => {
    this.settlements.push(request)
    await this.onTheWay('settle')
    return { ok: true, value: request.tasks.map(this.onSettle) }
  }
  undeliverable = async (request: UndeliverableRequest): Promise<Reply<null>> => {
    this.undelivered.push(request)
    await this.onTheWay('undeliverable')
    return { ok: true, value: null }
  }

  /** The next `times` calls of `broken` are lost on the way. */
  breakConnection(broken: keyof SchedulerRpc, times: number): void {
    let left = times
    this.onTheWay = async (verb) => {
      if (verb === broken && left-- > 0) throw new Error('Network connection lost.')
    }
  }

  /** Every outcome reported, in order. */
  get outcomes() {
    return this.settlements.flatMap(({ tasks }) => tasks.map(({ outcome }) => outcome))
  }
}

/** A delivered batch and what became of its messages: 'acked', or the seconds after which it comes again. */
export function batchOf(queue: string, bodies: readonly unknown[]) {
  const fates: ('open' | 'acked' | number)[] = bodies.map(() => 'open')
  const messages = bodies.map((body, index) => ({
    id: `message-${index}`,
    body,
    attempts: 1,
    ack: () => void (fates[index] = 'acked'),
    retry: (options?: { delaySeconds?: number }) => void (fates[index] = options?.delaySeconds ?? 0),
  }))
  return { queue, messages, fates }
}

export function consumer(activities: Record<string, ActivityFunction>): Consumer {
  return {
    taskQueue: 'orders',
    buildId: undefined,
    activities: new Map(Object.entries(activities)),
    maxConcurrent: Infinity,
    slots: new Slots(Infinity),
    running: new Set(),
    isStopping: () => false,
    bucket: null,
    tracing: undefined,
    limitMs: 840_000,
    coding: null,
    time: realTime,
    chance: realChance,
    tally: log,
  }
}

/** A claimed attempt of a run without a bucket, all but what only its test knows. */
export function attempt(interruption: Interruption, given: Partial<Claimed> = {}): Claimed {
  const owner = { namespace: 'shop', shard: 0, runId: 'run-1' }
  const means = { bucket: null, coding: null, time: realTime, chance: realChance }
  return {
    task: task(),
    grant: granted(),
    interruption,
    objects: { ...means, workflowId: 'order-1', owner },
    time: realTime,
    beat: async () => {},
    limitMs: Infinity,
    ...given,
  }
}

/** An activity that waits for its signal and gives in. */
export function untilAborted(_: unknown, ctx: ActivityContext): Promise<never> {
  return new Promise((_resolve, reject) => {
    ctx.cancellation.addEventListener('abort', () => reject(ctx.cancellation.reason))
  })
}
