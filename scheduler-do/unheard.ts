/**
 * Runs that end without their code: terminated, reset or out of time while they are blocked or paused. What waited for
 * that code was accepted: the run that takes over hears it, and where there is none, history says what was discarded.
 */
import type { Input } from '../shared/core/inputs.ts'
import type { ReceivedSignal } from '../shared/replay/signals.ts'
import { seenPayload } from './contents.ts'
import type { LiveRun } from './live.ts'
import type { Turn } from './turn.ts'

const ENDS: ReadonlySet<Input['type']> = new Set(['terminate_workflow', 'time_out_workflow'])

/** Whether it needs no workflow code, so that a blocked run can be ended. */
export function endsUnheard(input: Input | null): boolean {
  return input !== null && ENDS.has(input.type)
}

type SignalInput = Extract<Input, { type: 'signal_workflow' }>

/** What is parked for a run that ends, each signal once; it is not parked any more. */
export function takeParked(turn: Turn, { state }: LiveRun): Input[] {
  const { changes, world } = turn
  const committed = changes.unparked.has(state.runId) ? [] : world.parked(state.runId)
  changes.unparked.add(state.runId)
  const known = new Set(state.signalIds)
  return [...committed, ...changes.takeParked(state.runId)].filter((input) => {
    if (input.type !== 'signal_workflow') return true
    const isNew = !known.has(input.signalId)
    known.add(input.signalId)
    return isNew
  })
}

export function isSignal(input: Input): input is SignalInput {
  return input.type === 'signal_workflow'
}

/** Signals that nobody took, in the order in which they were received. */
export function unreadOf(turn: Turn, live: LiveRun): Omit<ReceivedSignal, 'at'>[] {
  const { state, coroutine } = live
  if (live.folded) return recorded(turn, live)
  const unread = new Map(coroutine.inbox.unread().map((signal) => [signal.signalId, signal]))
  return [...state.signalIds].map((signalId) => unread.get(signalId)).filter((signal) => signal !== undefined)
}

/** Those that have a row, where the run's code is not there to say what it has taken. */
function recorded(turn: Turn, { state, signalRows }: LiveRun): Omit<ReceivedSignal, 'at'>[] {
  if (signalRows.size === 0) return []
  const received = turn.world.events(state.runId).filter((event) => event.type === 'signal_received')
  return received.filter(({ signalId }) => signalRows.has(signalId)).map(asReceived)
}

export function asReceived(signal: {
  name: string
  signalId: string
  payload?: ReceivedSignal['payload']
}): Omit<ReceivedSignal, 'at'> {
  const { name, signalId, payload } = signal
  return { name, signalId, payload, content: seenPayload(payload) }
}
