/** The thread in which the targets run. Another one watches it, since an input that hangs keeps this one from saying so. */
import { timingSafeEqual } from 'node:crypto'
import { parentPort, workerData } from 'node:worker_threads'
import * as fc from 'fast-check'
import { BEGAN_AT, NUMBER } from '../../scripts/fuzz/report.ts'
import type { Order, TargetReport, Told } from '../../scripts/fuzz/report.ts'
import { importWasm } from '../../scripts/wasm.ts'
import { pollution } from './pollution.ts'
import type { Around, Target } from './target.ts'

/** Of CPU: an input that takes longer is a finding. */
const MOST_MS = 1_000
const BATCH = 1_000
/** Until the smallest input is shown. */
const SHRINKING_MS = 30_000

/** What workerd has and Node has not: modules of WebAssembly, and a comparison in constant time. */
function likeWorkerd(): void {
  importWasm()
  Object.assign(crypto.subtle, {
    timingSafeEqual: (a: ArrayBuffer, b: ArrayBuffer) =>
      timingSafeEqual(new Uint8Array(a), new Uint8Array(b)),
  })
}

class Tally {
  inputs = 0
  accepted = 0
  refused = 0
  slowestMs = 0
}

function tell(told: Told): void {
  parentPort?.postMessage(told) // oxlint-disable-line unicorn/require-post-message-target-origin -- a thread's port has none
}

function measured(tally: Tally, { progress, show }: Order): Around {
  return async (input, one) => {
    progress[BEGAN_AT] = Date.now()
    progress[NUMBER] = (progress[NUMBER] ?? 0) + 1
    if (progress[NUMBER] === show) return tell({ kind: 'input', text: cut(textOf(input)) })
    const before = process.threadCpuUsage()
    const verdict = await one()
    const { user, system } = process.threadCpuUsage(before)
    progress[BEGAN_AT] = 0
    const ms = (user + system) / 1_000
    tally.inputs++
    tally[verdict]++
    tally.slowestMs = Math.max(tally.slowestMs, ms)
    if (ms > MOST_MS) throw new Error(`an input took ${Math.round(ms)} ms`)
  }
}

async function run(target: Target, order: Order, inputs: number): Promise<TargetReport> {
  const tally = new Tally()
  const property = target.property(measured(tally, order))
  let failure: string | undefined
  for (let batch = 0; batch * BATCH < inputs && failure === undefined; batch++) {
    const seed = order.seed + batch
    tell({ kind: 'began', name: target.name, inputs: tally.inputs, seed })
    order.progress[NUMBER] = 0
    const numRuns = Math.min(BATCH, inputs - batch * BATCH)
    failure = await failureOf(property, { seed, numRuns }, target)
  }
  const { slowestMs, ...counts } = tally
  return {
    name: target.name,
    ...counts,
    slowestMs: Math.round(slowestMs * 10) / 10,
    ...(failure !== undefined && { failure }),
  }
}

async function failureOf(
  property: fc.IAsyncProperty<[unknown]>,
  { seed, numRuns }: { seed: number; numRuns: number },
  { name }: Target,
): Promise<string | undefined> {
  const found = await fc.check(property, {
    seed,
    numRuns,
    interruptAfterTimeLimit: SHRINKING_MS,
    markInterruptAsFailure: false,
  })
  const polluted = pollution()
  const again = `npm run fuzz -- --target ${name} --seed ${seed} --runs ${numRuns}`
  if (polluted.length > 0) return `${again}\n  prototypes have become others: ${polluted.join(', ')}`
  if (lost.length > 0) return `${again}\n  a rejection that nobody handles: ${shown(lost.splice(0)[0])}`
  if (!found.failed) return undefined
  const { counterexample, errorInstance } = found
  return `${again}\n  input ${cut(textOf(counterexample?.[0]))}\n  ${shown(errorInstance)}`
}

const lost: unknown[] = []

function shown(error: unknown): string {
  return cut(error instanceof Error ? (error.stack ?? error.message) : textOf(error))
}

function textOf(value: unknown): string {
  try {
    return fc.stringify(value)
  } catch {
    return 'nested too deep to be shown'
  }
}

function cut(text: string): string {
  return text.length <= 3_000 ? text : `${text.slice(0, 3_000)}... (${text.length} characters)`
}

async function runAll(order: Order): Promise<void> {
  likeWorkerd()
  process.on('unhandledRejection', (reason) => lost.push(reason))
  // A trap of parquet-wasm is reported by the platform, whoever hears of the file that it fell over.
  process.on('uncaughtException', (error) => {
    if (!(error instanceof WebAssembly.RuntimeError)) lost.push(error)
  })
  console.log = console.error = console.warn = () => {} // what the code logs of what it refuses
  const { targets } = await import('./targets.ts')
  const chosen = targets.filter(({ name }) => order.target === undefined || name.startsWith(order.target))
  if (chosen.length === 0) return tell({ kind: 'unknown', names: targets.map(({ name }) => name) })
  const weights = chosen.reduce((sum, { weight }) => sum + weight, 0)
  for (const target of chosen) {
    if (order.skip.includes(target.name)) continue
    const inputs = Math.max(1, Math.round((order.runs * target.weight) / weights))
    tell({ kind: 'ended', report: await run(target, order, inputs) })
  }
}

try {
  await runAll(workerData as Order) // as scripts/fuzz.ts gives it
} catch (error) {
  process.removeAllListeners('uncaughtException') // which would take it for a finding, of no target
  throw error
}
