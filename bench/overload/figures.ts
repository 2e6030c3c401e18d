/** What crosses between the runner (Node) and the driver Worker. Imports nothing: both sides load it. */

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

export interface Figures {
  capacityPerSecond: number
  /** Of one run at a time, before the load. */
  quietP50Ms: number
  /** Of all starts, those before and after the load too. */
  offered: number
  /** During the load. */
  offeredPerSecond: number
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
  /** From the end of the load to the first of ten runs in a row that took no longer than before it. */
  recoveredMs: number
  /** The most that has waited in the inbox. */
  peakWaiting: number
}
