/** What Workers ask that take their tasks themselves. */
import * as z from 'zod/mini'
import { name, payload, said, whole, workflowId } from '../shapes.ts'
import * as wire from '../wire.ts'
import { shardAt } from './namespaces.ts'
import { pollTasks } from './polling.ts'
import { route } from './route.ts'

const optional = z.exactOptional
const ofQueue = z.object({ taskQueue: name })
const claim = { claimId: 'c-1', to: { namespace: 'default', shard: 0, shards: 8 }, v: 1 }
const attempt = { runId: '01KB9Z6E9MZ4X5T0W1V2Y3N8QP', seq: 1, attempt: 1 }

const task = said(
  z.object({
    task: z.looseObject({
      workflowId,
      runId: name,
      seq: whole(1),
      attempt: whole(1),
      activityType: name,
      input: optional(payload),
    }),
    grant: z.looseObject({
      attempt: whole(1),
      input: optional(payload),
      deadlineAt: z.number(),
      startToCloseMs: z.number(),
      taskToken: optional(z.string()),
    }),
  }),
  { id: 'PulledTask' },
)

export const taskQueueRoutes = [
  route({
    method: 'post',
    path: '/task-queues/{taskQueue}/poll',
    scope: 'write',
    id: 'pollTaskQueue',
    summary: 'Take tasks of a task queue that is pulled',
    params: ofQueue,
    body: said(wire.poll, { id: 'Poll' }),
    example: { claimId: 'c-1', poller: 'p-1', limit: 10, waitMs: 20_000 },
    answer: z.array(task),
    serve: ({ params, body, ...asked }) => pollTasks(asked, params.taskQueue, body),
  }),
  route({
    method: 'post',
    path: '/task-queues/{taskQueue}/renew',
    scope: 'write',
    id: 'renewTasks',
    summary: 'Say that attempts go on',
    params: ofQueue,
    body: said(wire.renew, { id: 'Renew' }),
    example: { ...claim, tasks: [attempt] },
    answer: z.array(z.object({ cancel: z.boolean(), superseded: z.boolean() })),
    serve: ({ config, body }) => shardAt(config, body.to).renew(body),
  }),
  route({
    method: 'post',
    path: '/task-queues/{taskQueue}/settle',
    scope: 'write',
    id: 'settleTasks',
    summary: 'Say how attempts ended',
    params: ofQueue,
    body: said(wire.settle, { id: 'Settle' }),
    example: { ...claim, tasks: [{ ...attempt, outcome: { kind: 'completed', result: 42 } }] },
    answer: z.array(z.looseObject({ ok: z.boolean() })),
    serve: ({ config, body }) => shardAt(config, body.to).settle(body),
  }),
]
