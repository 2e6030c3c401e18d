/**
 * A schedule: which of its times become runs, and when. Its calendar, which says what its times are, is given.
 *
 * K1 `position` only moves forward: each time of the calendar is decided on once.
 * K2 Every start has a number of its own, and what its run reports carries it: a report that comes twice or late changes nothing.
 * K3 Under every policy but `allow-all` a start waits until no run begun before it is open.
 * K4 A call does a bounded amount of work; where there is more, the schedule is due again at once.
 */
import { dueUntil } from './calendar.ts'
import type { Calendar } from './calendar.ts'
import type { ClosedStatus, RunLink } from './events.ts'

export const OVERLAPS = [
  'skip',
  'buffer-one',
  'buffer-all',
  'cancel-other',
  'terminate-other',
  'allow-all',
] as const
export type Overlap = (typeof OVERLAPS)[number]

export interface ScheduleRules {
  overlap: Overlap
  /** A time that could not be kept is made up for when it is no longer past than this. */
  catchUpMs: number
  pauseOnFailure: boolean
}

export interface ScheduleState {
  paused: boolean
  note?: string
  /** Every time up to here has been decided on. */
  position: number
  /** When there is something to do next; null while only a report or a request can change anything. */
  dueAt: number | null
  waiting: WaitingStart[]
  backfills: { after: number; to: number }[]
  /** Runs that a start may have to wait for. */
  open: OpenStart[]
  /** The number of the last start. */
  starts: number
  /** The time of the last start that was asked for by hand: no two have the same. */
  triggeredAt: number
  recent: RecentRun[]
  /** The last start that came to nothing. */
  refused?: { scheduledAt: number; code: string; message: string }
  /** Requests that have been answered, so that one that is repeated counts once. */
  requests: string[]
}

interface WaitingStart {
  at: number
  /** Asked for by hand: a pause does not drop it. */
  manual?: true
}

interface OpenStart {
  number: number
  /** Known once it durably exists. */
  run?: RunLink
  /** How it is to end, since another one is to begin. */
  end?: 'cancel' | 'terminate'
}

interface RecentRun extends RunLink {
  at: number
  number: number
}

export interface ScheduleInHand {
  readonly rules: ScheduleRules
  readonly calendar: Calendar
  readonly state: ScheduleState
  readonly now: number
}

export type ScheduleEffect =
  | { kind: 'start'; number: number; at: number; manual: boolean }
  | { kind: 'end'; run: RunLink; policy: 'cancel' | 'terminate' }

/** What a start comes to, told by the shard of its run. */
export type ScheduleReport =
  | { kind: 'started'; run: RunLink }
  | { kind: 'refused'; code: string; message: string }
  | { kind: 'closed'; run: RunLink; status: ClosedStatus }

export const MAX_WAITING = 1_000
const MOST_AT_ONCE = 100
const RECENT = 10
const REMEMBERED_REQUESTS = 32

export function newScheduleState(now: number, created: { paused: boolean; note?: string }): ScheduleState {
  return {
    ...created,
    position: now,
    dueAt: null,
    waiting: [],
    backfills: [],
    open: [],
    starts: 0,
    triggeredAt: 0,
    recent: [],
    requests: [],
  }
}

/** Does what is due, and says what that sets going. */
export function advanceSchedule(schedule: ScheduleInHand): ScheduleEffect[] {
  const { state, rules, calendar, now } = schedule
  const effects: ScheduleEffect[] = []
  // A time that lies ahead is known: the calendar need not be asked.
  if (!state.paused && !((state.dueAt ?? 0) > now)) {
    // Whatever lies before has been missed for longer than is made up for, however much it is.
    state.position = Math.max(state.position, now - rules.catchUpMs - calendar.jitterMs)
    for (let taken = 0; taken < MOST_AT_ONCE; taken += 1) {
      const next = calendar.next(state.position)
      if (!next || next.dueAt > now) break
      state.position = next.at
      if (next.dueAt >= now - rules.catchUpMs) take(schedule, next.at, effects)
      if (!takesMore(schedule)) skipDue(schedule)
    }
  }
  proceed(schedule, effects)
  state.dueAt = nextDueAt(schedule)
  return effects
}

function nextDueAt({ rules, state, calendar, now }: ScheduleInHand): number | null {
  if (rules.overlap === 'allow-all' && state.waiting.length + state.backfills.length > 0) return now
  if (state.paused) return null
  if ((state.dueAt ?? 0) > now) return state.dueAt
  return calendar.next(state.position)?.dueAt ?? null
}

/** A run asked for by hand: it is never skipped. False where too many wait already. */
export function triggerSchedule({ state, now }: ScheduleInHand): boolean {
  if (state.waiting.length >= MAX_WAITING) return false
  state.triggeredAt = Math.max(now, state.triggeredAt + 1)
  state.waiting.push({ at: state.triggeredAt, manual: true })
  return true
}

