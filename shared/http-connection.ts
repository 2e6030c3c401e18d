/**
 * The shards of a namespace over HTTP. The scheduler Worker finds the shard of an id and goes over all of them for a
 * list, so from here there is one. Every write carries its id: sent again, it counts once.
 */
import type { Reach } from './connection.ts'
import type { AttemptOutcome } from './core/inputs.ts'
import type { DescribeRequest, RunDescription, RunSummary } from './description.ts'
import { HttpApi, refusalIn, unanswered } from './http.ts'
import type { HttpConnection } from './http.ts'
import { OPERATIONS } from './http-calls.ts'
import type { HttpCall, HttpTold, Parts } from './http-calls.ts'
import type { CountRequest, ListRequest, RunCount, RunList } from './list.ts'
import { cursorOf, positionIn } from './listing.ts'
import { invalid } from './names.ts'
import type { Json, Payload } from './payload.ts'
import type * as P from './protocol.ts'
import type { Answer } from './protocol.ts'
import type { TargetReply } from './reference.ts'
import type * as S from './schedule.ts'
import { bucketStore } from './store.ts'
import type { EventPage, EventsRequest, RunEventPage, RunEventsRequest } from './tail.ts'
import type { ReportRequest } from './task-token.ts'
import { gathering } from './together.ts'
import type { GatheredCall, GatheredVerb, Tell, TogetherApi, TogetherRequest, Told } from './together.ts'
import type * as U from './update.ts'

export function overHttp(given: HttpConnection): Reach {
  const api = new HttpApi(given)
  const verbs = new HttpVerbs(api)
  const namespaces = new Map<string, P.ClientApi>()
  const connection = ({ namespace }: P.ShardAddress): P.ClientApi => {
    const known = namespaces.get(namespace) ?? gathering(() => verbs, later)
    namespaces.set(namespace, known)
    return known
  }
  return { connection, store: bucketStore(api.bucket) }
}

/** Node takes what has come on all its connections in one turn of its loop: calls of that turn meet. */
const isNode = typeof navigator === 'object' && navigator?.userAgent?.startsWith('Node.js/')
const later = isNode ? setImmediate : queueMicrotask // as they are now: a test may stop the clock

class HttpVerbs implements P.ClientApi, TogetherApi {
  readonly #api: HttpApi

  constructor(api: HttpApi) {
    this.#api = api
  }

  /** Where the request as a whole is refused, each call hears alone what is said to it. */
  async together({ to, calls }: TogetherRequest, tell: Tell): Promise<P.Reply<Told[]>> {
    const { namespace } = to
    const body = { calls: calls.map(callOf) }
    const left = new Set(calls.keys())
    for await (const lines of this.#api.lines<HttpTold>('calls', { query: { namespace }, body })) {
      tell(lines.map((line) => [line.place, replyOf(line)]))
      for (const { place } of lines) left.delete(place)
    }
    if (left.size > 0) throw unanswered('the answer broke off')
    return { ok: true, value: [] }
  }

  start(request: P.StartRequest): Answer<P.StartReply> {
    return this.#call('start', request)
  }

  async startMany({ to, starts }: P.StartManyRequest): Answer<P.Reply<P.StartReply>[]> {
    const body = { starts: starts.map(startBody) }
    const replies = await this.#ask<BatchItem[]>('POST', 'workflows/batch', { to, body })
    return replies.ok ? { ok: true, value: replies.value.map(replyOfItem) } : replies
  }

  target(request: P.RunRequest): Answer<TargetReply> {
    return this.#ofRun('GET', 'target', request)
  }

  signal(request: P.SignalRequest): Answer<null> {
    return this.#call('signal', request)
  }

  query(request: P.QueryRequest): Answer<Payload> {
    return this.#call('query', request)
  }

  update(request: U.UpdateRequest): Answer<U.UpdateReply> {
    return this.#call('update', request)
  }

  updateResult(request: U.UpdateResultRequest): Answer<U.UpdateReply> {
    return this.#call('updateResult', request)
  }

  cancel(request: P.CloseRequest): Answer<null> {
    return this.#call('cancel', request)
  }

  terminate(request: P.CloseRequest): Answer<null> {
    return this.#call('terminate', request)
  }

