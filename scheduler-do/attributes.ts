/** Search attributes: what a deployment declares of them, and which runs have those asked for. */
import { checkedAttributeName } from '../shared/attributes.ts'
import { checkedChoice, checkedFields, invalid } from '../shared/names.ts'
import type { Payload } from '../shared/payload.ts'
import type { Refusal } from '../shared/protocol.ts'

const TYPES = ['keyword', 'number', 'boolean', 'date', 'keywords'] as const

/** `keyword` is a text, `keywords` a list of texts. */
export type SearchAttributeType = (typeof TYPES)[number]
export type AttributeTypes = ReadonlyMap<string, SearchAttributeType>

/** An index is a row more for each run that has the attribute. */
const MAX_DECLARED = 20

/** What `defineScheduler` was given, refused by path. */
export function declaredAttributes(declared: Record<string, SearchAttributeType> = {}): AttributeTypes {
  const types = new Map<string, SearchAttributeType>()
  for (const [name, type] of Object.entries(checkedFields(declared, 'searchAttributes'))) {
    const path = `searchAttributes.${name}`
    types.set(checkedAttributeName(name, path), checkedChoice(type, TYPES, path))
  }
  if (types.size <= MAX_DECLARED) return types
  throw invalid('searchAttributes', `at most ${MAX_DECLARED} attributes`, types.size)
}

/** The refusal of the first attribute that is not of the type it is declared with. */
export function unfitAttribute(
  declared: AttributeTypes,
  attributes: Record<string, Payload> = {},
): Refusal | null {
  for (const [name, value] of Object.entries(attributes)) {
    const type = declared.get(name)
    if (type === undefined || typeOf(value) === type) continue
    const path = `searchAttributes.${name}`
    const { code, message } = invalid(path, `a ${type}, as the scheduler declares it`, value)
    return { ok: false, code, message, facts: { path } }
  }
  return null
}

/** Whether a run with these attributes is one that `wanted` asks for; `store/attributes.ts` says the same in SQL. */
export function hasAttributes(
  stored: Record<string, Payload>,
  wanted: Record<string, Payload>,
  declared: AttributeTypes,
): boolean {
  return Object.entries(wanted).every(([name, value]) => {
    const own = Object.hasOwn(stored, name) ? stored[name] : undefined
    if (value === null || value === undefined) return own === undefined
    if (Array.isArray(value)) return Array.isArray(own) && value.every((item) => own.includes(item))
    if (mayBeInList(value, declared.get(name)) && Array.isArray(own)) return own.includes(value)
    return own !== undefined && JSON.stringify(own) === JSON.stringify(value)
  })
}

/** Whether a list can be what `value` is asked for in. */
export function mayBeInList(value: Payload, type: SearchAttributeType | undefined): value is string {
  return typeof value === 'string' && (type === undefined || type === 'keywords')
}

/** Of an attribute as it is encoded: a Date is the only object. */
function typeOf(value: Payload): SearchAttributeType | null {
  if (typeof value === 'string') return 'keyword'
  if (typeof value === 'number') return 'number'
  if (typeof value === 'boolean') return 'boolean'
  if (Array.isArray(value)) return 'keywords'
  return value === null || value === undefined ? null : 'date'
}
