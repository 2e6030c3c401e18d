/** A world in which nothing goes wrong: what is to hold under faults holds here first. */
import { createWorld } from './world.ts'
import { Effects } from './effects.ts'
import { NO_FAULTS } from './faults.ts'
import { scripted } from './program.ts'
import type { DrivenWorld } from './view.ts'

export async function calmWorld(seed = 1): Promise<DrivenWorld & { end(): void }> {
  const { promise: effects, resolve } = Promise.withResolvers<Effects>()
  const world = await createWorld({
    seed,
    faults: NO_FAULTS,
    shards: 3,
    code: (time) => {
      const code = scripted(new Effects(time))
      resolve(code.effects)
      return code
    },
  })
  const { client, time, faulty, disks, changeEvents } = world
  return {
    client,
    time,
    faulty,
    disks,
    changeEvents,
    effects: await effects,
    advance: (ms) => world.advance(ms),
    calm: () => world.calm(),
    end: () => world.end(),
  }
}
