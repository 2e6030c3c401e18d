/** The load itself: slices of it are sent at their times, passes of the archiver are made beside it. */
import { setTimeout as sleep } from 'node:timers/promises'
import { quantile } from '../figures.ts'
import { sum, type Answer } from '../archive/figures.ts'
import { drawnOrders, rowsOf } from '../archive/orders.ts'
import type { Server } from '../archive/server.ts'
import { rssMiB } from '../process.ts'
import { taken } from './orders.ts'

interface Window {
  runs: number
  perSecond: number
  p50Ms: number
  p99Ms: number
  /** Of workerd, R2's local stand-in included. */
  rssMiB: number
  rowsIn: number
  rowsArchived: number
}

export interface Soaked {
  windows: Window[]
  rowsIn: number
  archived: Archived
  failures: string[]
}

interface Archived {
  cold: number
  passes: number
}

interface Soaking {
  readonly perSecond: number
  readonly minutes: number
  readonly say: (text: string) => void
}

const NAMESPACE = 'soak'
const SLICE_MS = 1_000
const MOST_WINDOW_MS = 60_000
/** Short soaks have as many windows as a trend needs. */
const FEWEST_WINDOWS = 6
const PASS_EVERY_MS = 5_000
const MOST_LAST_PASSES = 50

export async function soak(server: Server, soaking: Soaking): Promise<Soaked> {
  const windowMs = Math.min(MOST_WINDOW_MS, (soaking.minutes * 60_000) / FEWEST_WINDOWS)
  const slices = Math.max(1, Math.round(windowMs / SLICE_MS))
  const count = Math.max(1, Math.round((soaking.minutes * 60_000) / (slices * SLICE_MS)))
  const over = new AbortController()
  const archived: Archived = { cold: 0, passes: 0 }
  const passing = passes(server, archived, over.signal)
  const orders = drawnOrders('soak', 2)
  const line = { server, orders, perSlice: Math.max(1, Math.round((soaking.perSecond * SLICE_MS) / 1000)) }
  const windows: Window[] = []
  const failures: string[] = []
  for (let number = 1; number <= count; number += 1) {
    const before = archived.cold
    const answers = await window(line, slices)
    failures.push(...answers.flatMap(({ failures: ofSlice }) => ofSlice))
    windows.push(figuresOf(answers, { server, rowsArchived: archived.cold - before }))
    soaking.say(`window ${number} of ${count}: ${JSON.stringify(windows.at(-1))}`)
  }
  over.abort()
  await passing
  const rowsIn = sum(windows.map((one) => one.rowsIn))
  for (let left = MOST_LAST_PASSES; archived.cold < rowsIn && left > 0; left -= 1)
    await pass(server, archived)
  return { windows, rowsIn, archived, failures }
}

interface Line {
  readonly server: Server
  readonly orders: ReturnType<typeof drawnOrders>
  readonly perSlice: number
}

type Slice = Answer['load'] & { rows: number }

/** Slices begin on time, whether those before them are worked off or not; resolves when all are. */
async function window({ server, orders, perSlice }: Line, slices: number): Promise<Slice[]> {
  const startedAt = performance.now()
  const answers: Promise<Slice>[] = []
  for (let slice = 0; slice < slices; slice += 1) {
    await sleep(Math.max(0, startedAt + slice * SLICE_MS - performance.now()))
    const drawn = taken(orders, perSlice)
    const answer = server.ask('load', { namespace: NAMESPACE, forMs: SLICE_MS, orders: drawn })
    answers.push(answer.then((loaded) => ({ ...loaded, rows: sum(drawn.map(rowsOf)) })))
  }
  return await Promise.all(answers)
}

function figuresOf(
  slices: readonly Slice[],
  { server, rowsArchived }: { server: Server; rowsArchived: number },
): Window {
  const samples = slices.flatMap(({ samplesMs }) => samplesMs)
  return {
    runs: samples.length,
    perSecond: Math.round((samples.length * 1000) / (slices.length * SLICE_MS)),
    p50Ms: Math.round(quantile(samples, 0.5)),
    p99Ms: Math.round(quantile(samples, 0.99)),
    rssMiB: Math.round(rssMiB(server.engine)),
    rowsIn: sum(slices.map(({ rows }) => rows)),
    rowsArchived,
  }
}

async function passes(server: Server, archived: Archived, over: AbortSignal): Promise<void> {
  while (!over.aborted) {
    await pass(server, archived)
    await sleep(PASS_EVERY_MS, undefined, { signal: over }).catch(() => {}) // over
  }
}

async function pass(server: Server, archived: Archived): Promise<void> {
  const { cold } = await server.ask('pass', { namespace: NAMESPACE })
  archived.cold += cold.rows
  archived.passes += 1
}
