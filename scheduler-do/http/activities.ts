/** Attempts that are finished from elsewhere, by whoever holds their token. */
import * as z from 'zod/mini'
import type { AttemptOutcome } from '../../shared/core/inputs.ts'
import type { SerializedError } from '../../shared/errors.ts'
import type { Payload } from '../../shared/payload.ts'
import type { Reply } from '../../shared/protocol.ts'
import { readTaskToken } from '../../shared/task-token.ts'
import { error, payload, said } from '../shapes.ts'
import { taskToken } from '../wire.ts'
import { answerOf, shardsOf } from './namespaces.ts'
import type { Asked } from './namespaces.ts'
import { route } from './route.ts'

const optional = z.exactOptional
const token = said(taskToken, { description: 'What ctx.taskToken gave the activity.' })
const TOKEN = 'WyJkZWZhdWx0Ii…'

/** The token says whose attempt it is, whatever namespace the query names. */
async function report(
  { config }: Asked,
  taskTokenText: string,
  told: { outcome?: AttemptOutcome; details?: Payload },
): Promise<Reply<{ cancelRequested: boolean }>> {
  const { to } = readTaskToken(taskTokenText)
  const shards = await shardsOf(config, to.namespace)
  return await answerOf(shards, { to, taskToken: taskTokenText, ...told }, (shard, one) => shard.report(one))
}

function outcomeOf(failure: SerializedError): AttemptOutcome {
  return failure.code === 'cancelled' ? { kind: 'cancelled' } : { kind: 'failed', error: failure }
}

export const activityRoutes = [
  route({
    method: 'post',
    path: '/activities/complete',
    scope: 'write',
    id: 'completeActivity',
    summary: 'Complete an attempt',
    body: said(z.object({ taskToken: token, result: optional(payload) }), { id: 'CompleteActivity' }),
    example: { taskToken: TOKEN, result: { approvedBy: 'ada' } },
    answer: null,
    serve: ({ body: { taskToken: text, ...told }, ...asked }) =>
      report(asked, text, { outcome: { kind: 'completed', ...told } }),
  }),
  route({
    method: 'post',
    path: '/activities/fail',
    scope: 'write',
    id: 'failActivity',
    summary: 'Fail an attempt',
    description: 'Another one follows by the retry policy. With the code cancelled it ends as cancelled.',
    body: said(z.object({ taskToken: token, error }), { id: 'FailActivity' }),
    example: {
      taskToken: TOKEN,
      error: { name: 'Error', message: 'the printer is on fire', code: 'application_error' },
    },
    answer: null,
    serve: ({ body, ...asked }) => report(asked, body.taskToken, { outcome: outcomeOf(body.error) }),
  }),
  route({
    method: 'post',
    path: '/activities/heartbeat',
    scope: 'write',
    id: 'heartbeatActivity',
    summary: 'Say that an attempt goes on',
    body: said(z.object({ taskToken: token, details: optional(payload) }), { id: 'HeartbeatActivity' }),
    example: { taskToken: TOKEN, details: { page: 3 } },
    answer: said(z.object({ cancelRequested: z.boolean() }), { id: 'Heartbeat' }),
    serve: ({ body: { taskToken: text, ...told }, ...asked }) => report(asked, text, told),
  }),
]
