/**
 * The load generator. It runs inside a Durable Object of the same workerd as the engine it drives, since the proxy of
 * `wrangler dev` alone costs more than a workflow does; Node asks for a round and gets its figures back.
 *
 * D1 Both systems are driven by this code; what differs is an `Engine`.
 * D2 A round is over when every run it started is; a run that fails, fails the round.
 */
import { type Ends, type Measured, type Round, WORKLOADS } from '../figures.ts'
import { timerRuns } from './timers.ts'

export interface Engine {
  /** Start a run and wait for its result. */
  execute(id: string, round: Round): Promise<unknown>
  /** Start a run that waits for a signal; resolves once it waits, or is about to. */
  startWaiting(id: string): Promise<void>
  /** Signal that run and wait for its result. */
  signal(id: string): Promise<void>
  /** Start runs that sleep until `at`. Resolves once all sleep, with how late each went on, in milliseconds. */
  startSleeping(ids: readonly string[], at: number): Promise<{ lateness: Promise<number>[] }>
  /** What only perdure can be asked. */
  readonly own: OwnEngine | null
  /** After the clock stopped: wait until nothing of the round is still under way inside the engine. */
  settle(): Promise<void>
  /** Rows written so far; null where they cannot be counted. */
  rowsWritten(): Promise<number | null>
  /** One call to another object of the engine's class. */
  callAnother(): Promise<unknown>
}

/** What needs runs that are there already. */
export interface OwnEngine {
  /** One sample: how long the shard took to answer. */
  answer(round: Round): Promise<number>
}

const LIMIT_MS = 900_000
const BESIDE_LIMIT_MS = 10_000
const WAITING_STARTS = 50
const SETTLE_BEFORE_SIGNALS_MS = 100

let rounds = 0

export async function measure(engine: Engine, round: Round): Promise<Measured> {
  const measured = await measureAll(engine, round)
  if (round.workload !== 'rows') return measured
  // What the start and the end of a run take is no step's.
  const one = await measureAll(engine, { ...round, workload: 'rows-1' })
  const rowsWritten = Number(measured.rowsWritten) - Number(one.rowsWritten)
  return { ...measured, rowsWritten, steps: measured.steps - one.steps }
}

/** The requests of a driver Worker: `POST /` takes a round, anything else says that it is up. */
export async function answer(request: Request, run: (round: Round) => Promise<Measured>): Promise<Response> {
  if (request.method !== 'POST') return new Response('up')
  try {
    return Response.json(await run(await request.json<Round>()))
  } catch (error) {
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error)
    return new Response(text, { status: 500 })
  }
}

async function measureAll(engine: Engine, round: Round): Promise<Measured> {
  // The clock is real here; ids only have to differ, also between two lives of the driver.
  const prefix = `${round.workload}-${round.lane ?? 'none'}-${Date.now().toString(36)}-${(rounds += 1)}`
  const before = await engine.rowsWritten()
  const stop = round.workload === 'busy' ? loopBeside(engine) : null
  const measured = await within(LIMIT_MS, () => runsOf(round)(engine, round, prefix))
  const besideCalls = stop === null ? 0 : await stop()
  await engine.settle()
  const after = await engine.rowsWritten()
  return { ...measured, besideCalls, rowsWritten: before === null || after === null ? null : after - before }
}

type Counted = Omit<Measured, 'rowsWritten' | 'besideCalls'>

function runsOf({ workload }: Round): (engine: Engine, round: Round, prefix: string) => Promise<Counted> {
  switch (workload) {
    case 'signal':
      return signalRuns
    case 'timers-5000':
      return async (engine, round, prefix) => counted(round, await timerRuns(engine, round, prefix))
    case 'list':
    case 'list-filtered':
    case 'cold-start':
    case 'replay':
      return answers
    default:
      return wholeRuns
  }
}

