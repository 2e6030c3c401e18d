/** Many runs: found, counted, acted on, over all shards of the namespace. */
import { stream } from 'hono/streaming'
import * as z from 'zod/mini'
import { bulk } from '../../shared/bulk.ts'
import type { BulkAction, BulkProgress } from '../../shared/bulk.ts'
import { WorkflowError } from '../../shared/errors.ts'
import {
  countRuns,
  DEFAULT_LIMIT,
  GROUPS,
  listQuery,
  MAX_LIMIT,
  ORDERS,
  runPage,
  STATUSES,
  TIERS,
} from '../../shared/listing.ts'
import type { ListFilter } from '../../shared/listing.ts'
import { decodePayload } from '../../shared/payload.ts'
import type { Payload } from '../../shared/payload.ts'
import { attributes, name, payload, reason, said, workflowId } from '../shapes.ts'
import * as answers from './answers.ts'
import { shardsOf } from './namespaces.ts'
import { cursor, instant, jsonText, number } from './parameters.ts'
import { problemOf, problemShape, refusalOfError } from './problem.ts'
import { route } from './route.ts'

const optional = z.exactOptional

function oneOrMore<T extends z.ZodMiniType>(item: T) {
  return optional(z.union([z.array(item).check(z.minLength(1), z.maxLength(8)), item]))
}

const narrowing = {
  status: oneOrMore(z.enum(STATUSES)),
  taskQueue: optional(name),
  workflowType: optional(name),
  idPrefix: optional(workflowId),
  startedAfter: optional(instant),
  startedBefore: optional(instant),
  closedAfter: optional(instant),
  closedBefore: optional(instant),
  tiers: oneOrMore(z.enum(TIERS)),
}
const paging = {
  orderBy: optional(z.enum(ORDERS)),
  limit: number(1, MAX_LIMIT, `Runs of a page at most. Absent: ${DEFAULT_LIMIT}.`),
  cursor,
}
const asText = said(optional(jsonText(attributes)), {
  description: 'Equal values by name, as JSON; null: that it is not set.',
  contentMediaType: 'application/json',
  examples: ['{"customerId":"c-7"}'],
})

const inQuery = { ...narrowing, searchAttributes: asText }
/** What it does not know is refused: left out, a field that is misspelt would have all runs listed, or terminated. */
const inList = z.strictObject({ ...inQuery, ...paging })
/** What it does not know is refused where runs are counted: clients give the order and the place of a list here, too. */
const inCount = z.looseObject({ ...inQuery, groupBy: optional(z.enum(GROUPS)) })
const inBody = said(z.strictObject({ ...narrowing, ...paging, searchAttributes: optional(attributes) }), {
  id: 'Filter',
})

function filterOf({ searchAttributes, ...filter }: z.output<typeof inBody>): ListFilter {
  const decoded = Object.entries(searchAttributes ?? {}).map(([key, value]) => [key, decodePayload(value)])
  return {
    ...filter,
    ...(searchAttributes && { searchAttributes: Object.fromEntries(decoded) }),
  } as ListFilter // checked with it
}

const action = said(
  z.union([
    z.enum(['cancel', 'terminate', 'pause', 'resume']),
    z.object({ signal: name, payload: optional(payload), signalId: optional(name) }),
  ]),
  { id: 'BulkAction' },
)

function actionOf(given: z.output<typeof action>, key: string): BulkAction {
  if (typeof given === 'string') return given
  const value: Payload = given.payload
  return { signalId: key, ...given, payload: decodePayload(value) }
}

const count = z.int().check(z.gte(0))
const progress = said(
  z.object({
    matched: count,
    done: count,
    failed: count,
    errors: optional(z.array(z.object({ workflowId, runId: name, problem: problemShape }))),
    cursor: optional(
      said(z.string(), { description: 'Where a request goes on that is sent after this one.' }),
    ),
  }),
  { id: 'BulkProgress' },
)

/** Of one request, whose calls are counted: what is left is for the next, from the cursor. */
const MOST_RUNS = 1_000

async function* linesOf(pages: AsyncGenerator<BulkProgress>, first: BulkProgress): AsyncGenerator<string> {
  let page: BulkProgress | undefined = first
  try {
    while (page) {
      yield `${JSON.stringify(lineOf(page))}\n`
      const next: IteratorResult<BulkProgress> | undefined =
        page.done + page.failed < MOST_RUNS ? await pages.next() : undefined
      page = next?.done === false ? next.value : undefined
    }
  } catch (error) {
    if (!(error instanceof WorkflowError)) throw error
    yield `${JSON.stringify({ problem: problemOf(refusalOfError(error)) })}\n`
  }
}

function lineOf({ errors, ...told }: BulkProgress): object {
  const failed = errors.map(({ error, ...of }) => ({ ...of, problem: problemOf(refusalOfError(error)) }))
  return { ...told, ...(failed.length > 0 && { errors: failed }) }
}

export const listingRoutes = [
  route({
    method: 'get',
    path: '/workflows',
    scope: 'read',
    id: 'listWorkflows',
    summary: 'List runs',
    query: inList,
    answer: answers.runPage,
    serve: async ({ config, namespace, query }) => {
      const shards = await shardsOf(config, namespace)
      return { ok: true, value: await runPage(shards, listQuery(filterOf(query))) }
    },
  }),
  route({
    method: 'get',
    path: '/workflow-count',
    scope: 'read',
    id: 'countWorkflows',
    summary: 'Count runs',
    query: inCount,
    answer: answers.runCount,
    serve: async ({ config, namespace, query }) => {
      const { groupBy, orderBy: _o, limit: _l, cursor: _c, after: _a, ...filter } = query
      const shards = await shardsOf(config, namespace)
      const counted = await countRuns(shards, filterOf(filter), groupBy)
      return { ok: true, value: groupBy === undefined ? { count: counted.count } : counted }
    },
  }),
  route({
    method: 'post',
    path: '/workflows/bulk',
    scope: 'write',
    id: 'bulkWorkflows',
    summary: 'Act on every open run that a filter matches',
    description: `Newest first. Each line of the answer is an object of JSON that says how far it is; one request acts on about ${MOST_RUNS} runs. Where the last line has a cursor there are more: send the same with it as the filter's cursor.`,
    body: said(z.object({ filter: inBody, action, reason: optional(reason) }), { id: 'Bulk' }),
    example: { filter: { workflowType: 'order' }, action: 'cancel', reason: 'recalled' },
    keyed: true,
    answer: z.union([progress, z.object({ problem: problemShape })]),
    media: 'application/x-ndjson',
    serve: async ({ config, namespace, body, key, c }) => {
      const shards = await shardsOf(config, namespace)
      const how = { action: actionOf(body.action, key), reason: body.reason }
      const pages = bulk(shards, filterOf(body.filter), how)
      // What is wrong with the request shows before anything is answered.
      const { value: first } = await pages.next()
      c.header('content-type', 'application/x-ndjson')
      return stream(c, async (lines) => {
        if (first) for await (const line of linesOf(pages, first)) await lines.write(line)
      })
    },
  }),
]
