/**
 * The HTTP API of the scheduler Worker: JSON in, a reply out (`{ ok: true, value }` or `{ ok: false, code, message }`).
 *
 * A1 Without a token nothing is served; it is compared in constant time, and a refusal tells nothing else.
 * A2 A body is checked whole before anything is done.
 * A3 Of our own defects the caller learns no more than that there is one; the log has it.
 */
import { WorkflowError } from '../shared/errors.ts'
import { invalid } from '../shared/names.ts'
import { shardName } from '../shared/protocol.ts'
import type { Refusal, Reply, ShardAddress } from '../shared/protocol.ts'
import { MAX_PAYLOAD_BYTES } from '../shared/reference.ts'
import { bearsToken } from '../shared/token.ts'
import type { SchedulerConfig } from './config.ts'
import { errorFacts, log } from './log.ts'
import { readStored, storeObject } from './objects.ts'
import { pollTasks } from './polling.ts'
import { refusalOf } from './refuse.ts'
import { readPoll, readRenew, readSettle } from './wire.ts'

/** Answers a request whose path begins with `/api/`. */
export async function serveApi(request: Request, config: SchedulerConfig): Promise<Response> {
  const { apiToken } = config
  if (apiToken === undefined)
    return answer(
      refusal('not_configured', 'the HTTP API is off: give the scheduler the secret API_TOKEN'),
      404,
    )
  if (!(await bearsToken(request.headers.get('authorization'), apiToken)))
    return answer(refusal('unauthorized', 'a bearer token is required, and it must be the right one'))
  try {
    return await route(request, config)
  } catch (error) {
    if (error instanceof WorkflowError) return answer(refusalOf(error))
    log('http_failed', { url: request.url, ...errorFacts(error) })
    return answer(refusal('internal', 'an internal error, which the log of the Worker has'))
  }
}

const TASK_QUEUE = /^\/api\/task-queues\/([^/]+)\/(poll|renew|settle)$/
const PAYLOAD = /^\/api\/payloads\/(.+)$/

async function route(request: Request, config: SchedulerConfig): Promise<Response> {
  const { pathname } = new URL(request.url)
  const [, taskQueue, verb] = TASK_QUEUE.exec(pathname) ?? []
  if (taskQueue !== undefined && request.method === 'POST') {
    const body = await jsonOf(request)
    return answer(await ask(config, { taskQueue: decodeURIComponent(taskQueue), verb, body }))
  }
  const [, key] = PAYLOAD.exec(pathname) ?? []
  if (key !== undefined && request.method === 'PUT') return answer(await store(request, config, key))
  if (key !== undefined && request.method === 'GET') {
    const content = await readStored(config.bucket, key)
    return content
      ? new Response(content)
      : answer(refusal('invalid_argument', 'there is no such object'), 404)
  }
  return answer(refusal('invalid_argument', `there is no ${request.method} ${pathname}`), 404)
}

/** What Workers ask that take their tasks themselves. */
async function ask(
  config: SchedulerConfig,
  { taskQueue, verb, body }: { taskQueue: string; verb: string | undefined; body: unknown },
): Promise<Reply<unknown>> {
  const shard = ({ namespace, shard: number }: ShardAddress) => config.shard(shardName(namespace, number))
  if (verb === 'poll') return await pollTasks(config, taskQueue, readPoll(body))
  if (verb === 'renew') {
    const renewal = readRenew(body)
    return await shard(renewal.to).renew(renewal)
  }
  const settlement = readSettle(body)
  return await shard(settlement.to).settle(settlement)
}

/** Bytes of a payload, by the key of its object; once more makes no difference. */
async function store(request: Request, config: SchedulerConfig, key: string): Promise<Reply<null>> {
  const length = request.headers.get('content-length')
  const size = Number(length ?? NaN)
  if (!Number.isSafeInteger(size) || !request.body)
    throw invalid('content-length', 'the size of the payload', length)
  return await storeObject(config.bucket, { $type: 'ref', key, size }, request.body)
}

async function jsonOf(request: Request): Promise<unknown> {
  if (Number(request.headers.get('content-length')) > MAX_PAYLOAD_BYTES)
    throw new WorkflowError('payload_too_large', 'a body may have 32 MiB', { path: 'body' })
  return await request.json().catch(() => {
    throw new WorkflowError('invalid_argument', 'the body is no JSON', { path: 'body' })
  })
}

/** What is not here is answered 409. */
const STATUSES: Readonly<Record<string, number>> = {
  unauthorized: 401,
  invalid_argument: 400,
  unknown_task_queue: 404,
  not_configured: 503,
  payload_too_large: 413,
  overloaded: 503,
  internal: 500,
}

function answer(reply: Reply<unknown>, status?: number): Response {
  const bearer = !reply.ok && reply.code === 'unauthorized' && { 'www-authenticate': 'Bearer' }
  return Response.json(reply, {
    status: status ?? (reply.ok ? 200 : (STATUSES[reply.code] ?? 409)),
    ...(bearer && { headers: bearer }),
  })
}

function refusal(code: Refusal['code'], message: string): Refusal {
  return { ok: false, code, message }
}
