/**
 * Change events followed by a client, in polls that a shard holds open and that a deploy or an eviction may cut: the next poll goes on
 * where the last one ended, so that no event is lost and none is told twice.
 */
import type { WorkflowCdcEvent } from './cdc.ts'
import type { Shards } from './connection.ts'
import { checkedFields, checkedWhole, invalid } from './names.ts'
import type { ShardAddress } from './protocol.ts'
import { pause, realTime } from './time.ts'
import { POLL_MS, unlessAborted } from './result.ts'
import type { RunTarget } from './result.ts'
import { positionOf, sequenceIn } from './tail.ts'
import type { EventPage, EventsRequest, RunEventPage, RunEventsRequest } from './tail.ts'

/** Where change events begin, and where they end. */
interface Tailing {
  /** False: they end at the present. Default: true. */
  live?: boolean
  /** Ends them, with its reason thrown. */
  signal?: AbortSignal
}

/** How change events of a run are followed. */
export interface RunTailOptions extends Tailing {
  /** The `sequence` of an event: those behind it. Default: from the first. */
  after?: number
}

/** How change events of a namespace are followed. */
export interface TailOptions extends Tailing {
  /**
   * The `cursor` of an event: those behind it, as far as they are of runs in the hot tier. `now`: what happens from now on.
   * Default: from the oldest of the hot tier on.
   */
  after?: string
}

/** A change event, and where to go on behind it. */
export type TailedEvent = WorkflowCdcEvent & {
  /** For `after`, in this namespace. */
  cursor: string
}

/** Of one run, and of those that take over from it where the handle does not name one. */
export async function* tailRun(
  shards: Shards,
  target: RunTarget,
  options: RunTailOptions = {},
): AsyncGenerator<WorkflowCdcEvent> {
  const { after = 0, live = true, signal } = checkedOptions(options)
  checkedWhole(after, 'after', [0])
  const { workflowId, runId } = target
  const asked = {
    to: await shards.of(workflowId),
    workflowId,
    after,
    follow: runId === undefined,
    waitMs: live ? POLL_MS : 0,
  }
  let place: RunEventPage['next'] | RunTarget = target
  while (place) {
    const request: RunEventsRequest = { ...asked, ...place }
    const poll = shards.ask(request, (shard, one) => shard.runEvents(one), polling(signal))
    const { events, next }: RunEventPage = await (signal ? unlessAborted(poll, signal) : poll)
    yield* events
    place = live || events.length > 0 || next?.runId !== request.runId ? next : undefined
  }
}

/** Of every run of the namespace. */
export async function* tailNamespace(shards: Shards, options: TailOptions = {}): AsyncGenerator<TailedEvent> {
  for await (const { events } of namespacePages(shards, options)) yield* events
}

/** What one of the shards has answered, and where to go on. */
interface NamespacePage {
  readonly events: readonly TailedEvent[]
  readonly cursor: string
}

/** Each shard is followed by itself: what any of them has comes next. Where it is to end, each is told up to its present. */
async function* namespacePages(
  shards: Shards,
  options: TailOptions & { waitMs?: number },
): AsyncGenerator<NamespacePage> {
  const { after, live = true, signal } = checkedOptions(options)
  const waitMs = live ? (options.waitMs ?? POLL_MS) : 0
  const all = await shards.all()
  const ask = async (request: EventsRequest): Promise<{ to: ShardAddress; page: EventPage }> => {
    return {
      to: request.to,
      page: await shards.ask(request, (shard, one) => shard.events(one), polling(signal)),
    }
  }
  const positions =
    after === 'now'
      ? (await Promise.all(all.map((to) => ask({ to, waitMs: 0 })))).map(({ page }) => page.position)
      : positionsIn(after, all.length)
  const polls = new Map<number, ReturnType<typeof ask>>()
  const poll = (to: ShardAddress): unknown =>
    polls.set(to.shard, ask({ to, after: positions[to.shard] ?? BEGIN, waitMs }))
  all.forEach(poll)
  while (polls.size > 0) {
    const first = Promise.race(polls.values())
    const { to, page } = await (signal ? unlessAborted(first, signal) : first)
    const events = page.events.map((event) => {
      positions[to.shard] = event.cursor ?? positionOf(event.sequence ?? 0)
      return { ...event, cursor: cursorOf(positions) }
    })
    positions[to.shard] = page.position
    yield { events, cursor: cursorOf(positions) }
    if (live || page.more) poll(to)
    else polls.delete(to.shard)
  }
}

/** One page of all shards together, for who asks again: what waits in the others is left there. */
export async function namespacePage(
  shards: Shards,
  { waitMs: given, ...options }: TailOptions & { waitMs: number },
): Promise<EventPage> {
  const waitMs = Math.min(given, MAX_WAIT_TOGETHER_MS)
  const events: TailedEvent[] = []
  let position = options.after ?? BEGIN
  for await (const page of namespacePages(shards, { ...options, live: waitMs > 0, waitMs })) {
    events.push(...page.events)
    position = page.cursor
    if (waitMs > 0 || events.length >= MAX_TOGETHER) {
      if (events.length > 0 && waitMs > 0) await pause(realTime, COMPANY_MS)
      return { events, position, more: true }
    }
  }
  return { events, position, more: false }
}

/** Enough for a page: none of another shard is added. */
const MAX_TOGETHER = 1_000
/** The other shards go on holding what one page has asked of them: not for long, and not often. */
const MAX_WAIT_TOGETHER_MS = 5_000
const COMPANY_MS = 100

function polling(signal: AbortSignal | undefined): { lasting: true; signal?: AbortSignal } {
  return { lasting: true, ...(signal && { signal }) }
}

function checkedOptions<T extends Tailing>(options: T): T {
  checkedFields(options, 'options')
  options.signal?.throwIfAborted()
  return options
}

const BEGIN = positionOf(0)

/** Opaque to callers: the position of each shard. */
export function cursorOf(positions: readonly string[]): string {
  return positions.join('.')
}

/** Of each shard; without a cursor, in front of everything. One shard may stand for several: then it looks itself. */
export function positionsIn(cursor: string | undefined, shards: number): string[] {
  if (cursor === undefined || cursor === BEGIN) return Array.from({ length: shards }, () => BEGIN)
  const text = typeof cursor === 'string' ? cursor : ''
  const positions = shards === 1 ? [text] : text.split('.')
  const sound = shards === 1 || positions.every((position) => sequenceIn(position) !== null)
  if (sound && positions.length === shards) return positions
  throw invalid('after', 'now, or the cursor of an event of the namespace', cursor)
}
