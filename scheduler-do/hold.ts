/** Messages whose payload is an object of the run that sent them: held until it is one of the run they are for. */
import type { Delivery } from '../shared/delivery.ts'
import type { Payload } from '../shared/payload.ts'
import { ownerRun, referenceOf } from '../shared/reference.ts'
import type { Reference } from '../shared/reference.ts'
import type { StartWorld } from './start.ts'
import { chainAddress, findRun } from './target.ts'
import type { Turn } from './turn.ts'

/** True: the message is held, and applied once its payload is where it must be. */
export function hold(turn: Turn, world: StartWorld, delivery: Delivery): boolean {
  const carried = referenceOf(deliveryPayload(delivery))
  if (!carried) return false
  const receiver = receiverOf(turn, world, delivery)
  if (receiver === null || receiver === ownerRun(carried)) return false
  turn.changes.held.set(heldId(delivery), delivery)
  return true
}

export function deliveryPayload(delivery: Delivery): Payload {
  switch (delivery.kind) {
    case 'start_child':
      return delivery.child.input
    case 'child_closed':
      return delivery.result
    case 'signal':
      return delivery.payload
    default:
      return undefined
  }
}

/** The message with its payload as an object of run `runId`. */
export function readdressed(delivery: Delivery, runId: string, payload: Reference): Delivery {
  switch (delivery.kind) {
    case 'start_child':
      return { ...delivery, runId, child: { ...delivery.child, input: payload } }
    case 'child_closed':
      return { ...delivery, result: payload }
    case 'signal':
      return { ...delivery, payload }
    default:
      return delivery
  }
}

/** The run that takes the message; null when none does. A child's is known once its payload has been copied for it. */
function receiverOf(turn: Turn, world: StartWorld, delivery: Delivery): string | null {
  if (delivery.kind === 'start_child') return delivery.runId ?? ''
  if (delivery.kind !== 'child_closed' && delivery.kind !== 'signal') return null
  const found = findRun(turn, world, chainAddress(delivery.to))
  return found.ok ? found.runId : null
}

/** A call sends one message of a kind. */
function heldId(delivery: Delivery): string {
  switch (delivery.kind) {
    case 'start_child':
      return `child:${delivery.parent.runId}/${delivery.parent.seq}`
    case 'child_closed':
      return `closed:${delivery.to.runId}/${delivery.seq}`
    case 'signal':
      return `signal:${delivery.from.runId}/${delivery.from.seq}`
    default:
      return ''
  }
}
