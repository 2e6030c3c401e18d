/** Change events as they happen: a stream for browsers, and a page at a time for whoever asks again. */
import { streamSSE } from 'hono/streaming'
import type { SSEStreamingApi } from 'hono/streaming'
import * as z from 'zod/mini'
import type { WorkflowCdcEvent } from '../../shared/cdc.ts'
import { invalid } from '../../shared/names.ts'
import type { Reply } from '../../shared/protocol.ts'
import type { RunTarget } from '../../shared/result.ts'
import type { EventPage, RunEventPage } from '../../shared/tail.ts'
import { namespacePage, positionsIn, tailNamespace, tailRun } from '../../shared/tailing.ts'
import { errorFacts, log } from '../log.ts'
import { said, workflowId } from '../shapes.ts'
import { MAX_WAIT_MS } from '../waiters.ts'
import { answerFor, shardsOf } from './namespaces.ts'
import { flag, number, run } from './parameters.ts'
import { route } from './route.ts'
import type { RouteRequest } from './route.ts'

const optional = z.exactOptional
/** Proxies end what is silent. */
const BEAT_MS = 15_000
const BEAT = ':\n\n'

const query = z.extend(run, {
  workflowId: said(optional(workflowId), {
    description: 'Of this workflow. Absent: of the whole namespace.',
  }),
  after: said(optional(z.string().check(z.maxLength(1_000))), {
    description:
      'The id of an event: those behind it. Of a namespace also now: what happens from now on. Absent: from the first, of a namespace from the oldest of its hot tier. The header Last-Event-ID goes before it.',
  }),
  live: flag('Whether to go on as events happen. Absent: true.'),
  waitMs: number(
    0,
    MAX_WAIT_MS,
    'Answer one page as JSON, and hold the call open for it so long, in milliseconds. Absent: a stream.',
  ),
  fromEvent: number(1, Number.MAX_SAFE_INTEGER, 'Of a page of the run named: from this event on.'),
  follow: flag('Of a page of a run: go on with the run that takes over. Absent: unless one run is named.'),
})

const change = said(
  z.looseObject({ type: z.string(), workflowId, runId: optional(z.string()), sequence: optional(z.int()) }),
  { id: 'ChangeEvent' },
)
const eventPage = said(z.object({ events: z.array(change), position: z.string(), more: z.boolean() }), {
  id: 'EventPage',
})
const runEventPage = said(
  z.object({
    events: z.array(change),
    next: optional(z.object({ runId: z.string(), fromEvent: z.int() })),
  }),
  { id: 'RunEventPage' },
)

type Query = z.output<typeof query>
type Asked = RouteRequest<unknown, Query, unknown>

export const eventRoutes = [
  route({
    method: 'get',
    path: '/events',
    scope: 'read',
    id: 'followEvents',
    summary: 'Follow change events',
    description:
      'Server-sent events: `id` is where to go on, `event` the type of the change event, `data` the change event as JSON. Of a workflow it ends when its run has ended and nobody has taken over; asked again then, there is nothing (204). ' +
      'With waitMs, one page of them as JSON: `{events, position, more}`, whose position is the next after, or of a workflow `{events, next}`, whose next has runId and fromEvent.',
    query,
    answer: said(z.object({ event: z.string(), data: z.string(), id: optional(z.string()) }), {
      id: 'ServerSentEvent',
    }),
    media: 'text/event-stream',
    others: { 'application/json': z.union([eventPage, runEventPage]) },
    sometimes: true,
    serve: async (asked) => {
      const { workflowId: id, waitMs: paged } = asked.query
      if (paged !== undefined)
        return id === undefined ? await page(asked, paged) : await runPage(asked, id, paged)
      return id === undefined ? await stream(asked) : await runStream(asked, id)
    },
  }),
]

function afterOf({ c, query: { after } }: Asked): { after?: string } {
  const given = c.req.header('last-event-id') ?? after
  return given === undefined ? {} : { after: given }
}

async function page(asked: Asked, wait: number): Promise<Reply<EventPage>> {
  const shards = await shardsOf(asked.config, asked.namespace)
  return { ok: true, value: await namespacePage(shards, { ...afterOf(asked), waitMs: wait }) }
}

async function runPage(asked: Asked, id: string, wait: number): Promise<Reply<RunEventPage>> {
  const { runId, fromEvent, follow = runId === undefined } = asked.query
  const request = {
    ...runOf(asked, id),
    after: sequenceOf(afterOf(asked).after),
    follow,
    waitMs: wait,
    ...(fromEvent !== undefined && { fromEvent }),
  }
  return await answerFor(asked, id, { request, verb: (shard, one) => shard.runEvents(one) })
}

function runOf({ query: { runId, firstRunId } }: Asked, id: string): RunTarget {
  return {
    workflowId: id,
    ...(runId !== undefined && { runId }),
    ...(firstRunId !== undefined && { firstRunId }),
  }
}

function sequenceOf(after = '0'): number {
  if (/^\d{1,15}$/.test(after)) return Number(after)
  throw invalid('after', 'the id of an event of the workflow', after)
}

async function stream(asked: Asked): Promise<Response> {
  const shards = await shardsOf(asked.config, asked.namespace)
  const { live = true } = asked.query
  const from = afterOf(asked)
  // Once it is open, a stream cannot refuse.
  if (from.after !== 'now') positionsIn(from.after, (await shards.all()).length)
  return told(asked, async function* (signal) {
    for await (const { cursor, ...event } of tailNamespace(shards, { ...from, live, signal }))
      yield { id: cursor, event }
  })
}

/** An EventSource comes back when a stream has ended, but not where there is nothing any more. */
async function runStream(asked: Asked, id: string): Promise<Reply<unknown> | Response> {
  const begin = await runPage(asked, id, 0)
  if (!begin.ok) return begin
  if (!begin.value.next && begin.value.events.length === 0) return asked.c.body(null, 204)
  const { live = true } = asked.query
  const shards = await shardsOf(asked.config, asked.namespace)
  const after = sequenceOf(afterOf(asked).after)
  return told(asked, async function* (signal) {
    for await (const event of tailRun(shards, runOf(asked, id), { after, live, signal }))
      yield { id: event.sequence === undefined ? undefined : `${event.sequence}`, event }
  })
}

interface Told {
  readonly id: string | undefined
  readonly event: WorkflowCdcEvent
}

function told({ c, config }: Asked, events: (signal: AbortSignal) => AsyncIterable<Told>): Response {
  return streamSSE(c, async (open) => {
    const gone = new AbortController()
    open.onAbort(() => gone.abort())
    const stop = beating(open, config)
    try {
      await open.write(BEAT) // so that it is known to be open
      for await (const { id, event } of events(gone.signal))
        await open.writeSSE({
          event: event.type,
          data: JSON.stringify(event),
          ...(id !== undefined && { id }),
        })
    } catch (error) {
      // Whoever is still there comes back, and goes on where it was.
      if (!gone.signal.aborted) log('events_cut', errorFacts(error))
    } finally {
      stop()
    }
  })
}

function beating(open: SSEStreamingApi, { runtime: { time } }: Asked['config']): () => void {
  let stop: () => void
  const next = (): void => {
    stop = time.after(BEAT_MS, () => {
      void open.write(BEAT)
      next()
    })
  }
  next()
  return () => stop()
}