/** Every time of the ranges, both ends included, becomes a run. False where too many wait already. */
export function backfillSchedule(
  { state }: ScheduleInHand,
  ranges: readonly { from: number; to: number }[],
): boolean {
  if (state.backfills.length + ranges.length > MAX_WAITING) return false
  state.backfills.push(...ranges.map(({ from, to }) => ({ after: from - 1, to })))
  return true
}

/** A note belongs to the change that it came with; a repeated request without one leaves it. */
export function pauseSchedule({ state }: ScheduleInHand, note?: string): void {
  setNote(state, note, state.paused)
  state.paused = true
  state.waiting = state.waiting.filter(({ manual }) => manual)
}

/** What fell due while it was paused stays undone. */
export function unpauseSchedule(schedule: ScheduleInHand, note?: string): void {
  const { state } = schedule
  setNote(state, note, !state.paused)
  if (state.paused) skipDue(schedule)
  state.paused = false
}

/** Takes note of what became of a start. */
export function reportToSchedule(
  schedule: ScheduleInHand,
  start: { number: number; scheduledAt: number },
  report: ScheduleReport,
): ScheduleEffect[] {
  const { state, rules } = schedule
  const open = state.open.find(({ number }) => number === start.number)
  if (report.kind === 'started') {
    const { run } = report
    const { number, scheduledAt: at } = start
    // Shards answer in any order.
    const recent = [...state.recent, { ...run, at, number }]
    state.recent = recent.toSorted((one, other) => one.number - other.number).slice(-RECENT)
    if (open) open.run = run
    return open?.end ? [{ kind: 'end', run, policy: open.end }] : []
  }
  state.open = state.open.filter((one) => one !== open)
  if (report.kind === 'refused') {
    const { code, message } = report
    state.refused = { scheduledAt: start.scheduledAt, code, message }
    state.dueAt = schedule.now // what waits behind it goes on in a turn of its own (K4)
    if (rules.pauseOnFailure) pauseSchedule(schedule, `a run could not be started: ${message}`)
    return []
  }
  const failed = report.status === 'failed' || report.status === 'timed_out'
  if (failed && rules.pauseOnFailure)
    pauseSchedule(schedule, `workflow ${report.run.workflowId} ended as ${report.status}`)
  return []
}

export function rememberRequest(state: ScheduleState, requestId: string): void {
  state.requests = [...state.requests, requestId].slice(-REMEMBERED_REQUESTS)
}

function setNote(state: ScheduleState, note: string | undefined, repeated: boolean): void {
  if (note !== undefined) state.note = note
  else if (!repeated) delete state.note
}

function take(schedule: ScheduleInHand, at: number, effects: ScheduleEffect[]): void {
  const { state, rules } = schedule
  if (mayBegin(schedule)) {
    begin(schedule, { at }, effects)
    return
  }
  if (!takesMore(schedule)) return
  if (rules.overlap === 'cancel-other' || rules.overlap === 'terminate-other') {
    state.waiting = state.waiting.filter(({ manual }) => manual)
    endOpen(state, rules.overlap === 'cancel-other' ? 'cancel' : 'terminate', effects)
  }
  state.waiting.push({ at })
}

function mayBegin({ state, rules }: ScheduleInHand): boolean {
  return rules.overlap === 'allow-all' || state.open.length === 0
}

/** Whether another time would change anything. */
function takesMore(schedule: ScheduleInHand): boolean {
  const { waiting } = schedule.state
  if (mayBegin(schedule)) return true
  switch (schedule.rules.overlap) {
    case 'skip':
      return false
    case 'buffer-one':
      return waiting.every(({ manual }) => manual)
    default:
      return waiting.length < MAX_WAITING
  }
}

function endOpen(state: ScheduleState, policy: 'cancel' | 'terminate', effects: ScheduleEffect[]): void {
  for (const open of state.open) {
    if (open.end === policy) continue
    open.end = policy
    if (open.run) effects.push({ kind: 'end', run: open.run, policy })
  }
}

/** Passes over what has fallen due. */
function skipDue({ state, calendar, now }: ScheduleInHand): void {
  state.position = Math.max(state.position, dueUntil(calendar, state.position, now))
}

/** Begins what waits, as far as it may. */
function proceed(schedule: ScheduleInHand, effects: ScheduleEffect[]): void {
  for (let begun = 0; begun < MOST_AT_ONCE && mayBegin(schedule); begun += 1) {
    const start = schedule.state.waiting.shift() ?? nextBackfilled(schedule)
    if (!start) return
    begin(schedule, start, effects)
  }
}

function nextBackfilled({ state, calendar }: ScheduleInHand): WaitingStart | null {
  for (;;) {
    const [range] = state.backfills
    if (!range) return null
    const next = calendar.next(range.after)
    if (next && next.at <= range.to) {
      range.after = next.at
      return { at: next.at }
    }
    state.backfills.shift()
  }
}

function begin(schedule: ScheduleInHand, { at, manual }: WaitingStart, effects: ScheduleEffect[]): void {
  const { state, rules } = schedule
  state.starts += 1
  if (rules.overlap !== 'allow-all') state.open.push({ number: state.starts })
  effects.push({ kind: 'start', number: state.starts, at, manual: manual === true })
}
