/** A fleet small enough for every run of the tests: what must hold of it whatever is assumed. */
import { describe, expect, test } from 'vitest'
import { MEMORY_BYTES, SUBREQUESTS } from '../scripts/fleet/assumed.ts'
import { fleetOf } from '../scripts/fleet/report.ts'

const options = { seed: 1, shards: [8, 1_000], ids: 100_000, perSecond: 50, schedules: 1_000 }
const fleet = await fleetOf(options)
const of = <T extends { shards: number }>(rows: readonly T[], shards: number): T[] =>
  rows.filter((row) => row.shards === shards)

test('the same seed gives the same fleet', async () => {
  const small = { ...options, shards: [8], ids: 1_000 }
  expect(await fleetOf(small)).toEqual(await fleetOf(small))
})

describe('the busiest shard', () => {
  test('of ids that are all alike is hardly busier than the others, and of hot ones no number of shards helps', () => {
    const [even] = of(fleet.skew, 1_000)
    expect(even!.hottest).toBeLessThan(1.4)
    const [few, many] = [8, 1_000].map((shards) => of(fleet.skew, shards).at(-1)!)
    expect(many!.worth).toBeLessThan(1 / many!.topId)
    expect(many!.worth).toBeLessThan(2 * few!.worth)
  })
})

describe('a list over a thousand shards', () => {
  test('asks each once, for less than a Worker has memory for, and gives a page', () => {
    for (const page of of(fleet.listing, 1_000)) {
      expect(page.calls).toBe(1_000)
      expect(page.calls).toBeLessThan(SUBREQUESTS)
      expect(page.bytes).toBeLessThan(MEMORY_BYTES / 10)
      expect(page.rows).toBe(page.limit)
    }
  })
})

describe('the archiver', () => {
  test('gets round all shards with each of its phases, in few passes where one is not enough', () => {
    for (const round of fleet.archiving) {
      expect(round.ms).toBeLessThan(round.budgetMs + 10_000)
      expect(Math.min(...Object.values(round.reached))).toBeGreaterThan(0)
      expect(round.calls).toBeLessThan(SUBREQUESTS)
      expect(round.passes).toBeLessThanOrEqual(round.budgetMs === 20_000 ? 12 : 1)
    }
  })
})

describe('what happens everywhere at once', () => {
  test('fails no caller when all objects are reset', () => {
    for (const { failed } of fleet.woken) expect(failed).toBe(0)
  })

  test('is spread by jitter: schedules of one time, and activities that failed together', () => {
    const [at, spread] = [0, 60_000].map((jitterMs) =>
      fleet.midnight.find((one) => one.jitterMs === jitterMs)!,
    )
    expect(at!.peakPerSecond).toBe(options.schedules)
    expect(spread!.peakPerSecond).toBeLessThan(options.schedules / 10)
    const [plain, jittered] = fleet.storms
    expect(plain!.lockstep).toBe(1)
    expect(jittered!.lockstep).toBeLessThan(0.2)
  })
})
