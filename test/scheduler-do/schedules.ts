/** Schedules of a test, their runs, and what a shard keeps of them. */
import { workflow } from '../../shared/define.ts'
import type { SchedulePolicy, WorkflowDefinition, WorkflowSummary } from '../../shared/index.ts'
import { shardOf } from '../../shared/shard.ts'
import { SHARDS, client, until } from '../conformance/world.ts'
import { register } from '../workers/registry.ts'
import { rows } from './storage.ts'

export const brief = workflow('brief', async () => 'done')
register(brief)

/** In the order of their times, and of their starts. */
export async function runsOf(scheduleId: string): Promise<WorkflowSummary[]> {
  const runs: WorkflowSummary[] = []
  for await (const run of client.list({ idPrefix: `${scheduleId}-2` })) runs.push(run)
  return runs.toSorted((one, other) => (keyOf(one) < keyOf(other) ? -1 : 1))
}

/** Statuses of the runs in the order of their times, once they are as expected. */
export function awaited(scheduleId: string, expected: readonly string[]): Promise<WorkflowSummary[]> {
  return until(async () => {
    const runs = await runsOf(scheduleId)
    return runs.map(({ status }) => status).join() === expected.join() && runs
  })
}

/** Once every message between the shards has been applied. */
export const told = () =>
  until(async () => {
    for (let shard = 0; shard < SHARDS; shard += 1)
      if ((await rows(shard, 'SELECT * FROM outbox')).length > 0) return false
    return true
  })

export async function stateOf(scheduleId: string): Promise<Record<string, unknown>> {
  const [row] = await rows(
    shardOf(scheduleId, SHARDS),
    'SELECT state FROM schedules WHERE schedule_id = ?',
    scheduleId,
  )
  return JSON.parse(row?.['state'] as string) as Record<string, unknown> // a text, as `store/schedules.ts` writes it
}

/** An hourly schedule. */
export function hourly(scheduleId: string, workflowUsed: WorkflowDefinition, policy: SchedulePolicy = {}) {
  return client.schedules.create({ scheduleId, spec: { every: '1h' }, policy, workflow: workflowUsed })
}

/** An id for an hourly schedule whose next two runs are on two shards. */
export async function spreading(prefix: string): Promise<string> {
  const probe = await hourly(`${prefix}-probe`, brief)
  const times = (await probe.describe()).nextRuns
    .slice(0, 2)
    .map((at) => at.toISOString().replace('.000Z', 'Z'))
  await probe.delete()
  const ids = Array.from({ length: 64 }, (_, i) => `${prefix}-${i}`)
  const spread = (id: string) =>
    new Set(times.map((time) => shardOf(`${id}-${time}`, SHARDS))).size === SHARDS
  return ids.find(spread) ?? prefix
}

function keyOf({ workflowId, runId }: WorkflowSummary): string {
  return `${workflowId} ${runId}`
}
