/**
 * What goes wrong on a simulated platform, and where. In a test environment nothing does; a simulation's seed decides.
 * Everything here is asked in the order of the timeline.
 */

/** What runs somewhere and may be lost there: a life of an object, or a Worker's isolate. */
export interface Party {
  readonly name: string
  /** Since the end of the macrotask that lost it. */
  readonly lost: boolean
  /** At the end of this macrotask memory is gone; what it wrote to its disk in it is kept, or is not. */
  lose(reason: string, kept?: boolean): void
}

/** Whether something took effect, and whether whoever asked for it hears that it did. */
export type Fate = 'done' | 'not_done' | 'done_unheard'

export interface CallFate {
  readonly fate: Fate
  /** How long the request is under way, and its reply. */
  readonly requestMs: number
  readonly replyMs: number
}

export interface Faults {
  /** Something happens here. */
  at(place: string, party: Party | null, detail?: unknown): void
  call(method: string, from: Party | null): CallFate
  /** True: the transaction throws, and is undone. */
  commitFails(party: Party | null): boolean
  send(queue: string, from: Party | null): Fate
  /** When each copy of a message arrives (ms from now); none: it is lost. */
  copies(queue: string): readonly number[]
  /** Whether it goes to the dead letters undelivered. */
  dead(queue: string): boolean
  /** How much later than it was set for an alarm goes off. */
  alarmLateMs(name: string): number
  /** By how much a machine's clock is ahead. */
  skewMs(name: string): number
}

const DONE: CallFate = { fate: 'done', requestMs: 0, replyMs: 0 }
const AT_ONCE = [0]

export const faultless: Faults = {
  at: () => {},
  call: () => DONE,
  commitFails: () => false,
  send: () => 'done',
  copies: () => AT_ONCE,
  dead: () => false,
  alarmLateMs: () => 0,
  skewMs: () => 0,
}

/** What the platform tells a caller whose request, or its answer, was lost. */
export function connectionLost(): Error {
  return Object.assign(new Error('Network connection lost.'), { retryable: true })
}
