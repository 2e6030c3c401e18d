/** What a workflow is to those who start it. */
/* oxlint-disable typescript/no-explicit-any -- `any` is "not said" in the public signatures: workflows used by name only */
import type { ActivityOptions, RetryPolicy } from './activity.ts'
import type { Duration } from './duration.ts'
import type { MessageMap } from './message.ts'
import { checkedPayload } from './payload.ts'
import type { Payload } from './payload.ts'

/** A workflow's name, types and messages; made by `workflow()`. */
export interface WorkflowDefinition<I = any, R = any, M extends MessageMap = {}> {
  readonly kind: 'workflow'
  readonly name: string
  readonly messages: M
  readonly '~types'?: { input: I; result: R }
}

/** What holds for every run of a workflow unless its start says otherwise. */
export interface WorkflowOptions<M extends MessageMap> {
  messages?: M
  taskQueue?: string
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

/** Memo fields, checked and encoded. */
export function encodedFields(fields: Record<string, unknown>, path: string): Record<string, Payload> {
  const entries = Object.entries(fields).map(([key, value]) => [key, checkedPayload(value, `${path}.${key}`)])
  return Object.fromEntries(entries)
}
