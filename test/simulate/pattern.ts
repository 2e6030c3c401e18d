/** A set of values, as a value that can be printed. */
import type { Value } from './program.ts'

export type Pattern =
  | { readonly is: Value }
  /** None: nothing fits. */
  | { readonly oneOf: readonly Pattern[] }
  | { readonly list: readonly Pattern[] }
  | { readonly fields: Readonly<Record<string, Pattern>> }
  /** A list of different ones of these, and of any number of the others. */
  | { readonly some: readonly string[]; readonly others: readonly string[]; readonly atMost: number }

export const NOTHING: Pattern = { oneOf: [] }

export function is(value: Value): Pattern {
  return { is: value }
}

export function oneOf(...patterns: readonly Pattern[]): Pattern {
  const flat = patterns.flatMap((pattern) => ('oneOf' in pattern ? pattern.oneOf : [pattern]))
  const [only, ...more] = flat
  return only && more.length === 0 ? only : { oneOf: flat }
}

export function fits(pattern: Pattern, value: Value | undefined): boolean {
  if (value === undefined) return false
  if ('is' in pattern) return same(pattern.is, value)
  if ('oneOf' in pattern) return pattern.oneOf.some((one) => fits(one, value))
  if ('fields' in pattern) return fitsFields(pattern.fields, value)
  if (!Array.isArray(value)) return false
  const values: readonly Value[] = value
  if ('list' in pattern)
    return (
      values.length === pattern.list.length && pattern.list.every((one, index) => fits(one, values[index]))
    )
  const again = values.filter((one) => typeof one === 'string' && pattern.others.includes(one))
  const once = values.filter((one) => typeof one === 'string' && pattern.some.includes(one))
  const known = again.length + once.length === values.length
  return known && new Set(once).size === once.length && values.length <= pattern.atMost
}

/** The only value that fits, where there is only one. */
export function onlyValue(pattern: Pattern): { value: Value } | null {
  if ('is' in pattern) return { value: pattern.is }
  if ('oneOf' in pattern) {
    const values = pattern.oneOf.map(onlyValue)
    const [first] = values
    const alike = first && values.every((one) => one && same(one.value, first.value))
    return alike ? first : null
  }
  if ('some' in pattern) return pattern.some.length + pattern.others.length === 0 ? { value: [] } : null
  if ('list' in pattern) {
    const parts = pattern.list.map(onlyValue)
    const whole = parts.filter((part) => part !== null)
    return whole.length === parts.length ? { value: whole.map(({ value }) => value) } : null
  }
  const entries = Object.entries(pattern.fields).map(([name, part]) => [name, onlyValue(part)] as const)
  const known = entries.flatMap(([name, part]) => (part ? [[name, part.value] as const] : []))
  return known.length === entries.length ? { value: Object.fromEntries(known) } : null
}

function fitsFields(fields: Readonly<Record<string, Pattern>>, value: Value): boolean {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false
  const given = new Map(Object.entries(value))
  const names = Object.entries(fields)
  return names.length === given.size && names.every(([name, pattern]) => fits(pattern, given.get(name)))
}

function same(one: Value, other: Value): boolean {
  return JSON.stringify(one) === JSON.stringify(other)
}
