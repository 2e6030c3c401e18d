/**
 * `GET /iceberg/hot`: the runs that the cold tables do not have yet, so that a query can join all there are.
 *
 * A run leaves this list only after the tables have it. So who reads the list first and the tables then misses none, and may
 * find one in both.
 */
import { WorkflowClient } from '../shared/client.ts'
import type { ServiceBinding } from '../shared/connection.ts'
import { WorkflowError } from '../shared/errors.ts'
import type { HotPage, HotRow } from '../shared/hot.ts'
import type { WorkflowSummary } from '../shared/info.ts'
import { encodePayload } from '../shared/payload.ts'
import { namespacesOf, serviceOf, type ArchiverEnv } from './config.ts'
import { endpoint } from './endpoint.ts'

export async function hotRuns(request: Request, env: ArchiverEnv): Promise<Response> {
  const { searchParams } = new URL(request.url)
  return await endpoint(request, env, { method: 'GET', scope: 'read', work: () => pageOf(searchParams, env) })
}

async function pageOf(asked: URLSearchParams, env: ArchiverEnv): Promise<HotPage> {
  const namespaces = namespacesOf(env)
  const { namespace, cursor } = positionIn(asked.get('cursor'), namespaces)
  const client = new WorkflowClient(serviceOf(env) as unknown as ServiceBinding, { namespace }) // every binding has fetch
  const limit = Number(asked.get('limit') ?? MAX_LIMIT)
  const from = cursor === '' ? {} : { cursor }
  const page = await client.list({ tiers: ['hot', 'warm'], orderBy: 'startedAt', limit, ...from })
  const following = namespaces[namespaces.indexOf(namespace) + 1]
  const last = following === undefined ? {} : { cursor: `${following}/` }
  const next = page.nextCursor === undefined ? last : { cursor: `${namespace}/${page.nextCursor}` }
  return { rows: page.map((run) => rowOf(namespace, run)), ...next }
}

const MAX_LIMIT = 1_000

/** `<namespace>/<cursor of its list>`: the name of a namespace has no slash. */
function positionIn(
  text: string | null,
  namespaces: readonly string[],
): { namespace: string; cursor: string } {
  const [namespace = '', cursor = ''] = text === null ? namespaces : text.split('/')
  if (namespaces.includes(namespace)) return { namespace, cursor: text === null ? '' : cursor }
  const message = `cursor must be that of a page, not ${JSON.stringify(text)}`
  throw new WorkflowError('invalid_argument', message, { path: 'cursor' })
}

function rowOf(namespace: string, run: WorkflowSummary): HotRow {
  return {
    namespace,
    workflow_id: run.workflowId,
    run_id: run.runId,
    workflow_type: run.workflowType,
    task_queue: run.taskQueue,
    status: run.status,
    started_at: run.startedAt.getTime(),
    closed_at: run.completedAt?.getTime() ?? null,
    history_length: run.historyEvents,
    history_bytes: run.historyBytes,
    input: payload(run.input),
    result: payload(run.result),
    failure: run.error === undefined ? null : JSON.stringify(run.error),
    memo: fields(run.memo),
    search_attributes: fields(run.searchAttributes),
    tier: run.tier,
  }
}

/** As it is stored. */
function payload(value: unknown): string | null {
  return value === undefined ? null : JSON.stringify(encodePayload(value, 'payload'))
}

/** Null where there are none, as in the table. */
function fields(given: Readonly<Record<string, unknown>>): string | null {
  const entries = Object.entries(given).map(([key, value]) => [key, encodePayload(value, key)])
  return entries.length === 0 ? null : JSON.stringify(Object.fromEntries(entries))
}
