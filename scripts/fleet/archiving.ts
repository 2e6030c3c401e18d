/** How a pass of the archiver gets round the shards of a namespace that have nothing for it: the archiver's own code. */
import { importWasm } from '../wasm.ts'
import { callMs } from './assumed.ts'
import { Clock } from './clock.ts'
import { Draws } from './draws.ts'

export interface Round {
  readonly shards: number
  readonly budgetMs: number
  /** How long the pass takes. */
  readonly ms: number
  /** Of objects, over the service binding: each is a subrequest. */
  readonly calls: number
  /** The part of the shards that each phase reaches. */
  readonly reached: Readonly<Record<Phase, number>>
  /** How many passes it takes until each phase has reached all shards; null: not within a day of them. */
  readonly passes: number | null
}

const PHASES = {
  purge: 'proposePurge',
  warm: 'proposeArchive',
  cool: 'coldCandidates',
  expire: 'proposeExpiry',
  collect: 'garbage',
} as const
type Phase = keyof typeof PHASES

/** The archiver's cron. */
const EVERY_MS = 300_000
const DAY_OF_PASSES = 288

const PASS = new URL('../../archiver/pass.ts', import.meta.url).href

interface PassModule {
  readonly runPass: (options: object) => Promise<{ ms: number }>
}

interface Options {
  readonly shards: number
  readonly budgetMs: number
  readonly asleep: number
  readonly seed: number
}

export async function roundOf(options: Options): Promise<Round> {
  importWasm()
  const { runPass } = (await import(PASS)) as PassModule // its types are workerd's
  const { shards, budgetMs } = options
  const first = new Asked(options)
  const { ms } = await first.during(runPass, 0)
  const { calls } = first
  const reached = first.reached()
  let passes = 1
  for (; passes < DAY_OF_PASSES && !first.everywhere; passes += 1) await first.during(runPass, passes)
  return { shards, budgetMs, ms, calls, reached, passes: first.everywhere ? passes : null }
}

/** Shards that note what they are asked, and have nothing. */
class Asked {
  calls = 0
  readonly #options: Options
  readonly #draws: Draws
  readonly #askedBy = new Map<string, Set<number>>(Object.values(PHASES).map((verb) => [verb, new Set()]))

  constructor(options: Options) {
    this.#options = options
    this.#draws = new Draws(options.seed)
  }

  get everywhere(): boolean {
    return [...this.#askedBy.values()].every(({ size }) => size === this.#options.shards)
  }

  reached(): Round['reached'] {
    const part = (verb: string): number => (this.#askedBy.get(verb)?.size ?? 0) / this.#options.shards
    const { purge, warm, cool, expire, collect } = PHASES
    return {
      purge: part(purge),
      warm: part(warm),
      cool: part(cool),
      expire: part(expire),
      collect: part(collect),
    }
  }

  async during(runPass: PassModule['runPass'], number: number): Promise<{ ms: number }> {
    const clock = new Clock()
    const { budgetMs } = this.#options
    const summary = runPass({
      bucket: EMPTY_BUCKET,
      source: this.#source(clock),
      namespaces: ['default'],
      limits: {}, // of what is archived: nothing is
      cold: { maintained: false }, // nothing is cold either
      budgetMs,
      now: () => number * EVERY_MS + clock.now(),
      newId: () => `pass-${number}`,
      log: () => {},
    })
    await clock.run()
    return await summary
  }

  /** Has every verb. */
  #source(clock: Clock): object {
    const { shards, asleep } = this.#options
    const answers: Record<string, unknown> = {
      acquireArchive: { fence: 1, until: 0 },
      coldCandidates: { batches: [] },
      proposePurge: { runs: [] },
      garbage: [],
    }
    const ask = (verb: string) => async (request: { to?: { shard: number } }) => {
      this.calls += 1
      if (request.to) this.#askedBy.get(verb)?.add(request.to.shard)
      await clock.pause(callMs(this.#draws, asleep))
      return verb === 'shardCount' ? shards : { ok: true, value: answers[verb] ?? null }
    }
    return new Proxy({}, { get: (_, verb) => ask(String(verb)) })
  }
}

const EMPTY_BUCKET = {
  get: () => Promise.resolve(null),
  put: () => Promise.resolve({}),
  list: () => Promise.resolve({ objects: [], truncated: false, delimitedPrefixes: [] }),
}
