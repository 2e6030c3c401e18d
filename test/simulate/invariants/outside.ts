/** What leaves a shard. I7: change events are its history, without a gap. I8: each run is in one tier, and is read there. */
import type { WorkflowCdcEvent } from '../../../shared/cdc.ts'
import { toCdcEvent } from '../../../shared/cdc.ts'
import { startedOf } from '../recorded.ts'
import type { RecordedRun, RecordedShard } from '../recorded.ts'
import { InvariantBroken, runsOf } from './truth.ts'
import type { Truth } from './truth.ts'

const I7 = 'I7 change events'
const I8 = 'I8 tiers'

export function changeEventsAreComplete({ changeEvents, shards }: Truth): void {
  if (!changeEvents) return
  for (const shard of shards) {
    const own = changeEvents.filter(
      (event) => event.shard === shard.shard && event.namespace === shard.namespace,
    )
    const bySequence = Map.groupBy(own, ({ sequence }) => sequence ?? 0)
    for (const [sequence, [first, ...again]] of bySequence)
      if (again.some((event) => !same(event, first)))
        throw new InvariantBroken(
          I7,
          `event ${sequence} of shard ${shard.shard} came with different contents`,
        )
    const last = Math.max(0, ...bySequence.keys(), ...shard.runs.flatMap(({ turns }) => turns.map(lastOf)))
    for (let sequence = 1; sequence <= last; sequence += 1)
      if (!bySequence.has(sequence))
        throw new InvariantBroken(I7, `event ${sequence} of ${last} of shard ${shard.shard} never came`)
    for (const run of shard.runs) checkContents(shard, run, bySequence)
  }
}

function lastOf({ sequence, event_count: count }: RecordedRun['turns'][number]): number {
  return sequence + count - 1
}

function checkContents(
  { namespace, shard }: RecordedShard,
  run: RecordedRun,
  bySequence: ReadonlyMap<number, readonly WorkflowCdcEvent[]>,
): void {
  const { runId, workflowId } = run
  for (const turn of run.turns)
    for (const [index, event] of turn.events.entries()) {
      const sequence = turn.sequence + index
      const eventId = turn.first_event_id + index
      const { workflowType, taskQueue, resetAt, at } = startedOf(run)
      const source = {
        namespace,
        shard,
        sequence,
        workflowId,
        runId,
        workflowType,
        taskQueue,
        startedAt: resetAt ?? at,
      }
      const activityType = activityTypeOf(run, event)
      const expected = toCdcEvent(
        { ...source, ...(activityType !== undefined && { activityType }) },
        eventId,
        event,
      )
      const [told] = bySequence.get(sequence) ?? []
      if (!same(told, expected))
        throw new InvariantBroken(
          I7,
          `event ${sequence} of shard ${shard} says ${JSON.stringify(told)}, its history ${JSON.stringify(expected)}`,
        )
    }
}

function activityTypeOf(run: RecordedRun, event: RecordedRun['events'][number]): string | undefined {
  if (!event.type.startsWith('activity_') || !('seq' in event)) return undefined
  const scheduled = run.events.find((one) => one.type === 'activity_scheduled' && one.seq === event.seq)
  return scheduled?.type === 'activity_scheduled' ? scheduled.activityType : undefined
}

function same(one: object | undefined, other: object | undefined): boolean {
  return sorted(one) === sorted(other)
}

function sorted(value: object | undefined): string {
  const entries = Object.entries(value ?? {})
  return JSON.stringify(entries.toSorted(([one], [other]) => (one < other ? -1 : 1)))
}

export function runsAreInOneTier(truth: Truth): void {
  for (const run of runsOf(truth)) {
    const hot = run.turns.length > 0
    const archived = run.row.archive_batch !== null
    if (hot === archived)
      throw broken(run, hot ? 'it is archived, and its history is here still' : 'its history is in no tier')
    const told = truth.seen.histories.get(run.runId)
    const length = archived ? run.row.history_length : run.events.length
    if (!told || told.length !== length)
      throw broken(run, `its history has ${length} events, and a client reads ${told?.length ?? 'nothing'}`)
    const types = hot ? run.events.map(({ type }) => type) : told
    if (types.join() !== told.join())
      throw broken(run, `a client reads ${told.join()}, it has ${types.join()}`)
  }
}

function broken(run: RecordedRun, what: string): InvariantBroken {
  return new InvariantBroken(I8, `run ${run.runId} of ${run.workflowId}: ${what}`)
}
