/** What a run is told and asked: signals, queries, updates. */
import * as z from 'zod/mini'
import { listOf, name, payload, said, whole, workflowId } from '../shapes.ts'
import { MAX_WAIT_MS } from '../waiters.ts'
import * as answers from './answers.ts'
import { answerOfRun } from './namespaces.ts'
import { run, waitMs } from './parameters.ts'
import { route } from './route.ts'

const optional = z.exactOptional
const MAX_ARGUMENTS = 100

const named = z.object({ workflowId, name })
const once = (what: string) =>
  said(optional(name), { description: `The same one is ${what} once. Absent: the Idempotency-Key.` })

export const messageRoutes = [
  route({
    method: 'post',
    path: '/workflows/{workflowId}/signals/{name}',
    scope: 'write',
    id: 'signalWorkflow',
    summary: 'Send a signal to a run',
    params: named,
    query: run,
    body: said(z.object({ payload: optional(payload), signalId: once('received') }), { id: 'Signal' }),
    example: { payload: { paidWith: 'card' } },
    keyed: true,
    answer: null,
    serve: (asked) => {
      const fields = { name: asked.params.name, signalId: asked.key, ...asked.body }
      return answerOfRun(asked, fields, (shard, one) => shard.signal(one))
    },
  }),
  route({
    method: 'post',
    path: '/workflows/{workflowId}/queries/{name}',
    scope: 'read',
    id: 'queryWorkflow',
    summary: 'Ask a run of its state',
    description: "Answers what the workflow's handler gives; nothing (204) where that is undefined.",
    params: named,
    query: run,
    body: said(z.object({ args: optional(listOf(payload, MAX_ARGUMENTS)) }), { id: 'Query' }),
    example: { args: [] },
    answer: payload,
    sometimes: true,
    serve: (asked) => {
      const { args = [] } = asked.body
      return answerOfRun(asked, { name: asked.params.name, args }, (shard, one) => shard.query(one))
    },
  }),
  route({
    method: 'post',
    path: '/workflows/{workflowId}/updates/{name}',
    scope: 'write',
    id: 'updateWorkflow',
    summary: 'Ask a run to do something, and for its outcome',
    params: named,
    query: run,
    body: said(
      z.object({
        args: said(optional(payload), { description: 'The list of arguments.' }),
        updateId: once('run'),
        waitMs: said(optional(whole(0, MAX_WAIT_MS)), {
          description:
            'How long to hold the call open for the outcome. Absent: until the update is accepted.',
        }),
      }),
      { id: 'UpdateRequest' },
    ),
    example: { args: ['express'], waitMs: 5_000 },
    keyed: true,
    answer: answers.updated,
    serve: (asked) => {
      const fields = { name: asked.params.name, updateId: asked.key, waitMs: 0, ...asked.body }
      return answerOfRun(asked, fields, (shard, one) => shard.update(one))
    },
  }),
  route({
    method: 'get',
    path: '/workflows/{workflowId}/updates/{updateId}',
    scope: 'read',
    id: 'updateResult',
    summary: 'Wait for the outcome of an update',
    params: z.object({ workflowId, updateId: name }),
    query: z.extend(run, { waitMs }),
    answer: answers.updated,
    serve: (asked) => {
      const fields = { updateId: asked.params.updateId, waitMs: asked.query.waitMs ?? 0 }
      return answerOfRun(asked, fields, (shard, one) => shard.updateResult(one))
    },
  }),
]
