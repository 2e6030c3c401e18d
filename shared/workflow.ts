/** What a workflow is to those who start it. */
/* oxlint-disable typescript/no-explicit-any -- `any` is "not said" in the public signatures: workflows used by name only */
import type { ActivityOptions, RetryPolicy } from './activity.ts'
import type { SearchAttributes } from './attributes.ts'
import type { Duration } from './duration.ts'
import type { MessageMap } from './message.ts'
import { checkedFields } from './names.ts'
import { checkedPayload } from './payload.ts'
import type { Payload } from './payload.ts'

/** A workflow's name, types and messages; made by `workflow()`. */
export interface WorkflowDefinition<I = any, R = any, M extends MessageMap = {}> {
  /** Tells definitions apart. */
  readonly kind: 'workflow'
  /** What clients and histories know it by: its workflow type. */
  readonly name: string
  /** What it declares to receive. */
  readonly messages: M
  /** @internal Carries the types; never set. */
  readonly '~types'?: { input: I; result: R }
}

/** What holds for every run of a workflow unless its start says otherwise. */
export interface WorkflowOptions<M extends MessageMap> {
  /** Its signals, queries and updates, by name: what types `ctx` and its handles. */
  messages?: M
  /** Of its runs, and so of their activities. Default: `default`; of a child, its parent's. */
  taskQueue?: string
  /** From the start to the end of the last run, retries and continue-as-new included. Default: none. */
  executionTimeout?: Duration
  /** A run that fails is followed by another one of its id. Default: it is not. */
  retry?: RetryPolicy
  /**
   * `pinned`: a run stays on the version of the code that started it, for as long as the scheduler carries that version.
   * Default: `auto-upgrade`, a run goes on with whatever version is current.
   */
  versioning?: 'pinned' | 'auto-upgrade'
  /** For the activities it calls; a definition's own defaults and the call's options override them. */
  activityDefaults?: ActivityOptions
}

/** What the next run has of its own; what is absent stays as it is. */
export interface ContinueAsNewOptions {
  /** Of its activities. */
  taskQueue?: string
  /** For the next run alone, from its first turn. */
  runTimeout?: Duration
  /** How long its first turn waits. */
  startDelay?: Duration
  /** What follows if it fails. */
  retry?: RetryPolicy
  /** In place of the memo as it is now. */
  memo?: Record<string, unknown>
  /** In place of the search attributes as they are now. */
  searchAttributes?: SearchAttributes
}

/** Memo fields, checked and encoded. */
export function encodedFields(fields: Record<string, unknown>, path: string): Record<string, Payload> {
  const entries = Object.entries(checkedFields(fields, path)).map(([key, value]) => [
    key,
    checkedPayload(value, `${path}.${key}`),
  ])
  return Object.fromEntries(entries)
}
