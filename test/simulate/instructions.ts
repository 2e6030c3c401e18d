/** What the workflows of a scenario do, as plain JSON. */
export const SIGNALS = ['paid', 'shipped'] as const
export type SignalName = (typeof SIGNALS)[number]

/** How a call of an activity or a step goes. */
export interface Work {
  /** Names the call in the whole scenario. */
  readonly key: string
  /** The attempts that fail, before one that does not. */
  readonly fails: number
  /** Absent: no limit. */
  readonly maxAttempts?: number
  /** Its failure ends the retries. */
  readonly fatal?: boolean
}

export interface ActivityWork extends Work {
  /** Of a type whose activities are mostly over within a second. */
  readonly brief?: true
  /** How long each attempt takes; absent: no time. */
  readonly takesMs?: number
  readonly startToCloseMs?: number
  readonly heartbeatMs?: number
  readonly cancellation?: 'wait' | 'try' | 'abandon'
  readonly concurrencyKey?: string
  /** Whoever has its token ends it, after that long. */
  readonly handedOverMs?: number
}

export interface StepWork extends Work {
  readonly takesMs?: number
  readonly cancellation?: 'wait' | 'try' | 'abandon'
}

export interface ChildCall {
  readonly program: Program
  /** Absent: one is made. Others may ask for one of the same id. */
  readonly workflowId?: string
  /** What of it is waited for. */
  readonly until: 'asked' | 'started' | 'ended'
  readonly executionTimeoutMs?: number
  readonly policy: 'terminate' | 'cancel' | 'abandon'
  readonly cancellation: 'wait' | 'wait-requested' | 'try' | 'abandon'
}

export type Instruction =
  | ({ readonly do: 'activity' } & ActivityWork)
  | ({ readonly do: 'step' } & StepWork)
  | { readonly do: 'sleep'; readonly ms: number }
  | { readonly do: 'signal'; readonly name: SignalName; readonly timeoutMs?: number }
  | { readonly do: 'collect'; readonly name: SignalName; readonly count: number; readonly timeoutMs: number }
  | { readonly do: 'condition'; readonly handled: number; readonly timeoutMs: number }
  | ({ readonly do: 'child' } & ChildCall)
  | {
      readonly do: 'external_signal'
      readonly to: string
      readonly name: SignalName
      readonly payload: string
    }
  | { readonly do: 'external_cancel'; readonly to: string }
  | { readonly do: 'patched'; readonly id: string }
  | { readonly do: 'memo'; readonly value: number }
  | { readonly do: 'attribute'; readonly value: number }
  | { readonly do: 'compensate'; readonly key: string }
  | { readonly do: 'all' | 'race' | 'shield'; readonly parts: readonly Instruction[] }
  | { readonly do: 'scope'; readonly parts: readonly Instruction[]; readonly timeoutMs: number }
  | { readonly do: 'cancel_scope'; readonly part: Instruction; readonly afterMs: number }

export type Kind = Instruction['do']

export interface Program {
  /** Names it in the whole scenario. */
  readonly id: string
  readonly body: readonly Instruction[]
  /** Signals that a handler takes. */
  readonly handles: readonly SignalName[]
  /** What its update handler does before it answers. */
  readonly updateSleepsMs: number
  /** Whether it does something before it gives in to a cancel. */
  readonly cleansUp: boolean
  /** The attempts of the run that fail at the end of the body. */
  readonly failsRuns: number
  /** What it continues as new with. */
  readonly next?: Program
}
