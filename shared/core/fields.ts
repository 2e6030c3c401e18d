/** Memo and search attributes: fields by name, each one payload. */
import type { Payload } from '../payload.ts'

/** As JSON, of the memo and of the search attributes: both are columns of the run's row, which the platform caps at 2 MB. */
export const MAX_FIELDS_BYTES = 512 * 1024

export type Fields = Record<string, Payload>

/** The fields that a run has when `patch` is applied to those it had: null unsets. */
export function upserted(fields: Fields, patch: Fields): Fields {
  const entries = Object.entries({ ...fields, ...patch })
  return Object.fromEntries(entries.filter(([, value]) => value !== null))
}
