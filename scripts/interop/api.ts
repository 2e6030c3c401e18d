/** What is asked of the driver, test/interop/workers/driver.ts. Each is a POST of JSON. */
export interface InteropApi {
  /**
   * Starts a round of orders, lets their customers do what they do, and answers when all runs have closed. `first` is
   * the number of its first order, which says what kind of order it is.
   */
  '/work': { ask: { round: number; first: number; orders: number }; answer: { runs: number } }
  /** Has the archiver make one pass, and answers where the runs are then, and how many warm objects there are. */
  '/archive': { ask: Record<string, never>; answer: Tiers }
  /** Everything that the engine tells a client of the runs with that prefix: one page, in the order of their start. */
  '/recorded': {
    ask: { idPrefix: string; cursor?: string }
    answer: { runs: RecordedRun[]; cursor?: string }
  }
}

export interface Tiers {
  hot: number
  warm: number
  cold: number
  objects: number
}

/** Payloads and errors as JSON has them, times in epoch milliseconds. */
export interface RecordedRun {
  tier: string
  execution: {
    workflowId: string
    runId: string
    workflowType: string
    taskQueue: string
    status: string
    parent: { workflowId: string; runId: string } | null
    startedAt: number
    closedAt: number
    historyEvents: number
    historyBytes: number
    input: unknown
    result: unknown
    error: unknown
    memo: Record<string, unknown> | null
    searchAttributes: Record<string, unknown> | null
  }
  events: { eventId: number; type: string; at: number; data: unknown }[]
}
