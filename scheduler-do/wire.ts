/** The requests about tasks, as activity Workers make them: over RPC and over HTTP alike. */
import * as z from 'zod/mini'
import type { ClaimRequest, RenewRequest, SettleRequest, UndeliverableRequest } from '../shared/protocol.ts'
import type { Poll, PullRequest } from '../shared/pull.ts'
import type { ReportRequest } from '../shared/task-token.ts'
import { address, error, listOf, name, payload, quick, whole } from './shapes.ts'
import type { Whole } from './shapes.ts'
import { isUsualClaim, isUsualSettlement } from './usual.ts'

const MAX_TASKS = 1_000
const MAX_TOKEN_LENGTH = 4_000

const key = { runId: name, seq: whole(1), attempt: whole(1) }
const heartbeat = z.exactOptional(z.object({ details: z.exactOptional(payload) }))
const outcome = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('completed'), result: z.exactOptional(payload) }),
  z.object({ kind: z.literal('failed'), error }),
  z.object({ kind: z.literal('cancelled') }),
  z.object({ kind: z.literal('given_back') }),
  z.object({ kind: z.literal('handed_over') }),
])
export const taskToken = z.string().check(z.maxLength(MAX_TOKEN_LENGTH))
const head = { v: whole(0), to: address, claimId: name }

export const poll: Whole<Poll> = z.object({
  claimId: name,
  poller: name,
  limit: whole(0, MAX_TASKS),
  waitMs: whole(0, 20_000),
  again: z.exactOptional(z.boolean()),
})

export const pull: Whole<PullRequest> = z.object({
  ...head,
  taskQueue: name,
  poller: name,
  limit: whole(0, MAX_TASKS),
  waitMs: z.exactOptional(whole(0, 20_000)),
  again: z.exactOptional(z.boolean()),
})

export const claim: Whole<ClaimRequest> = quick(
  z.object({ ...head, tasks: listOf(z.object({ ...key, deliveries: whole(0), needInput: z.boolean() })) }),
  isUsualClaim,
)

export const renew: Whole<RenewRequest> = z.object({
  ...head,
  tasks: listOf(z.object({ ...key, heartbeat })),
})

export const settle: Whole<SettleRequest> = quick(
  z.object({ ...head, tasks: listOf(z.object({ ...key, outcome, heartbeat })) }),
  isUsualSettlement,
)

export const undeliverable: Whole<UndeliverableRequest> = z.object({
  v: whole(0),
  to: address,
  tasks: listOf(z.object(key)),
})

export const report: Whole<ReportRequest> = z.object({
  to: address,
  taskToken,
  outcome: z.exactOptional(outcome),
  details: z.exactOptional(payload),
})