  pause(request: P.CloseRequest): Answer<null> {
    return this.#call('pause', request)
  }

  resume(request: P.RunRequest): Answer<null> {
    return this.#call('resume', request)
  }

  reset(request: P.ResetRequest): Answer<P.StartReply> {
    return this.#ofRun('POST', 'reset', request)
  }

  delete({ runId, ...request }: P.DeleteRequest): Answer<P.DeleteReply> {
    return this.#ofRun('DELETE', `runs/${part(runId, 'runId')}`, request)
  }

  result(request: P.ResultRequest): Answer<P.ResultReply> {
    return this.#call('result', request)
  }

  describe(request: DescribeRequest): Answer<RunDescription> {
    return this.#ofRun('GET', '', request)
  }

  history(request: P.HistoryRequest): Answer<P.HistoryPage> {
    return this.#ofRun('GET', 'history', request)
  }

  async list({ to, after, ...filter }: ListRequest): Answer<RunList> {
    const cursor = after && cursorOf(after, filter.orderBy)
    const page = await this.#ask<ItemPage<RunSummary>>('GET', 'workflows', {
      to,
      query: { ...filter, cursor },
    })
    if (!page.ok) return page
    const { items, nextCursor } = page.value
    const more = nextCursor !== undefined && { upTo: positionIn(nextCursor, filter.orderBy) }
    return { ok: true, value: { runs: items, ...more } }
  }

  async count({ to, ...filter }: CountRequest): Answer<RunCount> {
    const counted = await this.#ask<Counted>('GET', 'workflow-count', { to, query: filter })
    if (!counted.ok) return counted
    const { count, groups } = counted.value
    return { ok: true, value: { count, ...(groups && { groups: Object.entries(groups) }) } }
  }

  shardCount(): Promise<number> {
    return Promise.resolve(1)
  }

  events({ to, after = 'now', waitMs }: EventsRequest): Answer<EventPage> {
    return this.#ask('GET', 'events', { to, query: { after, waitMs } })
  }

  runEvents({ to, ...query }: RunEventsRequest): Answer<RunEventPage> {
    return this.#ask('GET', 'events', { to, query: { ...query } })
  }

  report({ to, taskToken, outcome, details }: ReportRequest): Answer<{ cancelRequested: boolean }> {
    const { verb, ...body } = outcome ? reported(outcome) : { verb: 'heartbeat', details }
    return this.#ask('POST', `activities/${verb}`, { to, body: { taskToken, ...body } })
  }

  createSchedule({ to, action, ...request }: S.CreateScheduleRequest): Answer<null> {
    return this.#ask('POST', 'schedules', { to, body: { ...startBody(action), ...request } })
  }

  changeSchedule({ to, scheduleId, requestId, change }: S.ChangeScheduleRequest): Answer<null> {
    const { kind, ...fields } = change
    const path = `schedules/${part(scheduleId, 'scheduleId')}`
    const body = { ...fields, requestId }
    if (kind === 'delete') return this.#ask('DELETE', path, { to, query: { requestId } })
    if (kind === 'update') return this.#ask('PATCH', path, { to, body: { ...body, ...unwrapped(change) } })
    return this.#ask('POST', `${path}/${kind}`, { to, body })
  }

  describeSchedule({ to, scheduleId }: S.ScheduleRequest): Answer<S.ScheduleDescription> {
    return this.#ask('GET', `schedules/${part(scheduleId, 'scheduleId')}`, { to })
  }

  async listSchedules({ to, after }: S.ListSchedulesRequest): Answer<S.ScheduleList> {
    const query = { cursor: after === '' ? undefined : after }
    const page = await this.#ask<ItemPage<S.ScheduleDescription>>('GET', 'schedules', { to, query })
    if (!page.ok) return page
    return { ok: true, value: { schedules: page.value.items, more: page.value.nextCursor !== undefined } }
  }

  #call<T>(verb: GatheredVerb, request: GatheredCall['request']): Answer<T> {
    const { method, path } = OPERATIONS[verb]
    const { params, ...sent } = partsOf(verb, request)
    return this.#ask(method, filled(path, params), { to: request.to, ...sent })
  }

  /** With GET and DELETE its fields are the query, else the body. */
  #ofRun<T>(method: string, path: string, request: P.RunRequest): Answer<T> {
    const { to, workflowId, runId, firstRunId, ...fields } = request
    const whole = ['workflows', part(workflowId, 'workflowId'), path].filter((one) => one !== '').join('/')
    const run = { runId, firstRunId }
    if (method === 'POST') return this.#ask(method, whole, { to, query: run, body: fields })
    return this.#ask(method, whole, { to, query: { ...run, ...fields } })
  }

  #ask<T>(method: string, path: string, { to, query, body }: Sent): Answer<T> {
    const asked = { query: ofVersion({ namespace: to.namespace, ...query }) }
    return this.#api.ask(method, path, body ? { ...asked, body: ofVersion(body) } : asked)
  }
}

