/** What activity Workers ask: claim attempts, keep them, report how they ended. */
import { claim as claimTask, renew as renewTask, settle as settleTask } from '../shared/core/attempt.ts'
import type { ActivityTask } from '../shared/core/attempt.ts'
import type {
  ClaimReply,
  ClaimRequest,
  Refusal,
  RenewReply,
  RenewRequest,
  Reply,
  SettleReply,
  SettleRequest,
  UndeliverableRequest,
} from '../shared/protocol.ts'
import { PROTOCOL_VERSION } from '../shared/protocol.ts'
import type { Payload } from '../shared/payload.ts'
import type { ReportRequest, TaskTokenBody } from '../shared/task-token.ts'
import { arriving, carriedBy, moved } from './arrive.ts'
import { tellOfUnread } from './asked-delay.ts'
import { requireEncoded } from './encode.ts'
import { answering, ask } from './inbox.ts'
import type { Job } from './inbox.ts'
import { invalid } from '../shared/names.ts'
import { log } from './log.ts'
import type { Shard } from './shard.ts'
import { taskInput } from './store/tasks.ts'
import { endActivity } from './task-end.ts'
import type { Turn } from './turn.ts'

export function claim(shard: Shard, request: ClaimRequest): Promise<Reply<ClaimReply[]>> {
  const { tasks, claimId } = request
  const { job, reply } = ask<ClaimReply[]>((turn, answer) => {
    let last: ClaimReply | undefined
    const value = tasks.map((asked) => {
      const one = claimOne(shard, turn, { ...asked, claimId })
      // What is one object crosses to the Worker once, and attempts that begin together mostly get the same answer.
      if (last === undefined || !isAlike(last, one)) last = one
      return last
    })
    answer({ ok: true, value })
  })
  shard.submit(job)
  return reply
}

function isAlike(one: ClaimReply, other: ClaimReply): boolean {
  const fields = Object.entries(one)
  const same = ([field, value]: [string, unknown]): boolean => Reflect.get(other, field) === value
  return fields.length === Object.keys(other).length && fields.every(same)
}

type Asked = ClaimRequest['tasks'][number] & { claimId: string }

export function claimOne(shard: Shard, turn: Turn, asked: Asked): ClaimReply {
  const task = turn.task(asked.runId, asked.seq)
  if (!task) return { ok: false, code: 'stale_task', reason: 'settled' }
  const grant = claimTask(task, asked, turn.now)
  if (grant.kind === 'refused') return { ok: false, code: 'stale_task', reason: grant.reason }
  const granted = grant.task
  if (!task.claim) shard.sending.claimed(task, turn.now)
  const persist = granted.claim?.persisted === true || granted.attempt !== task.attempt
  turn.changes.setTask(granted, { persist })
  const input = asked.needInput ? taskInput(shard.sql, asked.runId, asked.seq) : undefined
  return { ...grantedReply(granted, turn.now), ...(input !== undefined && { input }) }
}

export function grantedReply(task: ActivityTask, now: number): Extract<ClaimReply, { ok: true }> {
  const { startToCloseMs, scheduleToCloseMs, heartbeatMs } = task.timeouts
  const startedAt = task.claim?.grantedAt ?? now
  const closeAt = scheduleToCloseMs === undefined ? Infinity : task.scheduledAt + scheduleToCloseMs
  return {
    ok: true,
    attempt: task.attempt,
    deadlineAt: Math.min(startedAt + startToCloseMs, closeAt),
    startToCloseMs,
    cancelRequested: task.cancelRequested,
    taskQueue: task.taskQueue,
    ...(heartbeatMs !== undefined && { heartbeatMs }),
    ...(task.heartbeatDetails !== undefined && { heartbeatDetails: task.heartbeatDetails }),
  }
}

export function renew(shard: Shard, request: RenewRequest): Promise<Reply<RenewReply[]>> {
  requireEncoded(
    shard,
    request.tasks.map(({ heartbeat }) => heartbeat?.details),
  )
  const { job, reply } = ask<RenewReply[]>((turn, answer) => {
    answer({
      ok: true,
      value: request.tasks.map((asked) => renewOne(turn, { ...asked, claimId: request.claimId })),
    })
  })
  shard.submit(job)
  return reply
}

function renewOne(turn: Turn, asked: RenewRequest['tasks'][number] & { claimId: string }): RenewReply {
  const task = turn.task(asked.runId, asked.seq)
  const renewal = task && renewTask(task, asked, turn.now)
  if (!task || !renewal || renewal.kind === 'superseded') return { cancel: false, superseded: true }
  const renewed = renewal.task
  const written = renewed.claim?.persisted === true && task.claim?.persisted !== true
  turn.changes.setTask(renewed, { persist: written || renewed.heartbeatDetails !== task.heartbeatDetails })
  return { cancel: renewal.cancel, superseded: false }
}

