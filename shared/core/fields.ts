/** Memo and search attributes: fields by name, each one payload. */
import type { Payload } from '../payload.ts'

export type Fields = Record<string, Payload>

/** The fields that a run has when `patch` is applied to those it had: null unsets. */
export function upserted(fields: Fields, patch: Fields): Fields {
  const entries = Object.entries({ ...fields, ...patch })
  return Object.fromEntries(entries.filter(([, value]) => value !== null))
}
