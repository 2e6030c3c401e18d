/** What happens at one moment in all shards: they wake, or the clock strikes for their schedules. */
import { calendarOf } from '../../scheduler-do/schedules/calendar.ts'
import type { Chance } from '../../shared/chance.ts'
import { RETRY } from '../../shared/connection.ts'
import { patiently } from '../../shared/patience.ts'
import { shardOf } from '../../shared/shard.ts'
import { callMs } from './assumed.ts'
import { Clock } from './clock.ts'
import { Draws, quantile } from './draws.ts'

export interface Woken {
  readonly shards: number
  /** Calls that were under way, and fail. */
  readonly callers: number
  /** Calls in the busiest tenth of a second after that. */
  readonly peak: number
  /** Until this part of the callers has its answer. */
  readonly p50Ms: number
  readonly p99Ms: number
  /** Callers whose five attempts were all in vain. */
  readonly failed: number
}

interface Options {
  readonly shards: number
  readonly seed: number
}

const BUCKET_MS = 100
/** So long it may be until an object is back: a new version is not everywhere at once. */
const GONE_MS = 1_000
const CALLERS_PER_SHARD = 10

/** A deploy resets all objects while each answers ten callers, who ask again as the client does. */
export async function wokenOf({ shards, seed }: Options): Promise<Woken> {
  const [clock, draws] = [new Clock(), new Draws(seed)]
  const backAt = Array.from({ length: shards }, () => GONE_MS * draws.next())
  const calls = new Map<number, number>()
  const answered: number[] = []
  let failed = 0
  const chance = { draw: () => draws.next() } as Chance // an id is asked of nobody
  const call = async (shard: number): Promise<void> => {
    const bucket = Math.floor(clock.now() / BUCKET_MS)
    calls.set(bucket, (calls.get(bucket) ?? 0) + 1)
    const gone = clock.now() < (backAt[shard] ?? 0)
    await clock.pause(gone ? 1 : callMs(draws, 1))
    if (gone) throw new Error('the object was reset')
  }
  const callers = shards * CALLERS_PER_SHARD
  for (let caller = 0; caller < callers; caller += 1)
    void patiently(() => call(caller % shards), RETRY, { time: clock, chance }).then(
      () => answered.push(clock.now()),
      () => (failed += 1),
    )
  await clock.run()
  const [, ...later] = [...calls].toSorted(([one], [other]) => one - other)
  const peak = Math.max(0, ...later.map(([, count]) => count))
  return { shards, callers, peak, p50Ms: quantile(answered, 0.5), p99Ms: quantile(answered, 0.99), failed }
}

export interface Midnight {
  readonly shards: number
  readonly schedules: number
  readonly jitterMs: number
  /** Starts that fall due in the busiest second, of all shards. */
  readonly peakPerSecond: number
  /** How late a run begins. */
  readonly p50Ms: number
  readonly p99Ms: number
  /** Until the busiest shard has begun all of its own. */
  readonly lastMs: number
}

/** Runs that a shard begins in a second. */
const STARTS_PER_SECOND = 500

/** So many schedules of midnight: how long after it each is due. */
export function midnightTimes(schedules: number, jitterMs: number): Map<string, number> {
  const times = { cron: ['0 0 * * *'], timeZone: 'UTC', jitterMs }
  const ids = Array.from({ length: schedules }, (_, number) => `nightly-${number}`)
  return new Map(ids.map((id) => [id, (calendarOf(id, times).next(NOON)?.dueAt ?? 0) - MIDNIGHT]))
}

export function midnightOf(shards: number, jitterMs: number, due: ReadonlyMap<string, number>): Midnight {
  const waiting = Array.from({ length: shards }, (): number[] => [])
  const peaks = new Map<number, number>()
  for (const [scheduleId, dueAt] of due) {
    waiting[shardOf(scheduleId, shards)]?.push(dueAt)
    const second = Math.floor(dueAt / 1_000)
    peaks.set(second, (peaks.get(second) ?? 0) + 1)
  }
  const late = waiting.flatMap((times) => [...lateness(times, 1_000 / STARTS_PER_SECOND)])
  const peakPerSecond = Math.max(...peaks.values())
  const [p50Ms, p99Ms] = [quantile(late, 0.5), quantile(late, 0.99)]
  return { shards, schedules: due.size, jitterMs, peakPerSecond, p50Ms, p99Ms, lastMs: quantile(late, 1) }
}

const NOON = Date.UTC(2026, 0, 1, 12)
const MIDNIGHT = Date.UTC(2026, 0, 2)

/** One after the other, each as soon as it is due and the one before it has begun. */
function* lateness(times: readonly number[], eachMs: number): Generator<number> {
  let free = 0
  for (const dueAt of times.toSorted((one, other) => one - other)) {
    free = Math.max(free, dueAt) + eachMs
    yield free - dueAt
  }
}
