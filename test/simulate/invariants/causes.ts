/** I3: what runs goes on by something that survives a crash. I9: what is due is done, and in the end nothing is left. */
import { folded, startedOf } from '../recorded.ts'
import type { ArmedShard, RecordedRun } from '../recorded.ts'
import { isOpen, pendingIn } from '../rest.ts'
import { unwrittenOf } from '../unwritten.ts'
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
  for (const shard of truth.shards) {
    checkAlarm(shard, truth.now)
    const young = shard.runs.find((run) => !stands(run) && unwrittenOf(run, shard).length > 0)
    if (young && shard.alarmAt === null) throw broken(young, 'it has activities without a row, and no alarm')
  }
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

/** What an alarm at work leaves armed until it is through, and how far apart two machines' clocks may be. */
const ALARM_SLACK_MS = 30_000 + 10_000

/** Also after every commit: whatever has a time has an alarm. A timer's comes with it: a task's time may be in memory only. */
export function checkAlarm({ alarmAt, timers, tasks, runs, shard }: ArmedShard, now: number): void {
  const standing = new Set(runs.filter(stands).map(({ runId }) => runId))
  const goesOn = ({ run_id }: { run_id: string }): boolean => !standing.has(run_id)
  const fireAt = timers.filter(goesOn).map(({ fire_at }) => fire_at)
  // What awaits its concurrency key has no time: whoever gives the key back tells it.
  const waiting = tasks.filter((task) => goesOn(task) && task.status !== 'awaits_key').length
  if (fireAt.length + waiting === 0) return
  const left = `shard ${shard} has ${fireAt.length} timers, ${waiting} tasks`
  if (alarmAt === null) throw new InvariantBroken(I3, `${left} and no alarm`)
  const lateMs = alarmAt - Math.max(now, Math.min(...fireAt))
  if (lateMs > ALARM_SLACK_MS)
    throw new InvariantBroken(I3, `${left}, and its alarm comes ${lateMs} ms after the first timer`)
}

/** A blocked run waits for a deploy, and no time brings that: it is the wake then that finds its times in the rows. */
function stands({ row }: ArmedShard['runs'][number]): boolean {
  return row.status === 'paused' || row.blocked !== null
}

export function nothingIsLeft(truth: Truth): void {
  const left = truth.shards.flatMap(pendingIn)
  if (left.length > 0) throw new InvariantBroken(I9, `it has not come to rest:\n  ${left.join('\n  ')}`)
}

function broken(run: RecordedRun, what: string): InvariantBroken {
  return new InvariantBroken(I3, `run ${run.runId} of ${run.workflowId}: ${what}`)
}
