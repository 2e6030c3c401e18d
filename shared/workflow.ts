/** What a workflow is to those who start it. */
/* oxlint-disable typescript/no-explicit-any -- `any` is "not said" in the public signatures: workflows used by name only */
import type { ActivityOptions, RetryPolicy } from './activity.ts'
import type { Duration } from './duration.ts'
import type { MessageMap } from './message.ts'
import { checkedName, invalid } from './names.ts'
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
  /** For the activities it calls; a definition's own defaults and the call's options override them. */
  activityDefaults?: ActivityOptions
}

/** A fact to find a run by; null unsets. */
export type SearchAttribute = string | number | boolean | Date | readonly string[] | null
export type SearchAttributes = Record<string, SearchAttribute>

export function isSearchAttribute(value: unknown): value is SearchAttribute {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return true
  if (typeof value === 'number') return Number.isFinite(value)
  if (value instanceof Date) return !Number.isNaN(value.getTime())
  return Array.isArray(value) && value.every((item) => typeof item === 'string')
}

/** Memo fields, checked and encoded. */
export function encodedFields(fields: Record<string, unknown>, path: string): Record<string, Payload> {
  const entries = Object.entries(fields).map(([key, value]) => [key, checkedPayload(value, `${path}.${key}`)])
  return Object.fromEntries(entries)
}

/** Search attributes, checked and encoded; those that are null are not set. */
export function encodedAttributes(attributes: SearchAttributes): Record<string, Payload> {
  for (const [key, value] of Object.entries(attributes)) {
    const path = `searchAttributes.${key}`
    checkedName(key, path)
    if (!isSearchAttribute(value))
      throw invalid(path, 'a text, number, boolean, Date, list of texts or null', value)
  }
  const given = Object.entries(attributes).filter(([, value]) => value !== null)
  return encodedFields(Object.fromEntries(given), 'searchAttributes')
}
