/** Starts of runs. */
import * as z from 'zod/mini'
import { StartBatch } from '../../shared/batch.ts'
import { WorkflowError } from '../../shared/errors.ts'
import { idTime } from '../../shared/ids.ts'
import type { StartReply, StartRequest } from '../../shared/protocol.ts'
import { startTimes } from '../../shared/start.ts'
import * as requests from '../requests.ts'
import { listOf, name, payload, quick, said, whole, workflowId } from '../shapes.ts'
import { isUsualStartBody } from '../usual.ts'
import { MAX_WAIT_MS } from '../waiters.ts'
import * as answers from './answers.ts'
import { answerFor, answerOfRun, shardsOf } from './namespaces.ts'
import { duration, ofWorkflow, run } from './parameters.ts'
import { problemOf, problemShape, refusalOfError } from './problem.ts'
import type { Problem } from './problem.ts'
import { route } from './route.ts'

const optional = z.exactOptional
const MAX_STARTS = 500

const { executionTimeoutMs: _, runTimeoutMs: __, startDelayMs: ___, ...named } = requests.started

/** What every start takes, that of a schedule too. */
export const startFields = {
  ...named,
  workflowId: said(optional(workflowId), { description: 'Absent: the requestId.' }),
  idReuse: said(optional(named.idReuse), { description: 'When runs of the id are closed. Absent: allow.' }),
  idConflict: said(optional(named.idConflict), {
    description: 'When a run of the id is open. Absent: fail, or use-existing with a signal.',
  }),
  executionTimeout: optional(duration),
  runTimeout: optional(duration),
  startDelay: optional(duration),
}

const startShape = {
  ...startFields,
  requestId: said(optional(name), { description: 'The same one starts once. Absent: the Idempotency-Key.' }),
  runId: said(optional(z.string().check(z.refine((id) => idTime(id) !== null))), {
    description: 'Of a start whose large payloads were stored before: fresh, as target answered it.',
    pattern: '^[0-7][0-9A-HJKMNP-TV-Z]{25}$',
  }),
  signal: optional(z.object({ name, payload: optional(payload), signalId: optional(name) })),
}
const startBody = quick(
  said(z.object({ ...startShape, waitMs: optional(whole(0, MAX_WAIT_MS)) }), { id: 'Start' }),
  isUsualStartBody,
)
const oneOfMany = said(z.object(startShape), { id: 'BatchStart' })

type StartBody = z.output<typeof oneOfMany> & { waitMs?: number }

/** In the terms of a shard. */
export function startOf(body: StartBody, key: string): Omit<StartRequest, 'to'> {
  const { executionTimeout: _e, runTimeout: _r, startDelay: _d, signal, requestId = key, ...rest } = body
  return {
    workflowId: requestId,
    idReuse: 'allow',
    idConflict: signal ? 'use-existing' : 'fail',
    ...rest,
    ...startTimes(body as Parameters<typeof startTimes>[0]), // a text is read there
    ...(signal && { signal: { signalId: requestId, ...signal } }),
    requestId,
  }
}

const batchItem = z.union([answers.started, z.object({ workflowId, problem: problemShape })])

async function itemOf(id: string, starting: Promise<StartReply>): Promise<z.output<typeof batchItem>> {
  try {
    return { workflowId: id, ...(await starting) }
  } catch (error) {
    if (!(error instanceof WorkflowError)) throw error
    const problem: Problem = problemOf(refusalOfError(error))
    return { workflowId: id, problem }
  }
}

export const workflowRoutes = [
  route({
    method: 'post',
    path: '/workflows',
    scope: 'write',
    id: 'startWorkflow',
    summary: 'Start a run',
    description:
      'Answers when the run is durably recorded; with waitMs, when it has ended or that time is over. With a signal, an open run of the id only gets that.',
    body: startBody,
    example: { workflowType: 'order', workflowId: 'order-7', input: { productId: 'p-1', quantity: 2 } },
    keyed: true,
    answer: answers.started,
    serve: async ({ body, key, ...asked }) => {
      const request = startOf(body, key)
      const reply = await answerFor(asked, request.workflowId, {
        request,
        verb: (shard, one) => shard.start(one),
      })
      return reply.ok ? { ok: true, value: { workflowId: request.workflowId, ...reply.value } } : reply
    },
  }),
  route({
    method: 'post',
    path: '/workflows/batch',
    scope: 'write',
    id: 'startWorkflows',
    summary: 'Start many runs',
    description:
      'Each is answered by itself, in the order of the request: nothing is undone where one is refused.',
    body: said(z.object({ starts: listOf(oneOfMany, MAX_STARTS) }), { id: 'BatchOfStarts' }),
    example: { starts: [{ workflowType: 'order', workflowId: 'order-7' }, { workflowType: 'order' }] },
    keyed: true,
    answer: z.array(batchItem),
    serve: async ({ config, namespace, body, key }) => {
      const shards = await shardsOf(config, namespace)
      const batch = new StartBatch(shards)
      const starts = body.starts.map((start, place) => startOf(start, `${key}-${place}`))
      const addressed = starts.map(async (start) => ({ to: await shards.of(start.workflowId), ...start }))
      const items = (await Promise.all(addressed)).map((start) =>
        itemOf(start.workflowId, batch.start(start)),
      )
      return { ok: true, value: await Promise.all(items) }
    },
  }),
  route({
    method: 'get',
    path: '/workflows/{workflowId}/target',
    scope: 'write',
    id: 'workflowTarget',
    summary: 'Ask where large payloads are to be stored before they are sent',
    description: 'A payload above 128 KiB is an object of the run that it reaches: see the guide.',
    params: ofWorkflow,
    query: run,
    answer: answers.target,
    serve: (asked) =>
      answerOfRun(asked, {}, async (shard, one) => {
        const found = await shard.target(one)
        return found.ok ? { ok: true, value: { ...found.value, shard: one.to.shard } } : found
      }),
  }),
]