async function wholeRuns(engine: Engine, round: Round, prefix: string): Promise<Counted> {
  const samplesMs: number[] = []
  const ends: Ends[] = []
  const startedAt = Date.now()
  const more = (n: number) => n < round.atLeast || Date.now() - startedAt < round.forMs
  await pool(round.concurrency, more, async (n) => {
    const at = Date.now()
    const result = await engine.execute(`${prefix}-${n}`, round)
    samplesMs.push(Date.now() - at)
    if (WORKLOADS[round.workload].program === 'long') ends.push(endsOf(result))
  })
  return counted(round, { wallMs: Date.now() - startedAt, samplesMs, ends })
}

/** Every run waits before the first signal is sent, so that starts are neither in a latency nor beside one. */
async function signalRuns(engine: Engine, round: Round, prefix: string): Promise<Counted> {
  const more = (n: number) => n < round.atLeast
  await pool(WAITING_STARTS, more, (n) => engine.startWaiting(`${prefix}-${n}`))
  await new Promise((resolve) => setTimeout(resolve, SETTLE_BEFORE_SIGNALS_MS))
  const samplesMs: number[] = []
  const startedAt = Date.now()
  await pool(round.concurrency, more, async (n) => {
    const at = Date.now()
    await engine.signal(`${prefix}-${n}`)
    samplesMs.push(Date.now() - at)
  })
  return counted(round, { wallMs: Date.now() - startedAt, samplesMs })
}

/** One after another; what makes ready for the next is not in its time. */
async function answers(engine: Engine, round: Round): Promise<Counted> {
  if (engine.own === null) throw new Error(`${round.workload} is measured on perdure alone`)
  const samplesMs: number[] = []
  while (samplesMs.length < round.atLeast) samplesMs.push(await engine.own.answer(round))
  return counted(round, { wallMs: samplesMs.reduce((total, ms) => total + ms, 0), samplesMs })
}

function counted(
  round: Round,
  { wallMs, samplesMs, ends = [] }: { wallMs: number; samplesMs: number[]; ends?: Ends[] },
): Counted {
  const runs = samplesMs.length
  const steps = runs * WORKLOADS[round.workload].steps
  return { runs, steps, wallMs: Math.max(1, wallMs), samplesMs, ends }
}

async function pool(width: number, more: (n: number) => boolean, work: (n: number) => Promise<void>) {
  let next = 0
  const lane = async () => {
    while (more(next)) await work(next++)
  }
  await Promise.all(Array.from({ length: width }, lane))
}

function loopBeside(engine: Engine): () => Promise<number> {
  const end = new AbortController()
  let calls = 0
  // If the loop starves the round, the round would never end it: it ends by itself, and the latencies tell.
  const until = Date.now() + BESIDE_LIMIT_MS
  const loop = (async () => {
    for (; !end.signal.aborted && Date.now() < until; calls += 1) await engine.callAnother()
  })()
  return async () => {
    end.abort()
    await loop
    return calls
  }
}

/** Also keeps a timer pending: a request that waits on a bare promise is cancelled as hung. */
async function within<T>(ms: number, work: () => Promise<T>): Promise<T> {
  const late = Promise.withResolvers<never>()
  const timer = setTimeout(() => late.reject(new Error(`the round did not end within ${ms} ms`)), ms)
  try {
    return await Promise.race([work(), late.promise])
  } finally {
    clearTimeout(timer)
  }
}

/** A long run answers the clock as the steps read it that `edgesOf` names. */
function endsOf(result: unknown): Ends {
  const [first, hundredth, fromLast, last] = Array.isArray(result) ? result : []
  const firstMsPerStep = (Number(hundredth) - Number(first)) / 99
  const lastMsPerStep = (Number(last) - Number(fromLast)) / 99
  if (!Number.isFinite(firstMsPerStep + lastMsPerStep))
    throw new Error(`not four clock readings: ${JSON.stringify(result)}`)
  return { firstMsPerStep, lastMsPerStep }
}
