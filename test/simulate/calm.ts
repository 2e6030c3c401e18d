/** A world in which nothing is lost: what is to hold under faults holds here first. */
import { WorkflowClient } from '../../shared/client.ts'
import { MockableActivities } from '../../testing/activities.ts'
import { simulatedPlatform } from '../../testing/simulated/platform.ts'
import { Effects } from './effects.ts'
import { scripted } from './program.ts'
import type { DrivenWorld } from './view.ts'

const START_AT = Date.UTC(2026, 0, 1)

export async function calmWorld({ shards = 3 } = {}): Promise<DrivenWorld & { end(): void }> {
  const time = { now: () => platform.timeline.now(), after: afterLater }
  const effects = new Effects(time)
  const { workflows, activities } = scripted(effects)
  const platform = await simulatedPlatform({
    workflows,
    activities: new MockableActivities(activities),
    taskQueues: ['default'],
    shards,
    startAt: START_AT,
    // Task tokens are signed by real IO.
    graceMs: 60,
  })
  function afterLater(ms: number, then: () => void): () => void {
    return platform.timeline.after(ms, then)
  }
  return {
    time,
    effects,
    faulty: false,
    client: new WorkflowClient(platform.namespace(null), { archive: platform.bucket }),
    disks: () => Array.from(platform.objects, ({ sql, disk }) => ({ sql, alarmAt: disk.alarmAt })),
    changeEvents: () => null,
    advance: (ms) => platform.timeline.advance(ms),
    calm: async () => {},
    end: () => platform.end(),
  }
}