/** Each has a job of its own, so that none decides about another; all share one promise. */
export async function settle(shard: Shard, { tasks, claimId }: SettleRequest): Promise<Reply<SettleReply[]>> {
  const replies: SettleReply[] = []
  const { promise: all, resolve, reject } = Promise.withResolvers<void>()
  let refusal: Refusal | null = null
  let open = tasks.length
  if (open === 0) resolve()
  for (const [place, task] of tasks.entries()) {
    const answered: Answered = (reply) => {
      if (reply.ok) replies[place] = reply.value
      else refusal ??= reply
      open -= 1
      if (open === 0) resolve()
    }
    settleOne(shard, { ...task, claimId }, answered)?.catch(reject)
  }
  await all
  return refusal ?? { ok: true, value: replies }
}

const SETTLED: Reply<SettleReply> = { ok: true, value: { ok: true } }
const STALE: Reply<SettleReply> = { ok: true, value: { ok: false, code: 'stale_task' } }

type Settling = SettleRequest['tasks'][number] & { claimId: string }
type Answered = (reply: Reply<SettleReply>) => void

/** Something is awaited only where the result is an object in R2. */
function settleOne(shard: Shard, settling: Settling, answered: Answered): Promise<void> | undefined {
  const { outcome, runId } = settling
  const result = outcome.kind === 'completed' ? outcome.result : undefined
  const elsewhere = moved(result, runId)
  if (!elsewhere && carriedBy(shard, [result]).length > 0)
    return settleArriving(shard, settling, { result, answered })
  if (elsewhere) answered(elsewhere)
  else shard.submit(settlement(shard, settling, answered))
  return undefined
}

async function settleArriving(
  shard: Shard,
  settling: Settling,
  { result, answered }: { result: Payload; answered: Answered },
): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<Reply<SettleReply>>()
  const settled = arriving(shard, [result], () => {
    shard.submit(settlement(shard, settling, resolve))
    return promise
  })
  answered(await settled)
}

function settlement(shard: Shard, settling: Settling, answered: Answered): Job {
  return answering<SettleReply>((turn, answer) => {
    const task = turn.task(settling.runId, settling.seq)
    const next = task && settleTask(task, settling, { now: turn.now, draw: turn.world.draw() })
    if (!next) {
      answer(STALE)
      return
    }
    answer(SETTLED)
    if (next.kind === 'go_on') {
      const { outcome, runId, seq } = settling
      if (outcome.kind === 'failed')
        tellOfUnread(outcome.error, { activityType: task.activityType, runId, seq })
      if (outcome.kind === 'given_back') shard.sending.eager.givenBack(next.task)
      turn.changes.setTask(next.task, { persist: true })
    } else
      endActivity(turn, task, {
        end: next.end,
        decided: ({ kind }) => kind === 'nothing' && answer(STALE),
      })
  }, answered)
}

/** What whoever has the token of an attempt says of it. */
export async function report(
  shard: Shard,
  { taskToken, outcome, details }: ReportRequest,
): Promise<Reply<{ cancelRequested: boolean }>> {
  const { to, claimId, ...key } = tokenFor(shard, taskToken)
  if (outcome) {
    const settled = await settle(shard, { v: PROTOCOL_VERSION, to, claimId, tasks: [{ ...key, outcome }] })
    if (!settled.ok) return settled
    return settled.value[0]?.ok ? { ok: true, value: { cancelRequested: false } } : STALE_TOKEN
  }
  const elsewhere = moved(details, key.runId)
  if (elsewhere) return elsewhere
  const heartbeat = details === undefined ? {} : { details }
  const request = { v: PROTOCOL_VERSION, to, claimId, tasks: [{ ...key, heartbeat }] }
  const reply = await arriving(shard, [details], () => renew(shard, request))
  if (!reply.ok) return reply
  const [renewed] = reply.value
  return renewed?.superseded === false
    ? { ok: true, value: { cancelRequested: renewed.cancel } }
    : STALE_TOKEN
}

const STALE_TOKEN: Refusal = {
  ok: false,
  code: 'stale_task',
  message: 'the attempt of the task token has ended, or another one has taken its place',
}

function tokenFor(shard: Shard, taskToken: string): TaskTokenBody {
  const content = shard.config.taskTokens.check(taskToken)
  const { shard: number, namespace } = shard.address
  if (content.to.shard === number && content.to.namespace === namespace) return content
  throw invalid('taskToken', 'of an activity of this shard', taskToken)
}

/** Dead letters: the rows are still there, and their deadlines send them again. */
export function undeliverable(request: UndeliverableRequest): Reply<null> {
  log('undeliverable', { shard: request.to.shard, tasks: request.tasks.length })
  return { ok: true, value: null }
}
