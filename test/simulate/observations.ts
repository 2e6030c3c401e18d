/** What clients were told. */
import type { Finding } from '../../shared/health.ts'
import type { Value } from './program.ts'

/** Of one action, in the place that it has in the scenario. */
export type Answer =
  | { readonly kind: 'accepted'; readonly value: Value }
  | { readonly kind: 'refused'; readonly code: string; readonly message: string }
  /** It may have happened: nobody told the client. */
  | { readonly kind: 'unknown'; readonly message: string }

/** How a run ended, as whoever waited for its result was told. */
export interface Ended {
  readonly status: string
  readonly result?: Value
}

/** What a client saw of a run between the beginning and the end of its call. */
interface Look {
  readonly workflowId: string
  readonly runId: string
  /** Events of history by then, as committed: before it asked, as it was told, and when it was. */
  readonly before: number
  readonly told: number
  readonly after: number
  readonly what: 'query' | 'describe'
}

export interface Observations {
  /** Of runs that were read while they moved from tier to tier: every answer that was not the one before. */
  readonly changed: string[]
  readonly answers: Map<number, Answer>
  /** By the place of the start: the run that its handle has, and what its result was. */
  readonly handles: Map<number, { readonly runId: string; ended: Ended | null }>
  /** By update id. */
  readonly updates: Map<string, Value>
  readonly looks: Look[]
  /** Keys of activities that were handed over, and whose end somebody was told to be taken. */
  readonly finished: string[]
  /** What a client that comes in the end is told of each workflow. */
  readonly finals: Map<string, { readonly runId: string; readonly ended: Ended | null }>
  /** What it reads of the history of each run. */
  readonly histories: Map<string, readonly string[]>
  /** What a doctor finds in the end. */
  readonly findings: Finding[]
  /** Of what nobody may ever throw at a client. */
  readonly surprises: string[]
}
