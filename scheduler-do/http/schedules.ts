/** Schedules. */
import * as z from 'zod/mini'
import type { Reply } from '../../shared/protocol.ts'
import type { ScheduleChange } from '../../shared/schedule.ts'
import { changing, schedulesAfter } from '../../shared/schedules.ts'
import { listOf, name, payload, reason, said } from '../shapes.ts'
import * as answers from './answers.ts'
import { answerFor, shardsOf } from './namespaces.ts'
import type { Asked } from './namespaces.ts'
import { cursor, number, ofSchedule } from './parameters.ts'
import { route } from './route.ts'
import { instant, policy, spec } from './schedule-shapes.ts'
import { startFields, startOf } from './workflows.ts'

const optional = z.exactOptional
const MAX_RANGES = 100
const MAX_LIMIT = 50

const requestId = said(optional(name), {
  description: 'The same one counts once. Absent: the Idempotency-Key.',
})
const note = optional(reason)
const changed = { keyed: true, answer: null, scope: 'write', params: ofSchedule } as const

interface Changing extends Asked {
  readonly params: { scheduleId: string }
  readonly key: string
}

function change(asked: Changing, requested: string | undefined, what: ScheduleChange): Promise<Reply<null>> {
  const { scheduleId } = asked.params
  const request = { scheduleId, requestId: requested ?? asked.key, change: what }
  return answerFor(asked, scheduleId, { request, verb: changing(what) })
}

export const scheduleRoutes = [
  route({
    method: 'post',
    path: '/schedules',
    scope: 'write',
    id: 'createSchedule',
    summary: 'Create a schedule',
    description: 'The fields of a start are those of each of its runs, whose id is `<workflowId>-<time>`.',
    body: said(
      z.object({
        ...startFields,
        workflowId: said(optional(startFields.workflowId), { description: 'Absent: the scheduleId.' }),
        scheduleId: name,
        spec,
        policy: optional(policy),
        paused: optional(z.boolean()),
        note,
        requestId,
      }),
      { id: 'CreateSchedule' },
    ),
    example: { scheduleId: 'nightly', spec: { cron: '0 3 * * *' }, workflowType: 'report' },
    keyed: true,
    answer: null,
    serve: ({ body, key, ...asked }) => {
      const { scheduleId, spec: when, policy: how = {}, paused = false, note: told, ...start } = body
      const { requestId: id, ...action } = startOf({ workflowId: scheduleId, ...start }, key)
      const request = { scheduleId, requestId: id, spec: when, policy: how, action, paused }
      return answerFor(asked, scheduleId, {
        request: { ...request, ...(told !== undefined && { note: told }) },
        verb: (shard, one) => shard.createSchedule(one),
      })
    },
  }),
  route({
    method: 'get',
    path: '/schedules',
    scope: 'read',
    id: 'listSchedules',
    summary: 'List schedules',
    query: z.object({
      limit: number(1, MAX_LIMIT, `Schedules of a page at most. Absent: ${MAX_LIMIT}.`),
      cursor,
    }),
    answer: answers.schedulePage,
    serve: async ({ config, namespace, query: { limit = MAX_LIMIT, cursor: after = '' } }) => {
      const { schedules, more } = await schedulesAfter(await shardsOf(config, namespace), after)
      const items = schedules.slice(0, limit)
      const last = items.at(-1)
      const nextCursor = (more || items.length < schedules.length) && last && { nextCursor: last.scheduleId }
      return { ok: true, value: { items, ...nextCursor } }
    },
  }),
  route({
    method: 'get',
    path: '/schedules/{scheduleId}',
    scope: 'read',
    id: 'describeSchedule',
    summary: 'Describe a schedule',
    params: ofSchedule,
    answer: answers.scheduleDescription,
    serve: ({ params, ...asked }) =>
      answerFor(asked, params.scheduleId, {
        request: params,
        verb: (shard, one) => shard.describeSchedule(one),
      }),
  }),
  route({
    ...changed,
    method: 'patch',
    path: '/schedules/{scheduleId}',
    id: 'updateSchedule',
    summary: 'Change a schedule',
    description: 'What is given replaces what was there, whole; it is for runs that begin later.',
    body: said(
      z.object({ spec: optional(spec), policy: optional(policy), input: optional(payload), requestId }),
      { id: 'UpdateSchedule' },
    ),
    example: { spec: { every: '1 hour' } },
    serve: ({ body: { requestId: id, input, ...fields }, ...asked }) =>
      change(asked, id, {
        kind: 'update',
        ...fields,
        ...(input !== undefined && { input: { payload: input } }),
      }),
  }),
  route({
    ...changed,
    method: 'delete',
    path: '/schedules/{scheduleId}',
    id: 'deleteSchedule',
    summary: 'Delete a schedule: runs that have begun go on',
    query: z.object({ requestId }),
    serve: ({ query, ...asked }) => change(asked, query.requestId, { kind: 'delete' }),
  }),
  ...(['pause', 'unpause'] as const).map((kind) =>
    route({
      ...changed,
      method: 'post',
      path: `/schedules/{scheduleId}/${kind}`,
      id: `${kind}Schedule`,
      summary: kind === 'pause' ? 'Let a schedule begin no runs' : 'Let a schedule begin runs again',
      body: said(z.object({ note, requestId }), {
        id: kind === 'pause' ? 'PauseSchedule' : 'UnpauseSchedule',
      }),
      example: { note: 'until the stock is counted' },
      serve: ({ body: { requestId: id, ...told }, ...asked }) => change(asked, id, { kind, ...told }),
    }),
  ),
  route({
    ...changed,
    method: 'post',
    path: '/schedules/{scheduleId}/trigger',
    id: 'triggerSchedule',
    summary: 'Begin one run now, paused or not',
    body: said(z.object({ requestId }), { id: 'TriggerSchedule' }),
    serve: ({ body, ...asked }) => change(asked, body.requestId, { kind: 'trigger' }),
  }),
  route({
    ...changed,
    method: 'post',
    path: '/schedules/{scheduleId}/backfill',
    id: 'backfillSchedule',
    summary: 'Begin a run for every time of some ranges',
    body: said(
      z.object({ ranges: listOf(z.object({ from: instant, to: instant }), MAX_RANGES), requestId }),
      {
        id: 'BackfillSchedule',
      },
    ),
    example: { ranges: [{ from: '2026-01-01T00:00:00Z', to: '2026-01-02T00:00:00Z' }] },
    serve: ({ body: { requestId: id, ranges }, ...asked }) => change(asked, id, { kind: 'backfill', ranges }),
  }),
]
