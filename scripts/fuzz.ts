/**
 * Feeds every decoder what it was not made for: `npm run fuzz -- --runs 1000000 --seed 1 --target payload`.
 * The last line is JSON. What a target found is shown with the command that finds it again; docs/design/fuzzing.md.
 */
import { parseArgs } from 'node:util'
import { Worker } from 'node:worker_threads'
import { BEGAN_AT, NUMBER } from './fuzz/report.ts'
import type { Order, TargetReport, Told } from './fuzz/report.ts'

/** Of the clock on the wall: a busy machine is no hang. */
const HANG_MS = 20_000

const { values } = parseArgs({
  options: {
    runs: { type: 'string', default: '100000' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    target: { type: 'string' },
  },
})
const seed = Number(values.seed)
const reports = await fuzzed({ runs: Number(values.runs), seed, target: values.target })
const failures = reports.filter(({ failure }) => failure !== undefined)
const sum = (of: (report: TargetReport) => number) => reports.reduce((total, one) => total + of(one), 0)
console.log(
  JSON.stringify({
    targets: reports.length,
    inputs: sum(({ inputs }) => inputs),
    accepted: sum(({ accepted }) => accepted),
    refused: sum(({ refused }) => refused),
    failures: failures.length,
    slowestMs: Math.max(0, ...reports.map(({ slowestMs }) => slowestMs)),
    seed,
  }),
)
process.exitCode = failures.length === 0 && reports.length > 0 ? 0 : 1

async function fuzzed(asked: Pick<Order, 'runs' | 'seed' | 'target'>): Promise<TargetReport[]> {
  const done: TargetReport[] = []
  for (;;) {
    const progress = new Float64Array(new SharedArrayBuffer(16))
    const hung = await watched({ ...asked, progress, skip: done.map(({ name }) => name) }, done)
    if (hung === null) return done
    const report = await hangOf(hung)
    show(report)
    done.push(report)
  }
}

interface Hang {
  readonly began: Began
  /** The number of the input in its batch. */
  readonly at: number
}

type Began = Extract<Told, { kind: 'began' }>

/** Runs targets in a thread of their own; resolves to the input that hangs, or to null when all have ended. */
function watched(order: Order, done: TargetReport[]): Promise<Hang | null> {
  const thread = new Worker(new URL('../test/fuzz/run.ts', import.meta.url), { workerData: order })
  let current: Began = { kind: 'began', name: 'none', inputs: 0, seed: order.seed }
  thread.on('message', (told: Told) => {
    if (told.kind === 'began') current = told
    else if (told.kind === 'input') console.log(`an input that hangs: ${told.text}`)
    else if (told.kind === 'unknown') console.error(`there is no such target; ${told.names.join(', ')}`)
    else {
      show(told.report)
      done.push(told.report)
    }
  })
  return new Promise((resolve, reject) => {
    const watch = setInterval(() => {
      const since = order.progress[BEGAN_AT] ?? 0
      if (since === 0 || Date.now() - since < HANG_MS) return
      clearInterval(watch)
      resolve({ began: current, at: order.progress[NUMBER] ?? 0 })
      void thread.terminate()
    }, 250)
    thread.once('error', (error) => {
      clearInterval(watch)
      reject(error)
    })
    thread.once('exit', (code) => {
      clearInterval(watch)
      if (code === 0) resolve(null)
      else reject(new Error(`the thread ended with ${code} in ${current.name}, seed ${current.seed}`))
    })
  })
}

/** With the input, which a thread that makes the same ones shows before it would run it. */
async function hangOf({ began: { name, inputs, seed: batch }, at }: Hang): Promise<TargetReport> {
  const progress = new Float64Array(new SharedArrayBuffer(16))
  await watched({ runs: at, seed: batch, target: name, skip: [], show: at, progress }, [])
  const again = `npm run fuzz -- --target ${name} --seed ${batch} --runs ${at}`
  const failure = `${again}\n  input ${at} had not ended after ${HANG_MS} ms`
  return { name, inputs: inputs + at, accepted: 0, refused: 0, slowestMs: HANG_MS, failure }
}

function show({ name, inputs, accepted, refused, slowestMs, failure }: TargetReport): void {
  console.log(
    `${name.padEnd(24)} ${String(inputs).padStart(8)} inputs ${String(accepted).padStart(8)} accepted ` +
      `${String(refused).padStart(8)} refused   slowest ${slowestMs} ms`,
  )
  if (failure !== undefined) console.log(`FAILED ${failure}\n`)
}
