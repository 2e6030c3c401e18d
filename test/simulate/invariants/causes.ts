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
  const standing = new Set(runs.filter(stands).map(({ runId }) => runId))
  const goesOn = ({ run_id }: { run_id: string }): boolean => !standing.has(run_id)
  // What awaits its concurrency key has no time: whoever gives the key back tells it.
  const timed = tasks.filter(({ status }) => status !== 'awaits_key')
  const waiting = { timers: timers.filter(goesOn).length, tasks: timed.filter(goesOn).length }
  if (waiting.timers + waiting.tasks === 0 || alarmAt !== null) return
  const left = `${waiting.timers} timers, ${waiting.tasks} tasks`
  throw new InvariantBroken(I3, `shard ${shard} has ${left} and no alarm`)
}

/** A blocked run waits for a deploy, and no time brings that: it is the wake then that finds its times in the rows. */
function stands({ row }: RecordedRun): boolean {
  return row.status === 'paused' || row.blocked !== null
}

export function nothingIsLeft(truth: Truth): void {
  const left = truth.shards.flatMap(pendingIn)
  if (left.length > 0) throw new InvariantBroken(I9, `it has not come to rest:\n  ${left.join('\n  ')}`)
}

function broken(run: RecordedRun, what: string): InvariantBroken {
  return new InvariantBroken(I3, `run ${run.runId} of ${run.workflowId}: ${what}`)
}
