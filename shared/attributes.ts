/** Search attributes: small facts to find runs by. */
import { upserted } from './core/fields.ts'
import { checkedFields, invalid } from './names.ts'
import { checkedPayload } from './payload.ts'
import type { Payload } from './payload.ts'

/** A fact to find a run by; null or an empty list unsets. A text has at most 1,000 characters, a list at most 100 texts. */
export type SearchAttribute = string | number | boolean | Date | readonly string[] | null
/** By name: a letter or `_`, then letters, digits, `_`, `.` and `-`; at most 64 characters. */
export type SearchAttributes = Record<string, SearchAttribute>

const NAME = /^[A-Za-z_][\w.-]{0,63}$/
const MAX_TEXT_LENGTH = 1_000
const MAX_ITEMS = 100

export function isSearchAttribute(value: unknown): value is SearchAttribute {
  if (value === null || typeof value === 'boolean') return true
  if (typeof value === 'number') return Number.isFinite(value)
  if (value instanceof Date) return !Number.isNaN(value.getTime())
  return Array.isArray(value) ? value.length <= MAX_ITEMS && value.every(isText) : isText(value)
}

export function isAttributeName(name: string): boolean {
  return NAME.test(name)
}

/** The name of an attribute, refused unless it is one. */
export function checkedAttributeName(name: string, path: string): string {
  if (isAttributeName(name)) return name
  throw invalid(path, 'named by a letter or _, then letters, digits, _ . -, at most 64 in all', name)
}

/** Search attributes, checked and encoded; what unsets, null or an empty list, is null. */
export function attributePatch(attributes: SearchAttributes): Record<string, Payload> {
  const entries = Object.entries(checkedFields(attributes, 'searchAttributes')).map(([name, value]) => {
    const path = `searchAttributes.${name}`
    checkedAttributeName(name, path)
    if (!isSearchAttribute(value))
      throw invalid(path, 'a text, number, boolean, Date, list of texts or null', value)
    return [name, Array.isArray(value) && value.length === 0 ? null : checkedPayload(value, path)]
  })
  return Object.fromEntries(entries)
}

/** Those that a run starts with. */
export function encodedAttributes(attributes: SearchAttributes): Record<string, Payload> {
  return upserted({}, attributePatch(attributes))
}

function isText(value: unknown): boolean {
  return typeof value === 'string' && value.length <= MAX_TEXT_LENGTH
}
