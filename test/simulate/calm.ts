/** A world in which nothing goes wrong: what is to hold under faults holds here first. */
import { findingsOf } from '../environment/health.ts'
import type { ArchivePlan } from './archive/plan.ts'
import { createWorld } from './world.ts'
import { Effects } from './effects.ts'
import { NO_FAULTS } from './faults.ts'
import { scripted } from './program.ts'
import type { DrivenWorld } from './view.ts'

interface CalmOptions {
  readonly seed?: number
  readonly archive?: ArchivePlan | null
}

export async function calmWorld({ seed = 1, archive = null }: CalmOptions = {}): Promise<
  DrivenWorld & { end(): void }
> {
  const { promise: effects, resolve } = Promise.withResolvers<Effects>()
  const world = await createWorld({
    seed,
    faults: NO_FAULTS,
    shards: 3,
    archive,
    code: (time) => {
      const code = scripted(new Effects(time))
      resolve(code.effects)
      return code
    },
  })
  const { client, time, faulty, watched, disks, changeEvents } = world
  return {
    client,
    time,
    faulty,
    watched,
    disks,
    changeEvents,
    archive: world.archiver,
    effects: await effects,
    advance: (ms) => world.advance(ms),
    examined: () => findingsOf(world.platform),
    storm: () => world.storm(),
    calm: () => world.calm(),
    end: () => world.end(),
  }
}
