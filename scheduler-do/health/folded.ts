/** History from its rows: whole and in order, or what is wrong with it. */
import type { HistoryEvent } from '../../shared/core/events.ts'
import { emptyState, evolve } from '../../shared/core/state.ts'
import type { RunState } from '../../shared/core/state.ts'
import type { StoredTurn } from '../store/health.ts'
import { eventsLength } from '../store/history.ts'

export interface FoldedRun {
  readonly state: RunState
  readonly events: readonly HistoryEvent[]
  /** As the run's row has it once it has closed. */
  readonly bytes: number
  readonly lastSequence: number
}

/** Throws a `Broken` that says where. */
export function folded(run: { workflowId: string; runId: string }, turns: readonly StoredTurn[]): FoldedRun {
  const state = emptyState(run.workflowId, run.runId)
  const events: HistoryEvent[] = []
  let [bytes, lastSequence] = [0, 0]
  for (const turn of turns) {
    if (turn.firstEventId !== events.length + 1)
      throw new Broken(`event ${events.length + 1} is missing: the next row begins with ${turn.firstEventId}`)
    if (turn.sequence <= lastSequence)
      throw new Broken(`event ${turn.firstEventId} has sequence ${turn.sequence}, after ${lastSequence}`)
    for (const event of eventsOf(turn)) {
      if (state.closed) throw new Broken(`event ${events.length + 1} comes after the end of the run`)
      if ((event.type === 'workflow_started') !== (events.length === 0))
        throw new Broken(`event ${events.length + 1} is a ${event.type}`)
      take(state, event)
      events.push(event)
    }
    bytes += eventsLength(turn.events, turn.eventCount)
    lastSequence = turn.sequence + turn.eventCount - 1
  }
  if (events.length === 0) throw new Broken('it has no history')
  return { state, events, bytes, lastSequence }
}

export class Broken extends Error {
  override readonly name = 'Broken'
}

function eventsOf({ firstEventId, eventCount, events: text }: StoredTurn): HistoryEvent[] {
  let events: unknown
  try {
    events = JSON.parse(text)
  } catch {
    throw new Broken(`the row of event ${firstEventId} is no JSON`)
  }
  if (!Array.isArray(events) || events.length !== eventCount)
    throw new Broken(`the row of event ${firstEventId} does not have the ${eventCount} events that it says`)
  return events as HistoryEvent[] // what it is not is found when it is folded
}

function take(state: RunState, event: HistoryEvent): void {
  const eventId = state.lastEventId + 1
  if (event.at < state.lastAt) throw new Broken(`event ${eventId} is earlier than the one before it`)
  try {
    evolve(state, event)
  } catch {
    throw new Broken(`event ${eventId} is of no type that is known`)
  }
}
