/** Attempts of activities while what they call is down, and after: the engine's own back-off, and its own resends. */
import { due, nextDeadline, sent } from '../../shared/core/attempt.ts'
import type { ActivityTask } from '../../shared/core/attempt.ts'
import { DEFAULT_RETRY, DEFAULT_TIMEOUTS, nextDelayMs } from '../../shared/core/retry.ts'
import { Draws } from './draws.ts'

export interface Storm {
  /** Of the default policy. */
  readonly jitter: number
  /** Attempts in the busiest second of the outage, in those of a normal one. */
  readonly during: number
  /** The same, of the seconds after it. */
  readonly after: number
  /** From the end of the outage to the last attempt that it delayed. */
  readonly lastS: number
}

export interface StormOptions {
  readonly perSecond: number
  readonly outageS: number
  readonly jitter: number
  readonly seed: number
}

/** Activities begin all the time. What fails does so at once. */
export function stormOf({ perSecond, outageS, jitter, seed }: StormOptions): Storm {
  const draws = new Draws(seed)
  const begun = Array.from({ length: perSecond * outageS }, () => draws.next() * outageS * SECOND_MS)
  const ends = outageS * SECOND_MS
  const attempts = begun.flatMap((at) => [...attemptsOf(at, ends, { jitter, draws })])
  const seconds = perSecondOf(attempts)
  const late = attempts.filter((at) => at >= ends)
  // Those that begin after the end are there too.
  const peak = (from: number, to: number): number =>
    Math.max(0, ...[...seconds].filter(([second]) => second >= from && second < to).map(([, count]) => count))
  return {
    jitter,
    during: peak(0, outageS) / perSecond,
    after: 1 + peak(outageS, Infinity) / perSecond,
    lastS: (Math.max(ends, ...maxima(late)) - ends) / SECOND_MS,
  }
}

/** As many activities of one moment: how many of them come back in the same second after the outage. */
export function lockstepOf({ perSecond: count, outageS, jitter, seed }: StormOptions): number {
  const draws = new Draws(seed)
  const ends = outageS * SECOND_MS
  const last = Array.from({ length: count }, () => [...attemptsOf(0, ends, { jitter, draws })].at(-1) ?? 0)
  return Math.max(...perSecondOf(last).values()) / count
}

/** Messages that a shard sends again for each that waits unclaimed, of a queue that nobody consumes for so long. */
export function copiesOf(outageS: number): number {
  let task = sent(WAITING, 0)
  const copies = (): number => task.sends - 1
  for (let at = nextDeadline(task); at <= outageS * SECOND_MS; at = nextDeadline(task))
    if (due(task, { now: at, draw: 0 }).kind === 'send') task = sent(task, at)
  return copies()
}

const SECOND_MS = 1_000

/** When it is tried, up to the first time after the outage. */
function* attemptsOf(
  begun: number,
  ends: number,
  { jitter, draws }: { jitter: number; draws: Draws },
): Generator<number> {
  const rules = { ...DEFAULT_RETRY, ...(jitter > 0 && { jitter }) }
  let at = begun
  for (let attempt = 1; at < ends; attempt += 1) {
    yield at
    at += nextDelayMs(rules, attempt, draws.next())
  }
  yield at
}

function perSecondOf(times: readonly number[]): Map<number, number> {
  const counts = new Map<number, number>()
  for (const at of times) {
    const second = Math.floor(at / SECOND_MS)
    counts.set(second, (counts.get(second) ?? 0) + 1)
  }
  return counts
}

/** The largest alone: a call takes no million arguments. */
function maxima(values: readonly number[]): number[] {
  return [values.reduce((one, other) => Math.max(one, other), 0)]
}

const WAITING: ActivityTask = {
  key: 'run/1',
  runId: 'run',
  workflowId: 'order',
  seq: 1,
  activityType: 'ship',
  taskQueue: 'default',
  hasInput: false,
  retry: DEFAULT_RETRY,
  timeouts: DEFAULT_TIMEOUTS,
  attempt: 1,
  scheduledAt: 0,
  dueAt: 0,
  sentAt: null,
  sends: 0,
  claim: null,
  cancelRequested: false,
}
