/** Waiting for the end of a run, in polls that a deploy or an eviction may cut. */
import type { Shards } from './connection.ts'
import { toMs } from './duration.ts'
import type { Duration } from './duration.ts'
import { TimeoutError } from './errors.ts'
import type { ResultReply } from './protocol.ts'

/** How long and for which run `result` waits. */
export interface ResultOptions {
  /** Out of time: a `TimeoutError` of kind 'result'; the workflow goes on. */
  timeout?: Duration
  /**
   * Whether to answer of the run that takes over (continue-as-new, retry, reset) when this one ends. Default: true, but
   * for a handle that names one run.
   */
  followRuns?: boolean
  /** Stops the wait, not the workflow. */
  signal?: AbortSignal
}

/** One run, the chain that began with a run, or the latest run of the id. */
export interface RunTarget {
  readonly workflowId: string
  readonly runId?: string
  readonly firstRunId?: string
}

export type ClosedReply = Exclude<ResultReply, { status: 'running' }>

/** How `target` ended, once it has. */
export async function closedRun(
  shards: Shards,
  target: RunTarget,
  options: ResultOptions,
): Promise<ClosedReply> {
  options.signal?.throwIfAborted()
  const follow = options.followRuns ?? target.runId === undefined
  if (options.timeout === undefined && !options.signal)
    return await polled(shards, { target, follow, limitMs: Infinity })
  return await boundedWait(shards, target, options)
}

async function boundedWait(shards: Shards, target: RunTarget, options: ResultOptions): Promise<ClosedReply> {
  const follow = options.followRuns ?? target.runId === undefined
  const limitMs = options.timeout === undefined ? Infinity : toMs(options.timeout, 'timeout')
  const wait = new AbortController()
  const stop = (): void => wait.abort(options.signal?.reason)
  options.signal?.addEventListener('abort', stop, { once: true })
  // The shard answers in time. The timer is for one that does not answer at all.
  const timerMs = limitMs + GRACE_MS
  const timer =
    timerMs <= MAX_TIMER_MS ? setTimeout(() => wait.abort(outOfTime(target, limitMs)), timerMs) : undefined
  try {
    return await unlessAborted(polled(shards, { target, follow, limitMs, signal: wait.signal }), wait.signal)
  } finally {
    if (timer !== undefined) clearTimeout(timer)
    options.signal?.removeEventListener('abort', stop)
  }
}

/** How long a shard holds a call open. */
export const POLL_MS = 20_000
const GRACE_MS = 1_000
/** A longer timer fires at once. */
const MAX_TIMER_MS = 2 ** 31 - 1

interface Wait {
  target: RunTarget
  follow: boolean
  limitMs: number
  signal?: AbortSignal
}

async function polled(shards: Shards, { target, follow, limitMs, signal }: Wait): Promise<ClosedReply> {
  const until = Date.now() + limitMs
  const to = await shards.of(target.workflowId)
  let run: RunTarget = follow ? target : pinned(target)
  for (;;) {
    const waitMs = Math.max(0, Math.min(POLL_MS, until - Date.now()))
    const poll = { lasting: true as const, ...(signal && { signal }) }
    const reply = await shards.ask(
      { to, ...run, waitMs, follow },
      (shard, request) => shard.result(request),
      poll,
    )
    if (reply.status !== 'running') return reply
    if (Date.now() >= until) throw outOfTime(target, limitMs)
    // The run waited for stays the same when its id is started anew between two polls.
    run = { workflowId: target.workflowId, runId: reply.runId }
  }
}

/** The run that a handle of `start` was made for. */
function pinned({ workflowId, runId, firstRunId }: RunTarget): RunTarget {
  const one = runId ?? firstRunId
  return one === undefined ? { workflowId } : { workflowId, runId: one }
}

function outOfTime({ workflowId }: RunTarget, limitMs: number): TimeoutError {
  return new TimeoutError('result', `workflow ${workflowId} did not end within ${limitMs} ms; it goes on`)
}

/** What `work` comes to, unless the signal is aborted first: then its reason is thrown. */
export function unlessAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const stop = (): void => reject(signal.reason)
    signal.addEventListener('abort', stop, { once: true })
    const settled = work.finally(() => signal.removeEventListener('abort', stop))
    settled.then(resolve, reject)
    if (signal.aborted) stop()
  })
}
