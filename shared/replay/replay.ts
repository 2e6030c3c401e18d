/** Feeding a coroutine its history, and letting it run until it waits. */
import type { HistoryEvent, OutcomeEvent } from '../core/events.ts'
import { closedStatus, isCommandEvent, isFed, isSilentEvent } from '../core/events.ts'
import type { Seen } from '../core/inputs.ts'
import { NonDeterminismError } from '../errors.ts'
import type { Coroutine } from './coroutine.ts'

/** Lets user code run until it waits: empties the microtask queue. Injected, since platforms differ in what does. */
export type Drain = () => Promise<void>

/** One drain shared by all coroutines that were fed, repeated while a condition came true. */
export async function settle(coroutines: Iterable<Coroutine>, drain: Drain): Promise<void> {
  const fed = [...coroutines]
  do {
    // each drain sees what the conditions of the last one woke
    await drain()
  } while (wakeConditions(fed))
  for (const coroutine of fed) coroutine.rest()
}

function wakeConditions(coroutines: readonly Coroutine[]): boolean {
  let woken = false
  for (const coroutine of coroutines) woken = coroutine.wakeConditions() || woken
  return woken
}

export interface ReplayOptions {
  readonly drain: Drain
  readonly complete: boolean
  /** How the code sees an event, where history holds what only stands for payloads. */
  readonly see?: (event: OutcomeEvent) => Promise<Seen>
}

/**
 * Replays history, checking every command against it. `complete`: history holds all that the code asked for, so that
 * anything more is a difference; false for a run that was blocked before its first commands were recorded.
 */
export async function replay(
  coroutine: Coroutine,
  history: readonly HistoryEvent[],
  options: ReplayOptions,
): Promise<void> {
  coroutine.replaying = true
  for (const event of history)
    if (event.type === 'patch_recorded') coroutine.identity.patches.add(event.patchId)
  const lastFed = options.complete ? -1 : history.findLastIndex(isFed)
  let eventId = 0
  for (const event of history) {
    eventId += 1
    if (eventId - 1 === lastFed)
      coroutine.recordedCalls = history.slice(eventId).filter(isCommandEvent).length
    if (isSilentEvent(event)) {
      coroutine.history.add(event)
      if (event.type === 'workflow_reset') coroutine.draws.reset(event)
      // It came in the turn in which the function returned: the run ended this way, and the return was not recorded.
      if (closedStatus(event.type) !== null) coroutine.ending.clear()
    } else if (isCommandEvent(event)) {
      coroutine.expect(event, eventId)
      coroutine.history.add(event)
    }
    // one event, one drain: the order is what makes it deterministic
    else {
      coroutine.draws.ahead(history, eventId)
      await feedRecorded(coroutine, { event, eventId }, options)
    }
  }
  if (options.complete) coroutine.expectNothing(null, eventId)
  coroutine.replaying = false
}

async function feedRecorded(
  coroutine: Coroutine,
  recorded: { event: OutcomeEvent; eventId: number },
  { drain, see }: ReplayOptions,
): Promise<void> {
  coroutine.expectNothing(recorded.event, recorded.eventId)
  const seen: Seen = see ? await see(recorded.event) : recorded
  coroutine.feed(seen.event, recorded.eventId, seen.content)
  await settle([coroutine], drain)
  const { violation } = coroutine
  if (!violation) return
  if (violation instanceof NonDeterminismError) throw violation
  throw new NonDeterminismError(recorded.eventId, {
    expected: recorded.event.type,
    actual: violation.message,
  })
}
