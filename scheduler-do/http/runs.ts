/** Runs: how they are looked at, waited for, ended, reset and deleted. */
import * as z from 'zod/mini'
import { ending } from '../../shared/ending.ts'
import { name, reason, said, whole, workflowId } from '../shapes.ts'
import * as answers from './answers.ts'
import { answerOfRun, shardAt } from './namespaces.ts'
import { flag, number, ofWorkflow, run, waitMs } from './parameters.ts'
import { route } from './route.ts'

const optional = z.exactOptional

const closing = said(z.object({ reason: optional(reason) }), { id: 'Reason' })
const CLOSINGS = {
  cancel: 'Ask a run to stop, so that it may clean up',
  terminate: 'Stop a run at once: its code does not hear of it',
  pause: 'Let a run do nothing until it is resumed',
} as const

export const runRoutes = [
  route({
    method: 'get',
    path: '/workflows/{workflowId}',
    scope: 'read',
    id: 'describeWorkflow',
    summary: 'Describe a run',
    params: ofWorkflow,
    query: z.extend(run, { callSites: flag('Say of what it waits for where the code called it.') }),
    answer: answers.runDescription,
    serve: ({ query: { callSites = false, ...query }, ...asked }) =>
      answerOfRun({ ...asked, query }, { callSites }, (shard, one) => shard.describe(one)),
  }),
  route({
    method: 'get',
    path: '/workflows/{workflowId}/history',
    scope: 'read',
    id: 'workflowHistory',
    summary: 'Read the history of a run, page by page',
    params: ofWorkflow,
    query: z.extend(run, { fromEvent: number(1, Number.MAX_SAFE_INTEGER, 'The first event. Absent: 1.') }),
    answer: answers.historyPage,
    serve: (asked) =>
      answerOfRun(asked, { fromEvent: asked.query.fromEvent ?? 1 }, (shard, one) => shard.history(one)),
  }),
  route({
    method: 'post',
    path: '/workflows/{workflowId}/replay',
    scope: 'read',
    id: 'replayWorkflow',
    summary: 'Replay the history of a run, open or closed, against the code that is deployed',
    description: 'It happens beside the run, of which nothing changes.',
    params: ofWorkflow,
    query: run,
    answer: answers.replayed,
    serve: (asked) => answerOfRun(asked, {}, (_, one) => shardAt(asked.config, one.to).replay(one)),
  }),
  route({
    method: 'get',
    path: '/workflows/{workflowId}/result',
    scope: 'read',
    id: 'workflowResult',
    summary: 'Wait for the result of a run',
    params: ofWorkflow,
    query: z.extend(run, {
      waitMs,
      follow: flag(
        'Answer of the run that takes over from one that has ended. Absent: true, but for a runId.',
      ),
    }),
    answer: answers.result,
    serve: (asked) => {
      const { waitMs: wait = 0, runId, follow = runId === undefined } = asked.query
      return answerOfRun(asked, { waitMs: wait, follow }, (shard, one) => shard.result(one))
    },
  }),
  ...(['cancel', 'terminate', 'pause'] as const).map((verb) =>
    route({
      method: 'post',
      path: `/workflows/{workflowId}/${verb}`,
      scope: 'write',
      id: `${verb}Workflow`,
      summary: CLOSINGS[verb],
      params: ofWorkflow,
      query: run,
      body: closing,
      example: { reason: 'the customer called' },
      answer: null,
      serve: (asked) =>
        answerOfRun(
          asked,
          asked.body,
          ending((shard, one) => shard[verb](one), 'workflow_closed'),
        ),
    }),
  ),
  route({
    method: 'post',
    path: '/workflows/{workflowId}/resume',
    scope: 'write',
    id: 'resumeWorkflow',
    summary: 'Let a paused run go on',
    params: ofWorkflow,
    query: run,
    answer: null,
    serve: (asked) =>
      answerOfRun(
        asked,
        {},
        ending((shard, one) => shard.resume(one), 'workflow_closed'),
      ),
  }),
  route({
    method: 'post',
    path: '/workflows/{workflowId}/reset',
    scope: 'write',
    id: 'resetWorkflow',
    summary: 'Begin anew from an event',
    description: 'The run ends, and another one of the id goes on behind toEvent, or before toActivity.',
    params: ofWorkflow,
    query: run,
    body: said(
      z.object({
        toEvent: said(optional(whole(1)), { description: 'The last event kept.' }),
        toActivity: said(optional(name), {
          description: 'Instead: the activity or step to run again, by its id or its name.',
        }),
        reason,
        requestId: said(optional(name), {
          description: 'The same one resets once. Absent: the Idempotency-Key.',
        }),
      }),
      { id: 'Reset' },
    ),
    example: { toActivity: 'chargeCard', reason: 'the card was charged the wrong amount' },
    keyed: true,
    answer: answers.newRun,
    serve: (asked) =>
      answerOfRun(asked, { requestId: asked.key, ...asked.body }, (shard, one) => shard.reset(one)),
  }),
  route({
    method: 'delete',
    path: '/workflows/{workflowId}/runs/{runId}',
    scope: 'admin',
    id: 'deleteRun',
    summary: 'Delete a closed run, and every trace of it',
    params: z.object({ workflowId, runId: name }),
    answer: answers.deleted,
    serve: ({ params, ...asked }) =>
      answerOfRun(
        { ...asked, params, query: { runId: params.runId } },
        { runId: params.runId },
        (shard, one) => shard.delete(one),
      ),
  }),
]
