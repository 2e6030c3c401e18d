/** The alarm's work: whatever is due, and whatever lives only in memory and has not got through yet. */
import { within } from '../shared/time.ts'
import { submitDue } from './due.ts'
import { ask } from './inbox.ts'
import { errorFacts, log } from './log.ts'
import type { Shard } from './shard.ts'
import { setCause } from './store/runs.ts'
import { writeOld } from './unwritten.ts'

/** For a sink that does not answer: while the alarm is at work it does not go off for what else falls due. */
const SINK_MS = 2_000

/** The alarm went off. */
export async function ring(shard: Shard): Promise<void> {
  // What nobody has addressed, as what keeps a lease never is, has nothing due: it was to wake when it could not.
  if (!shard.knownAddress) return shard.alarm.settle()
  await shard.alarm.fallback()
  try {
    await tick(shard)
    shard.alarm.settle()
  } catch (error) {
    // The fallback is armed: thrown out of here, it would be the platform's retries that count down instead.
    log('alarm_failed', errorFacts(error))
  }
}

async function tick(shard: Shard): Promise<void> {
  while (submitDue(shard)) await idle(shard)
  shard.steps.expire()
  writeOld(shard)
  shard.outbox.flush()
  const { changeEvents, config } = shard
  if (changeEvents) {
    await within(config.runtime.time, SINK_MS, changeEvents.flush())
    changeEvents.persist(shard.clock.now())
  }
  await idle(shard)
  clearCauses(shard)
  await shard.watchdog.pass()
}

/** Resolves when every job submitted so far has been committed. */
export async function idle(shard: Shard): Promise<void> {
  const { job, reply } = ask<null>((_turn, answer) => answer({ ok: true, value: null }))
  shard.submit(job)
  await reply
  await shard.read(async () => {})
}

/** A run whose steps and young activities have all ended need not be loaded at the next wake. */
function clearCauses(shard: Shard): void {
  const young = new Set([...shard.memory.unwritten].map((key) => shard.memory.tasks.get(key)?.runId))
  for (const live of shard.memory.runs.values()) {
    const { runId, steps, closed } = live.state
    if (live.cause === null || steps.size > 0 || closed || young.has(runId)) continue
    setCause(shard.sql, runId, null)
    live.cause = null
  }
}
