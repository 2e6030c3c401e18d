/** What must be true of a shard's memory: it knows of everything that its rows say is due, and the alarm is set for it. */
import { deadlineOf } from '../../shared/core/chain.ts'
import type { DueKey } from '../keys.ts'
import { callKey, dueKey } from '../keys.ts'
import type { Shard } from '../shard.ts'
import type { StoredRun } from '../store/health.ts'
import type { Flaw } from './flaw.ts'
import type { FoldedRun } from './folded.ts'

/** What has fallen due is out of the line of deadlines while it is seen to. */
const SEEN_TO_MS = 60_000

/** Between turns, of a run that has not ended. */
export function memoryFlaws(
  shard: Shard,
  { row, timers, activities, answered }: StoredRun,
  fold: FoldedRun,
): Flaw[] {
  const { workflowId, runId, blocked, status } = row
  const { memory, clock, steps, payloads } = shard
  const { state } = fold
  const missing: string[] = []
  const expect = (due: Exclude<DueKey, { kind: 'activity' }>, at: number, name: string): void => {
    const armed = memory.deadlines.at(dueKey(due))
    const seenTo = armed === undefined && at <= clock.now() && at > clock.now() - SEEN_TO_MS
    if (armed === undefined ? !seenTo : armed > at) missing.push(name)
  }
  // What falls due while the run is paused leaves the line of deadlines: the row is looked at when it is resumed.
  for (const [seq, at] of status === 'paused' ? [] : timers)
    if (state.timers.get(seq) === at && !answered.has(seq))
      expect({ kind: 'timer', runId, seq }, at, `timer ${seq}`)
  const issued = row.cause === 'activity' ? state.activities.keys() : activities
  for (const seq of issued)
    if (state.activities.has(seq) && !answered.has(seq) && !memory.tasks.has(callKey(runId, seq)))
      missing.push(`activity ${seq}`)
  const deadlineAt = state.started ? deadlineOf(state.started) : undefined
  if (deadlineAt !== undefined) expect({ kind: 'execution', runId }, deadlineAt, 'the timeout of the run')
  const idle = shard.quiet && !blocked && status === 'running' && !payloads.rebuilds.has(runId)
  if (idle && row.cause !== null)
    for (const seq of state.steps.keys()) if (!steps.awaits(runId, seq)) missing.push(`step ${seq}`)
  if (missing.length === 0) return []
  const what = `${missing.join(', ')}: known from rows, and not to the memory of the shard`
  return [{ code: 'not_armed', workflowId, runId, what, mend: [{ kind: 'take_up', runId }] }]
}

export async function alarmFlaws({ alarm }: Shard): Promise<Flaw[]> {
  const late = await alarm.late()
  if (!late) return []
  const armed =
    late.armedAt === null ? 'none is armed' : `it is armed for ${new Date(late.armedAt).toISOString()}`
  const what = `alarm: something is due at ${new Date(late.dueAt).toISOString()}, and ${armed}`
  return [{ code: 'not_armed', what, mend: [{ kind: 'arm' }] }]
}
