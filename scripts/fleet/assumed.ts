/** What nobody has measured here, and the platform's limits; docs/design/fleet.md says where each is from. */
import type { Delay, Draws } from './draws.ts'

/** A call from a Worker to an object that is awake. */
const CALL_MS: Delay = { p50: 10, p99: 80 }
/** What it takes more where the object has to be made first. */
const WAKE_MS: Delay = { p50: 60, p99: 400 }

/** `asleep`: the part of the objects that has to be made. */
export function callMs(draws: Draws, asleep: number): number {
  return draws.delay(CALL_MS) + (draws.next() < asleep ? draws.delay(WAKE_MS) : 0)
}

/** Of one invocation on the paid plan, unless `[limits] subrequests` says more. */
export const SUBREQUESTS = 10_000
/** Of an isolate. */
export const MEMORY_BYTES = 128e6
