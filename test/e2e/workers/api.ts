/** What the tests, a Node process, and their driver, a Worker, say to each other over HTTP. Plain types, JSON only. */

/** `chain`: ten activities, one after another. `steps`: ten inline steps. `timer`: sleeps, then one activity. */
export type Kind = 'chain' | 'steps' | 'timer'

export interface DriverApi {
  '/start': { ask: { kind: Kind; ids: string[]; input: number }; answer: { started: number } }
  /** Waits for the end of each, for a while; ids that have not ended are left out. */
  '/results': { ask: { ids: string[]; waitMs: number }; answer: { workflowId: string; result: unknown }[] }
  '/effects': { ask: { prefix: string }; answer: LedgerSummary }
  /** Attempts of all steps and activities that ended, as history has them. */
  '/attempts': { ask: { ids: string[] }; answer: { ended: number; attempts: number; fired: number[] } }
}

export interface LedgerSummary {
  /** Distinct idempotency keys: effects that took place. */
  keys: number
  calls: number
  /** Keys that were asked for more than once. */
  repeated: number
  workflows: number
}
