/**
 * Whether a shard takes new work. What it has accepted must always be able to end, so only new work is refused, and
 * before anything of it is written.
 *
 * O1 The bound that matters is how long new work waits for its turn; counts and bytes only bound the memory it waits in.
 * O2 A refusal says when to come back: later, the more have been refused of late, so that they do not all return at once.
 */
export interface Load {
  /** Jobs and reads that wait for their turn. */
  readonly waiting: number
  /** The new work among them. */
  readonly fresh: number
  /** Its payload bytes. */
  readonly bytes: number
  /** How long the first of the new work has waited. */
  readonly waitedMs: number
  /** What each job has taken of late. */
  readonly msPerJob: number
  /** How many jobs there have been for each of new work: it brings others, which go first. */
  readonly jobsPerNew: number
  /** New work refused within the last second or two. */
  readonly refused: number
}

const MAX_WAIT_MS = 1_000
/** So few are no load, whatever a single slow turn may say. */
const MIN_WAITING = 64
const MAX_WAITING = 10_000
const MAX_BYTES = 16 * 1024 * 1024
/** What ends accepted work is refused only where it would fill the memory. */
const MAX_WAITING_ENDS = 50_000
/** What was begun long ago, as timers, is brought by no new work. */
const MAX_JOBS_PER_NEW = 50
const MIN_RETRY_MS = 200
const MAX_RETRY_MS = 10_000

export type Arriving = 'new' | 'end'

/** After how long the same request may succeed; null: it is taken now. */
export function retryAfterMs(load: Load, arriving: Arriving): number | null {
  const { waiting, fresh, bytes, waitedMs, msPerJob, refused } = load
  const msPerNew = msPerJob * Math.min(load.jobsPerNew, MAX_JOBS_PER_NEW)
  const waitMs = Math.max(waitedMs, (waiting - fresh) * msPerJob + fresh * msPerNew)
  const slow = waiting >= MIN_WAITING && waitMs > MAX_WAIT_MS
  const full = waiting >= MAX_WAITING || bytes > MAX_BYTES
  if (arriving === 'end' ? waiting < MAX_WAITING_ENDS : !slow && !full) return null
  return Math.round(Math.min(Math.max(waitMs + refused * msPerNew, MIN_RETRY_MS), MAX_RETRY_MS))
}

/** Jobs that one turn takes at most. */
const MAX_TURN = 500
/** However slow they are, so many are taken in one turn: a commit costs as much for one as for these. */
const MIN_TURN = 32
/** How long a turn should last: what becomes due waits for the one under way. */
const TURN_MS = 250

/** How many jobs the next turn takes. */
export function turnSize(msPerJob: number): number {
  return Math.max(MIN_TURN, Math.min(MAX_TURN, Math.floor(TURN_MS / msPerJob)))
}
