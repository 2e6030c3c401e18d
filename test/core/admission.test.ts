import { describe, expect, test } from 'vitest'
import { retryAfterMs, turnSize } from '../../shared/core/admission.ts'
import type { Load } from '../../shared/core/admission.ts'

const load = (changes: Partial<Load> = {}): Load => {
  return { waiting: 0, fresh: 0, bytes: 0, waitedMs: 0, msPerJob: 0.2, jobsPerNew: 1, refused: 0, ...changes }
}

describe('new work', () => {
  test('is taken while what waits is served within a second', () => {
    expect(retryAfterMs(load(), 'new')).toBeNull()
    expect(retryAfterMs(load({ waiting: 5_000 }), 'new')).toBeNull()
    expect(retryAfterMs(load({ waiting: 5_001 }), 'new')).toBe(1_000)
  })

  test('waits for the jobs that the new work ahead of it brings', () => {
    expect(retryAfterMs(load({ waiting: 500, fresh: 500, jobsPerNew: 10 }), 'new')).toBeNull()
    expect(retryAfterMs(load({ waiting: 501, fresh: 501, jobsPerNew: 10 }), 'new')).toBe(1_002)
    expect(retryAfterMs(load({ waiting: 1_500, fresh: 400, jobsPerNew: 10 }), 'new')).toBe(1_020)
    // A shard full of timers is no sign of it.
    expect(retryAfterMs(load({ waiting: 100, fresh: 100, jobsPerNew: 1e9 }), 'new')).toBeNull()
  })

  test('is refused once the first that waits has waited for longer than that', () => {
    expect(retryAfterMs(load({ waiting: 100, waitedMs: 1_000 }), 'new')).toBeNull()
    expect(retryAfterMs(load({ waiting: 100, waitedMs: 1_500 }), 'new')).toBe(1_500)
  })

  test('is taken behind a few, however slow a turn was', () => {
    expect(retryAfterMs(load({ waiting: 63, waitedMs: 9_000 }), 'new')).toBeNull()
    expect(retryAfterMs(load({ waiting: 64, waitedMs: 9_000 }), 'new')).toBe(9_000)
  })

  test('is refused where it would fill the memory, however fast the turns are', () => {
    expect(retryAfterMs(load({ waiting: 10_000, msPerJob: 0 }), 'new')).toBe(200)
    expect(retryAfterMs(load({ waiting: 1, bytes: 17_000_000 }), 'new')).toBe(200)
  })

  test('is told to come back later, the more is refused, and within ten seconds', () => {
    const slow = { waiting: 10_000, waitedMs: 1_100 }
    expect(retryAfterMs(load({ ...slow, refused: 10_000 }), 'new')).toBe(4_000)
    expect(retryAfterMs(load({ ...slow, refused: 1_000_000 }), 'new')).toBe(10_000)
    expect(retryAfterMs(load({ ...slow, refused: 500, jobsPerNew: 10 }), 'new')).toBe(3_000)
  })
})

test('what ends accepted work is taken where new work is not', () => {
  const slow = load({ waiting: 20_000, waitedMs: 5_000, bytes: 20_000_000 })
  expect(retryAfterMs(slow, 'new')).toBe(5_000)
  expect(retryAfterMs(slow, 'end')).toBeNull()
  expect(retryAfterMs({ ...slow, waiting: 50_000 }, 'end')).toBe(10_000)
})

test('a turn takes what a quarter of a second allows, at least 32 jobs and at most 500', () => {
  expect(turnSize(0)).toBe(500)
  expect(turnSize(0.1)).toBe(500)
  expect(turnSize(1)).toBe(250)
  expect(turnSize(100)).toBe(32)
})
