/** Rounds of load: every one ends when all that it started has ended, and a run that fails, fails the round. */
import { randomUUID } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import { quantile } from './figures.ts'
import type { Asked } from './runs.ts'
import type { Calls, System } from './system.ts'

/** The figures of a round by their names. */
export type Figures = Record<string, number>

const STARTS_AT_ONCE = 50
/** Until what was started waits, or is about to. */
const SETTLE_MS = 200

interface Closed {
  asked: Asked
  concurrency: number
  atLeast: number
  forMs: number
}

/** So many callers, each of whom starts a run when it has the result of its last. */
export async function closedLoop(
  { calls, tree }: Pick<System, 'calls' | 'tree'>,
  { asked, concurrency, atLeast, forMs }: Closed,
): Promise<Figures> {
  const prefix = randomUUID()
  const samples: number[] = []
  const [from, cpuBefore] = [performance.now(), tree.cpuMs()]
  const more = (n: number): boolean => n < atLeast || performance.now() - from < forMs
  await atOnce(concurrency, more, async (n) => {
    const at = performance.now()
    await calls.execute(`${prefix}-${n}`, asked)
    samples.push(performance.now() - at)
  })
  const runs = (samples.length * 1_000) / (performance.now() - from)
  const cpuMs = (tree.cpuMs() - cpuBefore) / samples.length
  return {
    runs,
    steps: runs * asked.count,
    cpuMs,
    p50Ms: quantile(samples, 0.5),
    p99Ms: quantile(samples, 0.99),
  }
}

/** From the signal to the result; every run waits before the first signal is sent. */
export async function signals(calls: Calls, count: number): Promise<Figures> {
  const prefix = randomUUID()
  const asked: Asked = { program: 'waits', lane: 'inline', count: 0, url: '' }
  const more = (n: number): boolean => n < count
  await atOnce(STARTS_AT_ONCE, more, (n) => calls.start(`${prefix}-${n}`, asked))
  await pause(SETTLE_MS)
  const samples: number[] = []
  await atOnce(1, more, async (n) => {
    const result = calls.result(`${prefix}-${n}`)
    await pause(1) // it is asked for before the signal is on its way
    const at = performance.now()
    await Promise.all([result, calls.signal(`${prefix}-${n}`)])
    samples.push(performance.now() - at)
  })
  return { p50Ms: quantile(samples, 0.5), p99Ms: quantile(samples, 0.99) }
}

/** How late runs that sleep wake up, by their own clock. Their results are asked for when all are due. */
export async function timers(
  calls: Calls,
  { count, sleepMs }: { count: number; sleepMs: number },
): Promise<Figures> {
  const prefix = randomUUID()
  const asked: Asked = { program: 'sleeps', lane: 'inline', count: sleepMs, url: '' }
  const more = (n: number): boolean => n < count
  const from = performance.now()
  await atOnce(STARTS_AT_ONCE, more, (n) => calls.start(`${prefix}-${n}`, asked))
  const starts = (count * 1_000) / (performance.now() - from)
  await pause(sleepMs + SETTLE_MS)
  const late: number[] = []
  await atOnce(STARTS_AT_ONCE, more, async (n) =>
    late.push(...readings(await calls.result(`${prefix}-${n}`))),
  )
  return { starts, lateP50Ms: quantile(late, 0.5), lateP99Ms: quantile(late, 0.99) }
}

/** One run of many steps, one after another: what a step takes, also among the first and the last hundred. */
export async function longRun(calls: Calls, asked: Asked): Promise<Figures> {
  const from = performance.now()
  const result = await calls.execute(randomUUID(), asked)
  const stepMs = (performance.now() - from) / asked.count
  const [first = 0, hundredth = 0, fromLast = 0, last = 0] = readings(result)
  return { stepMs, firstMs: (hundredth - first) / 99, lastMs: (last - fromLast) / 99 }
}

/** `work` for 0, 1, 2... as long as there is more, so many at a time. */
export async function atOnce(
  width: number,
  more: (n: number) => boolean,
  work: (n: number) => Promise<unknown>,
): Promise<void> {
  let next = 0
  const lane = async (): Promise<void> => {
    while (more(next)) await work(next++)
  }
  await Promise.all(Array.from({ length: width }, lane))
}

function readings(result: unknown): number[] {
  if (Array.isArray(result) && result.every((one) => typeof one === 'number')) return result
  throw new Error(`not clock readings: ${JSON.stringify(result)}`)
}
