/** Hooks for tests and benchmarks, answered only where the variable DEBUG_HOOKS is set. */
import { submitDue } from './due.ts'
import { tell } from './inbox.ts'
import { restartSteps } from './recover.ts'
import type { Serving } from './serving.ts'
import type { Shard } from './shard.ts'
import { writeFact } from './store/meta.ts'
import { latestRunId } from './store/ids.ts'
import { idle } from './tick.ts'

export interface DebugStats {
  rowsWritten: number
  turns: number
  steps: number
  /** Attempts and steps that have begun or are on their way, and whatever else goes on without time passing. */
  underWay: number
  /** When something falls due next, by the shard's clock; null when nothing does. */
  nextDueAt: number | null
  /** Jobs and reads that wait for their turn. */
  waiting: number
  /** How far that clock is ahead of the platform's. */
  clockOffsetMs: number
}

export function stats(shard: Shard): DebugStats {
  const { sql, turns, stepsDone, memory, clock } = shard
  const { earliest } = memory.deadlines
  return {
    rowsWritten: sql.rowsWritten,
    turns,
    steps: stepsDone,
    underWay: underWay(shard),
    nextDueAt: earliest === Infinity ? null : earliest,
    waiting: shard.waiting,
    clockOffsetMs: clock.offsetMs,
  }
}

function underWay({ memory, steps, outbox, payloads }: Shard): number {
  const attempts = [...memory.tasks.values()].filter(({ sentAt, claim }) => sentAt !== null || claim)
  const others = [outbox.empty, payloads.errands.idle].filter((none) => !none)
  return attempts.length + steps.inFlight + others.length
}

/** Gives up what lives in memory, of the run alone or, as a shutdown would, of all: then steps are told, and what ends thereupon is committed. */
export async function evict(serving: Serving, shard: Shard, workflowId: string | undefined): Promise<void> {
  if (workflowId !== undefined) return await evictRun(shard, workflowId)
  shard.steps.shutdown()
  await idle(shard)
  await shard.read(async () => shard.retire())
  await serving.wake()
}

/** Drops one run from memory, as the cache may at any moment, steps in flight included. */
async function evictRun(shard: Shard, workflowId: string): Promise<void> {
  const runId = latestRunId(shard.sql, workflowId)
  const live = runId === undefined ? undefined : shard.memory.runs.peek(runId)
  if (!live || runId === undefined) return
  await shard.read(async () => {
    shard.memory.runs.delete(runId)
    shard.steps.forgetRun(runId)
  })
  if (live.state.closed) return
  shard.submit(tell((turn) => turn.touch(runId, (woken) => restartSteps(turn, woken, shard))))
  await idle(shard)
}

/** Moves the shard's clock ahead and does what that makes due, until nothing is. By less than nothing it goes back. */
export async function advance(shard: Shard, ms: number): Promise<void> {
  const target = shard.clock.now() + ms
  while (shard.memory.deadlines.earliest <= target) {
    shard.clock.advance(Math.max(0, shard.memory.deadlines.earliest - shard.clock.now()))
    submitDue(shard)
    await idle(shard)
  }
  advanceClock(shard, ms < 0 ? ms : Math.max(0, target - shard.clock.now()))
  shard.steps.expire()
  shard.submit(tell(() => {}))
  await idle(shard)
  shard.alarm.settle()
}

/** The clock alone. */
export function advanceClock(shard: Shard, ms: number): void {
  shard.clock.advance(ms)
  writeFact(shard.sql, 'clock_offset', shard.clock.offsetMs)
}