interface Sent {
  to: P.ShardAddress
  query?: Readonly<Record<string, unknown>>
  body?: Readonly<Record<string, unknown>>
}

function callOf({ verb, request }: GatheredCall): HttpCall {
  return { operation: OPERATIONS[verb].id, ...partsOf(verb, request) }
}

/** Where an operation takes the fields of a request: with GET they are its query, else its body. */
function partsOf(verb: GatheredVerb, request: GatheredCall['request']): Parts {
  const { to: _, v: __, ...given } = request as P.RunRequest & Record<string, unknown>
  if (verb === 'start') return { body: startBody(given as unknown as Omit<P.StartRequest, 'to'>) }
  const { method, path } = OPERATIONS[verb]
  const { workflowId, runId, firstRunId, ...own } = given
  const params: Record<string, unknown> = { workflowId }
  for (const [, name = ''] of path.matchAll(/\{(name|updateId)\}/g)) {
    params[name] = own[name]
    delete own[name]
  }
  for (const [name, one] of Object.entries(params)) part(String(one), name) // refused alike in a path and beside others
  const run = { runId, firstRunId }
  return method === 'GET' ? { params, query: { ...run, ...own } } : { params, query: run, body: own }
}

function filled(path: string, params: Parts['params'] = {}): string {
  return path.replaceAll(/\{(\w+)\}/g, (_, name: string) => part(String(params[name]), name))
}

function replyOf(line: HttpTold): P.Reply<unknown> | null {
  return 'problem' in line ? refusalIn(line.problem) : { ok: true, value: line.value }
}

/** The path says which version of the protocol it is. */
function ofVersion(request: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const { v: _, ...fields } = request
  return fields
}

interface ItemPage<T> {
  items: T[]
  nextCursor?: string
}

interface Counted {
  count: number
  groups?: Record<string, number>
}

type BatchItem = P.StartReply | { problem: Json }

function replyOfItem(item: BatchItem): P.Reply<P.StartReply> {
  if (!('problem' in item)) return { ok: true, value: item }
  return refusalIn(item.problem) ?? { ok: false, code: 'internal', message: 'the start was not answered' }
}

/** Its times as a start names them. */
function startBody(request: Omit<P.StartRequest, 'to' | 'requestId'>): Record<string, unknown> {
  const { executionTimeoutMs, runTimeoutMs, startDelayMs, ...fields } = request
  return {
    ...fields,
    executionTimeout: executionTimeoutMs,
    runTimeout: runTimeoutMs,
    startDelay: startDelayMs,
  }
}

function reported(outcome: AttemptOutcome): { verb: string; result?: Payload; error?: object } {
  if (outcome.kind === 'completed') return { verb: 'complete', result: outcome.result }
  if (outcome.kind === 'failed') return { verb: 'fail', error: outcome.error }
  return { verb: 'fail', error: { name: 'CancelledError', message: 'cancelled', code: 'cancelled' } }
}

/** The input itself, undefined where there is to be none. */
function unwrapped(change: S.ScheduleChange): object {
  if (change.kind !== 'update' || !change.input) return {}
  return { input: change.input.payload ?? { $type: 'undefined' } }
}

/** A segment of a path. URLs have no segment of one or two dots: they lead elsewhere, however they are written. */
function part(text: string, path: string): string {
  if (text === '.' || text === '..') throw invalid(path, 'neither . nor .. over HTTP', text)
  return encodeURIComponent(text)
}
