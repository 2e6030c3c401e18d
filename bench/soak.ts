/**
 * `npm run soak`: measures what the engine can do on this machine, then gives it half of that for as long as it is told,
 * while the archiver passes every few seconds. Load comes at its times whether the engine keeps up or not, and latency
 * counts from these. Per window: rate, p50, p99, memory, rows. Prints one line of JSON last; exit 1 unless latency and
 * memory stay flat, nothing fails, and every row that came in has been archived.
 *
 *   npm run soak -- --minutes 30
 */
import { parseArgs } from 'node:util'
import { startServer } from './archive/server.ts'
import { capacityOf } from './soak/capacity.ts'
import { soak, type Soaked } from './soak/load.ts'
import { growth } from './soak/trend.ts'

const { values } = parseArgs({ options: { minutes: { type: 'string', default: '30' } } })
const minutes = Number(values.minutes)
/** What may be gained from the first window to the last, beyond what chance explains, as a part of the mean. */
const LATENCY_TOLERANCE = 0.5
const MEMORY_TOLERANCE = 0.2
/** Caches fill and V8 compiles: what comes before this part of the time says nothing of memory. */
const SETTLED_AFTER = 1 / 3

const interruption = new AbortController()
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => interruption.abort())
const server = await startServer(interruption.signal, { apart: false, traced: false })
try {
  const capacity = await capacityOf(server, say)
  report(capacity, await soak(server, { perSecond: capacity / 2, minutes, say }))
} finally {
  await server.stop()
}

function report(capacity: number, { windows, rowsIn, archived, failures }: Soaked): void {
  const settled = windows.slice(Math.floor(windows.length * SETTLED_AFTER))
  const p99Growth = growth(windows.map(({ p99Ms }) => p99Ms))
  const rssGrowth = growth(settled.map(({ rssMiB }) => rssMiB))
  const wrong = [
    ...failures,
    ...(p99Growth > LATENCY_TOLERANCE ? [`p99 grows by ${percent(p99Growth)}`] : []),
    ...(rssGrowth > MEMORY_TOLERANCE ? [`memory grows by ${percent(rssGrowth)}`] : []),
    ...(archived.cold === rowsIn ? [] : [`${rowsIn} rows came in, ${archived.cold} were archived`]),
  ]
  for (const text of wrong.slice(0, 20)) say(`  ✗ ${text}`)
  const figures = {
    minutes,
    capacityPerSecond: Math.round(capacity),
    perSecond: Math.round(capacity / 2),
    runs: windows.reduce((sum, { runs }) => sum + runs, 0),
    errors: failures.length,
    rowsIn,
    rowsArchived: archived.cold,
    passes: archived.passes,
    p99Growth,
    rssGrowth,
    windows,
    wrong: wrong.length,
  }
  console.log(JSON.stringify(figures))
  if (wrong.length > 0) process.exitCode = 1
}

function percent(part: number): string {
  return `${Math.round(part * 100)} %`
}

function say(text: string): void {
  process.stderr.write(`${text}\n`)
}
