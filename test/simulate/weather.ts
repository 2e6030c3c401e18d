/** What goes wrong by the clock and not by what happens: evictions, clocks that are set, deploys. */
import { isCommandEvent } from '../../shared/core/events.ts'
import type { HistoryEvent } from '../../shared/core/events.ts'
import type { Random } from './random.ts'
import type { SimulatedWorld } from './world.ts'

const EACH_MS = 1_000
/** Within which a deploy reaches every object. */
const ROLLOUT_MS = 5_000
/** How long code that breaks runs stays deployed, at most. */
const BROKEN_MS = 30_000

export class Weather {
  readonly #world: SimulatedWorld
  readonly #random: Random
  #ended = false

  constructor(world: SimulatedWorld, random: Random) {
    this.#world = world
    this.#random = random
    this.#later()
  }

  end(): void {
    this.#ended = true
  }

  #later(): void {
    if (!this.#world.faulty) return
    this.#world.timeline.after(EACH_MS, () => {
      if (this.#ended) return
      this.#second()
      this.#later()
    })
  }

  #second(): void {
    const { faults, releases } = this.#world
    if (faults.strikes('eviction')) this.#evict()
    if (faults.strikes('clock jumps')) this.#setClock()
    if (faults.strikes('deploy')) {
      releases.next()
      this.#rollOut()
    }
    if (faults.strikes('deploy breaks')) this.#break()
  }

  /** Of an object that answers nobody. */
  #evict(): void {
    const idle = this.#world.objects.filter(({ alive, requests }) => alive && requests === 0)
    if (idle.length > 0) this.#random.pick(idle).lose('evicted')
  }

  #setClock(): void {
    const { objects, faults } = this.#world
    const object = objects.length > 0 ? this.#random.pick(objects) : undefined
    faults.jump(object?.name ?? 'worker default')
    object?.rearm()
  }

  #break(): void {
    const { releases, timeline } = this.#world
    releases.nextBreaking(this.#begunRuns())
    this.#rollOut()
    timeline.after(1 + this.#random.int(BROKEN_MS), () => {
      if (this.#ended) return
      releases.next()
      this.#rollOut()
    })
  }

  #rollOut(): void {
    const { objects, timeline } = this.#world
    for (const object of objects)
      timeline.after(this.#random.int(ROLLOUT_MS), () => {
        if (!this.#ended) object.lose('deployed')
      })
  }

  /** Runs that have recorded what their code asked for first: it cannot be another thing now. */
  #begunRuns(): Set<string> {
    type Row = { run_id: string; events: string }
    const statement = 'SELECT run_id, events FROM history'
    const rows = this.#world.objects.flatMap(({ sql }) => sql.exec<Row>(statement).toArray())
    const asks = ({ events }: Row): boolean => (JSON.parse(events) as HistoryEvent[]).some(isCommandEvent) // our own text
    return new Set(rows.filter(asks).map(({ run_id }) => run_id))
  }
}
