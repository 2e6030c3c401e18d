/** Lives of the runtime: each begins where the last was killed, asks on for what nobody has answered, and is killed. */
import { setTimeout as sleep } from 'node:timers/promises'
import { uniformInt } from 'pure-rand/distribution/uniformInt'
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus'
import { askAt, type Ask } from '../local/ask.ts'
import { startSession, type Session } from '../local/session.ts'
import type { CrashesApi, ReadRun } from './api.ts'
import { childrenOf, kindOf, numbers, type Plan } from './plan.ts'
import type { Sink } from './sink.ts'

const CONFIGS = [
  'test/crashes/workers/driver.wrangler.toml', // the first one is the primary: it answers HTTP
  'test/crashes/workers/scheduler.wrangler.toml',
  'test/crashes/workers/activities.wrangler.toml',
  'archiver/dev.wrangler.toml',
]
/** From the first answer of a life to its end. */
const MOST_LIFE_MS = 4_000
const AT_ONCE = 4
const IDS_PER_CALL = 25
/** Of nothing that gets on. Local Queues die with their messages, which are missed after a minute, and after two more. */
const PATIENCE_MS = 150_000

interface Circumstances {
  readonly seed: number
  readonly plan: Plan
  readonly state: string
  readonly sink: Sink
  readonly say: (text: string) => void
}

export interface Life {
  readonly bootMs: number
  /** From the first answer until it was killed, or until every run was complete. */
  readonly ms: number
}

type Count = CrashesApi['/count']['answer']

export class Crashing {
  readonly plan: Plan
  readonly #given: Circumstances
  readonly #draws: ReturnType<typeof xoroshiro128plus>
  /** What nobody has answered yet, chapter by chapter; the first are the starts. */
  readonly #unanswered: Set<string>[]
  #session: Session | undefined
  #lives = 0

  constructor(given: Circumstances) {
    this.plan = given.plan
    this.#given = given
    this.#draws = xoroshiro128plus(given.seed)
    this.#unanswered = numbers(given.plan.chapters + 1).map(() => new Set(given.plan.ids))
  }

  output(): string {
    return this.#session?.output() ?? ''
  }

  async end(): Promise<void> {
    await this.#session?.kill()
  }

  /** A life, and the kill at its end; the last one ends when every run is complete. */
  async live(): Promise<Life> {
    const { state, sink, say, plan } = this.#given
    const bootsAt = performance.now()
    const session = await startSession({ state, configs: CONFIGS, vars: { SINK: sink.url }, ready: fetch })
    this.#session = session
    const readyAt = performance.now()
    this.#lives += 1
    const isLast = this.#lives === plan.chapters
    const life = new AbortController()
    const work = this.#work(askAt<CrashesApi>(session.url), life.signal)
    work.catch(() => {}) // heard of below, after the kill
    if (!isLast) {
      await sleep(uniformInt(this.#draws, 1, MOST_LIFE_MS))
      life.abort()
      await session.kill()
    }
    await work
    const ms = Math.round(performance.now() - readyAt)
    const bootMs = Math.round(readyAt - bootsAt)
    say(`life ${this.#lives}: ${isLast ? 'all complete' : 'killed'} after ${ms} ms, ${this.#left()}`)
    return { bootMs, ms }
  }

  /** Once all is complete: everything archived and every change event delivered, what do clients read? */
  async settle(): Promise<{ reads: ReadRun[]; count: Count }> {
    const ask = askAt<CrashesApi>(this.#session?.url ?? '')
    await gettingOn(async () => {
      await ask('/archive', {})
      const { hot } = await ask('/count', {})
      return { done: hot === 0, seen: `${hot} runs not archived` }
    })
    const count = await ask('/count', {})
    const reads: ReadRun[] = []
    for (const ids of parts([...this.plan.ids, ...childrenOf(this.plan)], 4 * IDS_PER_CALL))
      reads.push(...(await ask('/read', { ids })))
    return { reads, count }
  }

  async #work(ask: Ask<CrashesApi>, killed: AbortSignal): Promise<void> {
    try {
      await Promise.all([this.#askAll(ask, killed), archiving(ask, killed, this.#lives)])
      if (this.#lives === this.plan.chapters) await this.#completed(ask)
    } catch (error) {
      if (!killed.aborted) throw error
    }
  }

  async #completed(ask: Ask<CrashesApi>): Promise<void> {
    const { attempts } = this.#given.sink
    await gettingOn(async () => {
      const { running } = await ask('/count', {})
      return { done: running === 0, seen: `${running} runs running, ${attempts.size} effects` }
    })
  }

  /** A lane has a part of the runs started before it signals them: nobody signals a run whose start was not accepted. */
  async #askAll(ask: Ask<CrashesApi>, killed: AbortSignal): Promise<void> {
    const waiting = parts(this.plan.ids, IDS_PER_CALL)
    const lane = async (): Promise<void> => {
      for (let part = waiting.shift(); part; part = waiting.shift())
        for (const what of numbers(this.#lives + 1)) if (!killed.aborted) await this.#askPart(ask, what, part)
    }
    await Promise.all(numbers(AT_ONCE).map(lane))
  }

  async #askPart(ask: Ask<CrashesApi>, what: number, part: readonly string[]): Promise<void> {
    const unanswered = this.#unanswered[what]
    const ids = part.filter((id) => unanswered?.has(id))
    if (ids.length === 0) return
    const chapter = what - 1
    if (what === 0) await ask('/start', { ids, chapters: this.plan.chapters })
    else await ask('/signal', { chapter, to: ids.map((id) => ({ id, kind: kindOf(id, chapter) })) })
    for (const id of ids) unanswered?.delete(id)
  }

  #left(): string {
    const [starts = 0, ...signals] = this.#unanswered.map(({ size }) => size)
    const open = signals.slice(0, this.#lives).reduce((sum, size) => sum + size, 0)
    return `${starts} starts and ${open} signals not yet accepted, ${this.#given.sink.attempts.size} effects`
  }
}

/** Passes for as long as the life lasts: what has closed leaves its shard while others work on. */
async function archiving(ask: Ask<CrashesApi>, killed: AbortSignal, life: number): Promise<void> {
  if (life === 1) return
  await ask('/archive', {})
  if (!killed.aborted) await ask('/archive', {})
}

interface Seen {
  readonly done: boolean
  /** How far it is; while this changes there is hope. */
  readonly seen: string
}

async function gettingOn(look: () => Promise<Seen>): Promise<void> {
  let last = { seen: '', at: 0 }
  for (;;) {
    const { done, seen } = await look()
    if (done) return
    if (seen !== last.seen) last = { seen, at: performance.now() }
    if (performance.now() - last.at > PATIENCE_MS) throw new Error(`it stands still: ${seen}`)
    await sleep(200)
  }
}

function parts<T>(items: readonly T[], size: number): T[][] {
  return numbers(Math.ceil(items.length / size)).map((part) => items.slice(part * size, (part + 1) * size))
}
