/** I6: what activities and steps have done is what was asked for, within the contract of at least once. */
import type { HistoryEvent } from '../../../shared/core/events.ts'
import { rulesOf } from '../../../shared/core/retry.ts'
import type { Effect } from '../effects.ts'
import type { ActivityWork } from '../instructions.ts'
import type { RecordedRun } from '../recorded.ts'
import { InvariantBroken, runsOf } from './truth.ts'
import type { Truth } from './truth.ts'

const I6 = 'I6 effects'

type Scheduled = Extract<HistoryEvent, { type: 'activity_scheduled' | 'step_scheduled' }>

export function effectsKeepTheContract(truth: Truth): void {
  const runs = new Map(runsOf(truth).map((run) => [run.runId, run]))
  for (const [idempotencyKey, effects] of Map.groupBy(truth.effects, (effect) => effect.idempotencyKey)) {
    const scheduled = scheduledAs(runs, idempotencyKey)
    if (scheduled === 'archived') continue
    // A step may begin before its command is on disk: what it sends then waits for that, and is never sent if it is lost.
    const unsent = truth.faulty && effects.every(({ kind }) => kind === 'step')
    if (!scheduled && unsent) continue
    if (!scheduled) throw broken(idempotencyKey, 'it was done, and no history asks for it')
    checkAttempts(truth, { idempotencyKey, effects, scheduled })
  }
  for (const run of runs.values()) checkCompletions(truth, run)
  if (!truth.faulty) checkKeys(truth, runs.values())
}

function scheduledAs(
  runs: ReadonlyMap<string, RecordedRun>,
  key: string,
): Scheduled | 'archived' | undefined {
  const [seq, runId] = key.split('/').toReversed()
  const run = runs.get(runId ?? '')
  if (run && run.row.archive_batch !== null) return 'archived'
  return run?.events.find((event): event is Scheduled => isScheduled(event) && event.seq === Number(seq))
}

function isScheduled(event: HistoryEvent): event is Scheduled {
  return event.type === 'activity_scheduled' || event.type === 'step_scheduled'
}

function checkAttempts(
  { faulty, watched }: Truth,
  {
    idempotencyKey,
    effects,
    scheduled,
  }: { idempotencyKey: string; effects: readonly Effect[]; scheduled: Scheduled },
): void {
  const asked = scheduled.type === 'step_scheduled' ? scheduled.name : workOf(scheduled).key
  const strange = effects.find(({ key }) => key !== asked)
  if (strange) throw broken(idempotencyKey, `${asked} was asked for, and ${strange.key} done`)
  const { maxAttempts = Infinity } = rulesOf(scheduled).retry
  const most = Math.max(...effects.map(({ attempt }) => attempt))
  if (most > maxAttempts) throw broken(idempotencyKey, `attempt ${most} was made, of ${maxAttempts}`)
  const gated = faulty && scheduled.type === 'step_scheduled'
  if (maxAttempts === 1 && effects.length > 1 && !gated)
    throw broken(idempotencyKey, `it was done ${effects.length} times, and had one attempt`)
  const attempts = effects.filter((effect) => !isCut(effect, effects, watched)).map(({ attempt }) => attempt)
  if (!faulty && attempts.some((attempt, index) => attempt !== index + 1))
    throw broken(idempotencyKey, `nothing was lost, and the attempts made were ${attempts.join()}`)
}

/** It was at work in the eager lane when all was deployed anew: nobody knows of it then, and it is made once more. */
function isCut(effect: Effect, effects: readonly Effect[], { calmAt }: Truth['watched']): boolean {
  const { idempotencyKey, attempt, at, endedAt } = effect
  const isAgain = (other: Effect): boolean =>
    other.idempotencyKey === idempotencyKey && other.attempt === attempt && other.at >= calmAt
  return at < calmAt && calmAt <= endedAt && effects.some(isAgain)
}

function workOf(scheduled: Extract<Scheduled, { type: 'activity_scheduled' }>): ActivityWork {
  return scheduled.input as unknown as ActivityWork // as the program calls it
}

/** Behind each completion there is a function that has come to its end, in that attempt. */
function checkCompletions({ effects }: Truth, run: RecordedRun): void {
  const own = ownEvents(run)
  for (const event of own) {
    if (event.type !== 'activity_completed' && event.type !== 'step_completed') continue
    const key = `${run.workflowId}/${run.runId}/${event.seq}`
    const done = effects.some(
      (effect) =>
        effect.idempotencyKey === key &&
        effect.attempt === event.attempt &&
        effect.key === event.result &&
        (effect.ended === 'completed' || effect.ended === 'handed_over'),
    )
    if (!done)
      throw broken(
        key,
        `attempt ${event.attempt} is recorded as completed with ${JSON.stringify(event.result)}`,
      )
  }
}

/** Without those that were taken over by a reset: they were done under the keys of that run. */
function ownEvents({ events }: RecordedRun): readonly HistoryEvent[] {
  return events.slice(events.findLastIndex(({ type }) => type === 'workflow_reset') + 1)
}

/** At most one at a time of each concurrency key, among those that the engine counts until their function ends. */
function checkKeys({ effects, watched }: Truth, runs: Iterable<RecordedRun>): void {
  const counted = new Set<string>()
  for (const { workflowId, runId, events } of runs)
    for (const event of events)
      if (event.type === 'activity_completed' || event.type === 'activity_failed')
        counted.add(`${workflowId}/${runId}/${event.seq} ${event.attempt}`)
  const keyed = effects.filter(
    ({ concurrencyKey, idempotencyKey, attempt }) =>
      concurrencyKey !== undefined && counted.has(`${idempotencyKey} ${attempt}`),
  )
  for (const [name, own] of Map.groupBy(keyed, ({ concurrencyKey }) => concurrencyKey)) {
    let busyUntil = -Infinity
    for (const effect of own.filter((one) => !isCut(one, own, watched))) {
      if (effect.at < busyUntil)
        throw broken(effect.idempotencyKey, `it began at ${effect.at}; ${name} was held until ${busyUntil}`)
      if (effect.ended !== 'handed_over') busyUntil = Math.max(busyUntil, effect.endedAt)
    }
  }
}

function broken(idempotencyKey: string, what: string): InvariantBroken {
  return new InvariantBroken(I6, `${idempotencyKey}: ${what}`)
}
