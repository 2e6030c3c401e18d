/** The two systems' processes: which are up, and of what kind. */
import type { Lane, SystemName } from './figures.ts'
import { type Group, startGroup } from './group.ts'

/**
 * `warm` ones have worked for some seconds, so that what is hot is compiled; `idle` ones have done nothing; `traced` ones
 * have their syncs counted; of `cdc` ones perdure tells its change events.
 */
export type Processes = 'warm' | 'idle' | 'traced' | 'cdc'

const CONFIGS: Record<SystemName, string[]> = {
  perdure: ['driver-ours', 'scheduler', 'activities', 'activities-second', 'floor'],
  'cloudflare-workflows': ['driver-theirs', 'theirs'],
}
const LANES: Record<SystemName, readonly (Lane | null)[]> = {
  perdure: ['inline', 'eager', 'queue'],
  'cloudflare-workflows': [null],
}
/** How long each lane of fresh processes works before anything counts. */
const WARM_UP_MS: Record<SystemName, number> = { perdure: 2_500, 'cloudflare-workflows': 1_500 }
const BRIEF_MS = 300

interface Options {
  systems: readonly SystemName[]
  /** Processes of a kind serve every cell that wants that kind, until one wants another. */
  quick: boolean
  cdc: boolean
  shards: number
}

export class Systems {
  readonly #options: Options
  readonly #until: AbortSignal
  readonly #groups = new Map<SystemName, Group>()
  #kind: Processes | null = null

  constructor(options: Options, until: AbortSignal) {
    this.#options = options
    this.#until = until
  }

  /** Those that are up. */
  get names(): readonly SystemName[] {
    return [...this.#groups.keys()]
  }

  group(system: SystemName): Group {
    const group = this.#groups.get(system)
    if (group === undefined) throw new Error(`${system} was not started`)
    return group
  }

  /** Makes processes of the kind be up: fresh ones, unless it is quick. */
  async ready(kind: Processes): Promise<void> {
    if (this.#kind === kind && this.#options.quick) return
    await this.stop()
    const vars = {
      SHARDS: `${this.#options.shards}`,
      DEBUG_HOOKS: 'true',
      CDC: kind === 'cdc' || this.#options.cdc ? 'on' : 'off',
    }
    const started = this.#options.systems.map(async (system) => {
      const configs = CONFIGS[system].map((name) => `${name}.wrangler.toml`)
      this.#groups.set(system, await startGroup({ configs, vars }, kind === 'traced'))
    })
    for (const one of await Promise.allSettled(started)) if (one.status === 'rejected') throw one.reason
    this.#kind = kind
    if (kind !== 'idle') await this.#warmUp(kind)
  }

  async stop(): Promise<void> {
    const running = [...this.#groups.values()]
    this.#groups.clear()
    this.#kind = null
    await Promise.all(running.map((group) => group.stop()))
  }

  async #warmUp(kind: Processes): Promise<void> {
    const round = { workload: 'seq-10', concurrency: 50, atLeast: 50, crowd: 0 } as const
    for (const [system, group] of this.#groups) {
      const forMs = kind === 'warm' ? WARM_UP_MS[system] : BRIEF_MS
      for (const lane of LANES[system]) await group.run({ ...round, lane, forMs }, this.#until)
    }
  }
}
