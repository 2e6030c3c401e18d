/**
 * A worker that takes its tasks itself, over HTTP: what a Queue consumer is on Workers, for Node and everywhere else.
 *
 * P1 It asks for as many tasks as it has room for, so that what waits stays for others.
 * P2 Every poll is a claim of its own, repeated under the same name when its answer was lost.
 * P3 What a stopping worker is given all the same, it gives back at once.
 */
import type { Host } from '../shared/chance.ts'
import { isPassing } from '../shared/passing.ts'
import { WorkflowError } from '../shared/errors.ts'
import type { HttpConnection } from '../shared/http.ts'
import { patiently } from '../shared/patience.ts'
import type { Poll, PulledTask } from '../shared/pull.ts'
import { refusalError } from '../shared/refusal.ts'
import { carryOut, keyOf } from './carry-out.ts'
import type { Consumer } from './carry-out.ts'
import { HttpScheduler } from './http.ts'
import { log } from './log.ts'
import { attemptLine } from './scheduler.ts'
import type { AttemptLine } from './scheduler.ts'

/** Runs until `stopping` is aborted and everything that was begun has ended. */
export async function pull(
  connection: HttpConnection,
  worker: Omit<Consumer, 'bucket' | 'tracing' | 'limitMs'>,
  stopping: AbortSignal,
): Promise<void> {
  const { taskQueue, chance } = worker
  const scheduler = new HttpScheduler(connection, taskQueue)
  const consumer: Consumer = { ...worker, bucket: scheduler.bucket, tracing: undefined, limitMs: Infinity }
  const room = Math.min(worker.maxConcurrent, MOST_AT_ONCE)
  const poller = chance.uuid()
  const running = new Set<Promise<void>>()
  while (!stopping.aborted) {
    if (running.size >= room) {
      await Promise.race(running)
      continue
    }
    const claimId = chance.uuid()
    const line = linesOf(scheduler, claimId, worker)
    const poll = { claimId, poller, limit: room - running.size, waitMs: WAIT_MS }
    for (const task of await polled(scheduler, poll, { stopping, host: worker })) {
      const done = serve(task, line(task), consumer).finally(() => running.delete(done))
      running.add(done)
    }
  }
  await Promise.all(running)
}

const MOST_AT_ONCE = 100
const WAIT_MS = 20_000
const PAUSES = { retries: Infinity, minTimeout: 200, factor: 2, maxTimeout: 30_000, randomize: true }

async function polled(
  scheduler: HttpScheduler,
  poll: Poll,
  { stopping, host }: { stopping: AbortSignal; host: Host },
): Promise<PulledTask[]> {
  let again = false
  const ask = async (): Promise<PulledTask[]> => {
    const repeated = again
    again = true
    return await valueOf(scheduler.poll({ ...poll, ...(repeated && { again: true }) }, stopping))
  }
  try {
    return await patiently(
      ask,
      { ...PAUSES, signal: stopping, shouldRetry: worthAsking, onFailedAttempt },
      host,
    )
  } catch (error) {
    if (!stopping.aborted) throw error
  }
  // The poll that was broken off may have been granted something (P3).
  const rest = { ...poll, limit: 0, waitMs: 0, again: true }
  return await valueOf(scheduler.poll(rest)).catch((error: unknown) => {
    tell(error) // whatever was granted is made again when its claim has been silent
    return []
  })
}

async function valueOf(reply: ReturnType<HttpScheduler['poll']>): Promise<PulledTask[]> {
  const answered = await reply
  if (answered.ok) return answered.value
  throw refusalError(answered)
}

function worthAsking({ error }: { error: Error }): boolean {
  return isPassing(error)
}

function onFailedAttempt({ error }: { error: Error }): void {
  tell(error)
}

function tell(error: unknown): void {
  log('poll_failed', { error: String(error) })
}

type Lines = (task: PulledTask) => AttemptLine

/** What one poll was given, it settles and renews under one name, per shard. */
function linesOf(scheduler: HttpScheduler, claimId: string, { time, chance }: Host): Lines {
  const lines = new Map<number, AttemptLine>()
  return ({ task: { to } }) => {
    const line = lines.get(to.shard) ?? attemptLine({ scheduler, time, chance }, to, claimId)
    lines.set(to.shard, line)
    return line
  }
}

async function serve({ task, grant }: PulledTask, line: AttemptLine, consumer: Consumer): Promise<void> {
  try {
    if (consumer.isStopping())
      await line.settle({ ...keyOf(task, grant.attempt), outcome: { kind: 'given_back' } })
    else await carryOut({ task, grant }, line, consumer)
  } catch (error) {
    // Nobody renews it any more: another worker takes it over.
    const code = error instanceof WorkflowError ? error.code : 'internal'
    log('task_lost', { code, error: String(error), runId: task.runId, seq: task.seq })
  }
}
