/** What comes back from outside: task tokens, queue messages, bodies of the HTTP API as shapes. */
import { deepStrictEqual } from 'node:assert/strict'
import * as fc from 'fast-check'
import { readMessage } from '../../activity-worker/message.ts'
import { checked } from '../../scheduler-do/shapes.ts'
import * as wire from '../../scheduler-do/wire.ts'
import { TaskTokens } from '../../scheduler-do/task-tokens.ts'
import { deserializeError } from '../../shared/core/failure.ts'
import { askedDelayMs, isNonRetryable } from '../../shared/core/retry.ts'
import { DEFAULT_RETRY } from '../../shared/core/retry.ts'
import type { Json } from '../../shared/payload.ts'
import { PROTOCOL_VERSION } from '../../shared/protocol.ts'
import { hostileJson, hostileText, hostileValue } from './hostile.ts'
import { mutatedJson, mutatedText } from './mutated.ts'
import { holds, target, verdictOf } from './target.ts'
import type { Target } from './target.ts'

const tokens = new TaskTokens('a-key-of-thirty-two-characters-or-more')
const to = { namespace: 'default', shard: 0, shards: 8 }
const body = { to, runId: '01JDQH8Z5K3V7W9X2Y4A6B8C01', seq: 3, attempt: 1, claimId: 'claim-1' }
const token = tokens.sign(body)

const message: Json = {
  v: PROTOCOL_VERSION,
  to,
  workflowId: 'order-1',
  runId: body.runId,
  seq: 3,
  attempt: 1,
  activityType: 'charge',
  hasInput: true,
  input: { total: 5 },
}

const error: Json = {
  name: 'ApplicationError',
  message: 'declined',
  code: 'application_error',
  facts: { type: 'CardDeclined', nonRetryable: false, retryAfter: '5s' },
  cause: { name: 'Error', message: 'inner', code: 'timeout', facts: { kind: 'run' } },
}
const task: Json = { runId: body.runId, seq: 3, attempt: 1 }
const head: Json = { v: PROTOCOL_VERSION, to, claimId: 'claim-1' }
export const settleBodies: fc.Arbitrary<Json> = fc.constantFrom<Json[]>(
  { ...head, tasks: [{ ...task, outcome: { kind: 'completed', result: 1 }, heartbeat: { details: [1] } }] },
  { ...head, tasks: [{ ...task, outcome: { kind: 'failed', error } }] },
  { ...head, tasks: [{ ...task, outcome: { kind: 'cancelled' } }] },
)
export const renewBodies: fc.Arbitrary<Json> = fc.constant<Json>({
  ...head,
  tasks: [{ ...task, heartbeat: { details: { page: 5 } } }],
})
export const pollBodies: fc.Arbitrary<Json> = fc.constant<Json>({
  namespace: 'default',
  claimId: 'claim-1',
  poller: 'worker-1',
  limit: 5,
  waitMs: 0,
  again: true,
})

export const tokenTargets: readonly Target[] = [
  target({ name: 'task-token', weight: 60 }, fc.oneof(mutatedText(fc.constant(token)), hostileText), (text) =>
    verdictOf(() => {
      deepStrictEqual(tokens.check(text), body)
      holds(text === token, 'only what was given out is accepted')
    }),
  ),
  target({ name: 'task-token-keys', weight: 30 }, hostileValue, (keys) =>
    verdictOf(() => new TaskTokens(keys)),
  ),
  target({ name: 'queue-message' }, fc.oneof(mutatedJson(fc.constant(message)), hostileValue), (given) => {
    const reading = readMessage(given)
    if (reading.kind !== 'tasks') return 'refused'
    for (const { seq, attempt, to: address } of reading.tasks)
      holds(seq >= 1 && attempt >= 1 && address.shard < address.shards, 'its numbers are in their ranges')
    return 'accepted'
  }),
  target({ name: 'wire-settle' }, fc.oneof(mutatedJson(settleBodies), hostileJson), (json) =>
    verdictOf(() => {
      for (const { outcome } of checked(wire.settle, json).tasks) {
        if (outcome.kind !== 'failed') continue
        // What a shard makes of it: in its turn, where nothing may throw.
        askedDelayMs(outcome.error)
        isNonRetryable(DEFAULT_RETRY, outcome.error)
        deserializeError(outcome.error)
        JSON.stringify(outcome)
      }
    }),
  ),
  target({ name: 'wire-renew', weight: 40 }, fc.oneof(mutatedJson(renewBodies), hostileJson), (json) =>
    verdictOf(() => JSON.stringify(checked(wire.renew, json))),
  ),
  target({ name: 'wire-poll', weight: 40 }, fc.oneof(mutatedJson(pollBodies), hostileJson), (json) =>
    verdictOf(() => checked(wire.poll, json)),
  ),
]
