import { describe, expect, test } from 'vitest'
import { hasFailed, summaryOf, totalsOf, type Verdict } from '../../../scripts/interop/report.ts'

function verdict(reader: string, outcome: 'ok' | 'failed' | 'skipped', rows = 10): Verdict {
  const failed = outcome === 'failed' ? ['rows'] : []
  const found = { reader, checks: 1, rows, ok: outcome === 'ok', failed }
  return outcome === 'skipped' ? { ...found, skipped: 'not installed' } : found
}

describe('the totals of an interop run', () => {
  test('count a reader once, however often it read, and its rows each time', () => {
    const verdicts = [verdict('a', 'ok'), verdict('b', 'ok', 5), verdict('a', 'ok')]
    expect(totalsOf(verdicts)).toEqual({ readers: 2, passed: 2, rows: 25 })
  })

  test('let a reader pass only when it did every time', () => {
    const verdicts = [verdict('a', 'ok'), verdict('a', 'failed'), verdict('b', 'ok')]
    expect(totalsOf(verdicts)).toMatchObject({ readers: 2, passed: 1 })
  })

  test('leave out a reader that did not run, and say so', () => {
    const verdicts = [verdict('a', 'ok'), verdict('b', 'skipped', 0), verdict('a', 'ok')]
    expect(totalsOf(verdicts)).toMatchObject({ readers: 1, passed: 1 })
    expect(summaryOf(verdicts)).toBe('ran: a\nskipped: b (not installed)')
  })
})

describe('an interop run', () => {
  test('fails when one reader found a difference', () => {
    expect(hasFailed([verdict('a', 'ok'), verdict('b', 'failed')])).toBe(true)
  })

  test('does not fail for a reader that cannot be installed', () => {
    expect(hasFailed([verdict('a', 'ok'), verdict('b', 'skipped', 0)])).toBe(false)
  })

  test('fails when nothing was read', () => {
    expect(hasFailed([])).toBe(true)
    expect(hasFailed([verdict('a', 'skipped', 0)])).toBe(true)
  })
})
