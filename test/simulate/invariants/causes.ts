/** I3: what runs goes on by something that survives a crash. I9: what is due is done, and in the end nothing is left. */
import { folded, startedOf } from '../recorded.ts'
import type { RecordedRun, RecordedShard } from '../recorded.ts'
import { isOpen, pendingIn } from '../rest.ts'
import { InvariantBroken, runsOf } from './truth.ts'
import type { Truth } from './truth.ts'

const I3 = 'I3 causes'
const I9 = 'I9 rest'

/** That a run's own calls have rows is I2; here: that its code waits for something, and that its children are there. */
export function runsHaveCauses(truth: Truth): void {
  const runs = runsOf(truth)
  for (const run of runs.filter(isOpen)) {
    const waits = truth.replayed.get(run.runId)?.waitingFor ?? []
    const { blocked, status } = run.row
    if (waits.length === 0 && blocked === null && status !== 'paused' && folded(run).timers.size === 0)
      throw broken(run, 'it is open, and its code waits for nothing')
    checkChildren(truth, run)
  }
  for (const shard of truth.shards) checkAlarm(shard)
}

function checkChildren(truth: Truth, run: RecordedRun): void {
  const outbox = truth.shards.flatMap((shard) => shard.outbox)
  const parked = truth.shards.flatMap((shard) => shard.parked)
  for (const [seq, child] of folded(run).children) {
    const asker = child.from ?? run.runId
    const answers = (one: RecordedRun): boolean => {
      const { parent } = startedOf(one)
      return parent?.runId === asker && parent.seq === seq
    }
    const alive = runsOf(truth).some((one) => answers(one) && isOpen(one))
    const told = parked.some(({ run_id }) => run_id === run.runId)
    const onItsWay = outbox.some(({ delivery }) => delivery.includes(asker))
    if (!alive && !told && !onItsWay)
      throw broken(run, `it waits for child ${seq}, ${child.requested.workflowId}, which is not under way`)
  }
}

/** Also after every commit: whatever has a time has an alarm. */
export function checkAlarm({ alarmAt, timers, tasks, runs, shard }: RecordedShard): void {
  // What a blocked run waits for is other code, and a wake with it.
  const paused = new Set(
    runs.filter(({ row }) => row.status === 'paused' || row.blocked !== null).map(({ runId }) => runId),
  )
  const times = timers.filter(({ run_id }) => !paused.has(run_id)).map(({ fire_at }) => fire_at)
  if (times.length + tasks.length === 0 || alarmAt !== null) return
  throw new InvariantBroken(
    I3,
    `shard ${shard} has ${times.length} timers, ${tasks.length} tasks and no alarm`,
  )
}

export function nothingIsLeft(truth: Truth): void {
  const left = truth.shards.flatMap(pendingIn)
  if (left.length > 0) throw new InvariantBroken(I9, `it has not come to rest:\n  ${left.join('\n  ')}`)
}

function broken(run: RecordedRun, what: string): InvariantBroken {
  return new InvariantBroken(I3, `run ${run.runId} of ${run.workflowId}: ${what}`)
}
