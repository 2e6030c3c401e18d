/** What the readers found, summed up: a reader passes when it did every time it was asked. */
import type { Verdict } from './readers.ts'

export interface Totals {
  readonly readers: number
  readonly passed: number
  readonly rows: number
}

/** Skipped ones count as readers, not as passed. */
export function totalsOf(verdicts: readonly Verdict[]): Totals {
  const byReader = Map.groupBy(verdicts, ({ reader }) => reader)
  const passed = [...byReader.values()].filter((all) => all.every(({ ok }) => ok))
  const rows = verdicts.reduce((sum, verdict) => sum + verdict.rows, 0)
  return { readers: byReader.size, passed: passed.length, rows }
}

/** A mismatch, or nothing that was read: neither proves anything. Skipped readers alone are no failure. */
export function hasFailed(verdicts: readonly Verdict[]): boolean {
  const wrong = verdicts.some(({ ok, skipped }) => !ok && skipped === undefined)
  return wrong || !verdicts.some(({ ok }) => ok)
}

export function lineOf({ reader, checks, rows, ok, failed, skipped }: Verdict, ms: number): string {
  const outcome = skipped === undefined ? (ok ? 'ok' : 'FAILED') : 'skipped'
  const counts = `${String(checks).padStart(6)} checks ${String(rows).padStart(7)} rows`
  const why = skipped ?? failed.slice(0, 3).join('; ')
  const seconds = `${(ms / 1000).toFixed(1)} s`.padStart(8)
  return `  ${outcome.padEnd(8)} ${reader.padEnd(20)} ${counts} ${seconds}  ${why}`.trimEnd()
}
