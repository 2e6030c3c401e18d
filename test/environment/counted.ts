/** The whole engine, and what it hands to each Queue: a message costs three operations. */
import { DatabaseSync } from 'node:sqlite'
import type { SchedulerOptions } from '../../scheduler-do/config.ts'
import type { WorkflowCdcEvent } from '../../shared/cdc.ts'
import { realChance } from '../../shared/chance.ts'
import { WorkflowClient } from '../../shared/client.ts'
import type { ActivityDefinition } from '../../shared/index.ts'
import type { AnyWorkflow } from '../../shared/replay/coroutine.ts'
import { pause } from '../../shared/time.ts'
import { MockableActivities } from '../../testing/activities.ts'
import { bucketOn } from '../../testing/simulated/bucket.ts'
import { faultless } from '../../testing/simulated/faults.ts'
import type { Faults } from '../../testing/simulated/faults.ts'
import { migrations } from '../../testing/simulated/migrations.ts'
import { SimulatedPlatform } from '../../testing/simulated/platform.ts'
import { Disk } from '../../testing/simulated/storage.ts'
import { Timeline } from '../../testing/simulated/timeline.ts'

interface CountedOptions {
  /** Made with the time of the platform, for what steps and activities wait in. */
  readonly code: (work: (ms: number) => Promise<void>) => {
    workflows: AnyWorkflow[]
    activities: ActivityDefinition[]
  }
  readonly eager?: boolean
  readonly cdc: SchedulerOptions['cdc']
  readonly tasksPerMessage?: number
  /** What goes wrong. */
  readonly faults?: Partial<Faults>
}

export async function counted({ code, eager = false, cdc, ...options }: CountedOptions) {
  const timeline = new Timeline(Date.UTC(2026, 0, 1), 0)
  const sent = new Map<string, number>()
  const faults: Faults = {
    ...faultless,
    ...options.faults,
    at: (place, _party, detail) => {
      const [, queue] = /^send (.*)/.exec(place) ?? []
      if (queue === undefined) return
      sent.set(queue, (sent.get(queue) ?? 0) + (detail as unknown[]).length) // the messages of a batch
    },
  }
  const bucket = bucketOn(timeline)
  const told: WorkflowCdcEvent[] = []
  const { workflows, activities } = code((ms) => pause(timeline, ms))
  const platform = new SimulatedPlatform(
    {
      workflows,
      activities: new MockableActivities(activities),
      taskQueues: undefined,
      shards: 1,
      startAt: timeline.now(),
      graceMs: 0,
    },
    {
      newDisk: () => new Disk(new DatabaseSync(':memory:')),
      schema: await migrations(),
      timeline,
      faults,
      chanceOf: () => realChance,
      callerTime: null,
      eager,
      tasksPerMessage: options.tasksPerMessage ?? 1,
      bucketOf: () => bucket,
      // Signing is real IO, for which time would have to wait.
      deployed: () => ({ workflows, env: { TASK_TOKEN_KEYS: undefined }, cdc }),
      consumers: new Map([
        [
          'cdc',
          async ({ messages }) => {
            for (const { body } of messages) told.push(...(body as { events: WorkflowCdcEvent[] }).events) // as they are sent
          },
        ],
      ]),
    },
  )
  const rows = async (): Promise<number> => (await platform.service().stats('default', 0)).rowsWritten
  return {
    client: new WorkflowClient(platform.namespace(null)),
    timeline,
    platform,
    sent,
    rows,
    told,
    workflows,
  }
}
