/** What the readers found, summed up: a reader passes when it did every time it was asked. */
export interface Verdict {
  readonly reader: string
  readonly checks: number
  readonly rows: number
  readonly ok: boolean
  readonly failed: readonly string[]
  /** Why it did not run. */
  readonly skipped?: string
}

export interface Totals {
  /** That ran. */
  readonly readers: number
  readonly passed: number
  readonly rows: number
}

export function totalsOf(verdicts: readonly Verdict[]): Totals {
  const byReader = Map.groupBy(verdicts.filter(ran), ({ reader }) => reader)
  const passed = [...byReader.values()].filter((all) => all.every(({ ok }) => ok))
  const rows = verdicts.reduce((sum, verdict) => sum + verdict.rows, 0)
  return { readers: byReader.size, passed: passed.length, rows }
}

/** Readers that are not here are no failure; a difference is, and so is nothing that was read at all. */
export function hasFailed(verdicts: readonly Verdict[]): boolean {
  const those = verdicts.filter(ran)
  return those.length === 0 || those.some(({ ok }) => !ok)
}

/** Which readers ran, and which did not and why. */
export function summaryOf(verdicts: readonly Verdict[]): string {
  const names = [...new Set(verdicts.filter(ran).map(({ reader }) => reader))]
  const byReason = Map.groupBy(
    verdicts.filter((verdict) => !ran(verdict)),
    ({ skipped }) => skipped,
  )
  const skipped = Array.from(
    byReason,
    ([reason, some]) => `skipped: ${[...new Set(some.map(({ reader }) => reader))].join(', ')} (${reason})`,
  )
  return [`ran: ${names.join(', ')}`, ...skipped].join('\n')
}

export function lineOf({ reader, checks, rows, ok, failed, skipped }: Verdict, ms: number): string {
  const outcome = skipped === undefined ? (ok ? 'ok' : 'FAILED') : 'skipped'
  const counts = `${String(checks).padStart(6)} checks ${String(rows).padStart(7)} rows`
  const why = skipped ?? failed.slice(0, 3).join('; ')
  const seconds = `${(ms / 1000).toFixed(1)} s`.padStart(8)
  return `  ${outcome.padEnd(8)} ${reader.padEnd(20)} ${counts} ${seconds}  ${why}`.trimEnd()
}

function ran({ skipped }: Verdict): boolean {
  return skipped === undefined
}
