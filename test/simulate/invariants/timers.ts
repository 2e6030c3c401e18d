/** I11: a timer that is due does not stay so, for longer than what went wrong explains. */
import type { FaultKind } from '../faults.ts'
import { LOSS_MS } from '../watch.ts'
import type { PassedTimer } from '../watch.ts'
import { InvariantBroken } from './truth.ts'
import type { Truth } from './truth.ts'

const I11 = 'I11 timers'

/** What a fault of the kind may add once, and each time that it comes. The others hold up no timer. */
const ONCE: Partial<Record<FaultKind, number>> = { 'alarm late': 3_000, 'clock jumps': 5_000 }
const EACH: Partial<Record<FaultKind, number>> = {
  crash: LOSS_MS,
  'crash undone': LOSS_MS,
  'commit fails': LOSS_MS,
  deploy: LOSS_MS,
  'deploy breaks': LOSS_MS,
}

/** One that never went is among what is left. */
export function timersArePunctual({ watched }: Truth): void {
  for (const timer of watched.timers) {
    const lateMs = timer.goneAt - timer.dueAt
    const mostMs = mostOf(timer)
    if (lateMs > mostMs)
      throw new InvariantBroken(
        I11,
        `timer ${timer.seq} of run ${timer.runId} was due ${lateMs} ms before it went, and ${mostMs} are explained`,
      )
  }
}

function mostOf({ faults }: PassedTimer): number {
  const once = [...new Set(faults)].reduce((ms, kind) => ms + (ONCE[kind] ?? 0), 0)
  return faults.reduce((ms, kind) => ms + (EACH[kind] ?? 0), once)
}
