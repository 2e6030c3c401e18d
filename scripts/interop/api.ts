/** What is asked of the driver, test/interop/workers/driver.ts. Each is a POST of JSON. */
export interface InteropApi {
  /** Starts a round of orders, lets their customers do what they do, and answers when all runs have closed. */
  '/work': { ask: { round: number; orders: number }; answer: { runs: number } }
  /** Has the archiver make one pass, and answers where the runs are then. */
  '/archive': { ask: Record<string, never>; answer: { hot: number; warm: number; cold: number } }
  /** Everything that the engine tells a client of its runs: one page, in the order of their start. */
  '/recorded': { ask: { cursor?: string }; answer: { runs: RecordedRun[]; cursor?: string } }
}

/** Payloads and errors as JSON has them, times in epoch milliseconds. */
export interface RecordedRun {
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
