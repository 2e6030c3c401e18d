/** What crosses between the driver (Node) and the Worker at the engine's door, and what is found. Imports nothing: both sides load it. */

/** One scenario: what the shard can do is measured, a multiple of that is offered for a while, then nothing more. */
export interface Plan {
  warmMs: number
  capacityMs: number
  loadMs: number
  /** Of the capacity. */
  times: number
  /** Runs that sleep and runs with a remote activity, offered beside the others. */
  besidePerSecond: number
}

/** A request to a shard, and its answer. */
export interface Asked {
  number: number
  shard: string
  verb: string
  args: readonly unknown[]
}

export interface Answered {
  number: number
  reply?: unknown
  thrown?: string
}

export interface Figures {
  /** As the plan says. */
  times: number
  capacityPerSecond: number
  /** Of one run at a time, before the load. */
  quietP50Ms: number
  /** Of all starts, those before and after the load too; what clients ask again is not counted again. */
  offered: number
  /** During the load, first attempts only. */
  offeredPerSecond: number
  /** During the load. */
  acceptedPerSecond: number
  /** By how much the latest of these was later than its time. */
  latestOfferMs: number
  /** Attempts of clients beyond the first. */
  repeated: number
  accepted: number
  /** With the code `overloaded` and a time to come back. */
  refused: number
  /** What was answered otherwise. */
  failed: Record<string, number>
  /** Runs that the shard has, by their status, once everything has ended. */
  runs: Record<string, number>
  timers: number
  /** How late the latest timer fired. */
  latestTimerMs: number
  /** How long a start took that was accepted during the load. */
  acceptedP50Ms: number
  acceptedP99Ms: number
  /** How long a refusal took. */
  refusedP50Ms: number
  refusedP99Ms: number
  /** From the end of the load to the first of ten runs in a row that took no longer than before it. */
  recoveredMs: number
  /** The most that has waited in the inbox. */
  peakWaiting: number
}
