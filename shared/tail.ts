/** Change events as a shard answers them to who asks: a page at a time, from committed history. */
import type { WorkflowCdcEvent } from './cdc.ts'
import type { Reply, RunRequest, ShardAddress } from './protocol.ts'

/** Of every run of the shard, in the order of their numbers. */
export interface EventsRequest {
  to: ShardAddress
  /** Events behind this position. Absent: none, only where the shard is now. */
  after?: string
  /** How long to hold the call open for the first of them, at most 25,000 ms. */
  waitMs: number
}

export interface EventPage {
  /** Over HTTP, where the shards of the namespace are one, each has a cursor. */
  events: (WorkflowCdcEvent & { cursor?: string })[]
  /** Where to go on. */
  position: string
  /** Whether there is more behind it by now. */
  more: boolean
}

/** The position behind an event, by its number; 0 is in front of everything. */
export function positionOf(sequence: number): string {
  return sequence.toString(36)
}

/** The number in a position; null where there is none. */
export function sequenceIn(position: string): number | null {
  const sequence = /^[\da-z]{1,11}$/.test(position) ? parseInt(position, 36) : NaN
  return Number.isSafeInteger(sequence) ? sequence : null
}

/** Of one run, wherever it lies, and of those that take over from it. */
export interface RunEventsRequest extends RunRequest {
  /** Events behind this number. */
  after: number
  /** Of the run named: events from this one on, whatever their numbers. */
  fromEvent?: number
  /** Go on with the run that has taken over when this one ends. */
  follow: boolean
  /** As of a shard. */
  waitMs: number
}

export interface RunEventPage {
  events: WorkflowCdcEvent[]
  /** Where to go on; absent: the end was told. */
  next?: { runId: string; fromEvent: number }
}

export interface TailApi {
  events(request: EventsRequest): Promise<Reply<EventPage>>
  runEvents(request: RunEventsRequest): Promise<Reply<RunEventPage>>
}
