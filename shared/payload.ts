/**
 * Payloads: what workflows, activities and messages pass to each other, as JSON that any SQL can read.
 *
 * P1 Plain JSON is its own encoding. Anything else is a tag: `{ "$type": "Date", "value": "2026-01-01T00:00:00.000Z" }`.
 * P2 An object of the user's with a `$type` key is wrapped, `{ "$type": "Object", "value": {...} }`, so no data is taken for a tag.
 * P3 Encoding and decoding copy: nothing that user code changes later can change history, and the reverse.
 * P4 A payload above 128 KiB travels by reference (`reference.ts`); what stands here is made of whole values.
 * P5 What would not come back is refused with its path, never dropped. But the class of an instance is lost: it comes back
 *    as what its `toJSON()` gives, or as a plain object of its own enumerable properties with text keys.
 */
import { fromBase64, toBase64, TYPED_ARRAYS } from './base64.ts'
import { encodedOf, EncodedPayload } from './encoded.ts'
import { WorkflowError } from './errors.ts'
import { LargePayload, MAX_INLINE_BYTES, MAX_PAYLOAD_BYTES, passedOn, referenceOf } from './reference.ts'
import { refusal, refusedWhole, tooDeep } from './trail.ts'
import type { Trail } from './trail.ts'

export type Json = null | boolean | number | string | Json[] | { [key: string]: Json }
/** `undefined` stands for JavaScript's: the field that would hold the payload is left out. */
export type Payload = Json | undefined

/** Containers within containers, in one payload. */
export const MAX_DEPTH = 64

/** `value` as JSON; `path` names it in the refusal: `encodePayload(order, 'input')` refuses `input.items[3].callback`. */
export function encodePayload(value: unknown, path: string): Payload {
  if (value === undefined || isJsonScalar(value)) return value
  return encodeValue(value, { root: path, depth: 0, keys: [], holders: [] })
}

/** The value that was encoded, made of fresh objects. */
export function decodePayload(payload: Payload): unknown {
  return payload === undefined ? undefined : decodeValue(payload, 0)
}

/** `encodePayload` for what never travels by reference: refuses what is too large to travel inline. */
export function checkedPayload(value: unknown, path: string): Payload {
  const payload = encodePayload(value, path)
  const bytes = largeBytes(payload, path)
  if (bytes === 0) return payload
  throw tooLarge(
    path,
    `is ${bytes} bytes as JSON, above ${MAX_INLINE_BYTES}: store it elsewhere and pass its id`,
  )
}

/** `encodePayload` for what may travel by reference: refuses what is too large even for that. */
export function sendablePayload(value: unknown, path: string): Payload {
  const payload = encodePayload(value, path)
  largeBytes(payload, path)
  return payload
}

/** The bytes of a payload that must travel by reference; 0 for one that travels inline. Refuses what is above 32 MiB. */
export function largeBytes(payload: Payload, path: string): number {
  if (payload === undefined || mostBytes(payload) <= MAX_INLINE_BYTES) return 0
  const bytes = payloadBytes(payload)
  if (bytes <= MAX_INLINE_BYTES) return 0
  if (bytes <= MAX_PAYLOAD_BYTES) return bytes
  throw tooLarge(
    path,
    `is ${bytes} bytes as JSON, above ${MAX_PAYLOAD_BYTES}: store it elsewhere and pass its id`,
  )
}

export function tooLarge(path: string, problem: string): WorkflowError {
  return new WorkflowError('payload_too_large', `${path} ${problem}`, { path })
}

/** UTF-8 bytes of the payload's JSON; 0 for undefined. */
export function payloadBytes(payload: Payload): number {
  if (payload === undefined) return 0
  const text = JSON.stringify(payload)
  return /[^ -~]/.test(text) ? new TextEncoder().encode(text).length : text.length
}

/** An upper bound of `payloadBytes` that looks at no character, for the many payloads that are far from the limit. */
export function mostBytes(json: Json): number {
  if (typeof json === 'string') return json.length * 6 + 2
  if (typeof json !== 'object' || json === null) return 24
  if (Array.isArray(json)) return json.reduce<number>((bytes, item) => bytes + mostBytes(item) + 1, 2)
  let bytes = 2
  for (const key of Object.keys(json)) bytes += key.length * 6 + 4 + mostBytes(json[key] ?? null)
  return bytes
}

function isJsonScalar(value: unknown): value is null | boolean | number | string {
  if (typeof value === 'string' || typeof value === 'boolean' || value === null) return true
  return typeof value === 'number' && Number.isFinite(value) && !Object.is(value, -0)
}

function encodeValue(value: unknown, trail: Trail): Json {
  if (isJsonScalar(value)) return value
  if (typeof value === 'object' && value !== null) return encodeObject(value, trail)
  if (typeof value === 'undefined') return { $type: 'undefined' }
  if (typeof value === 'number') return tagged('number', Object.is(value, -0) ? '-0' : String(value))
  if (typeof value === 'bigint') return tagged('BigInt', String(value))
  throw refusal(trail, `is a ${typeof value}: pass plain data instead`)
}

function tagged(tag: string, value: Json): Json {
  return { $type: tag, value }
}

function encodeObject(value: object, trail: Trail): Json {
  if (trail.depth >= MAX_DEPTH) throw tooDeep(value, trail)
  trail.holders[trail.depth] = value
  trail.depth++
  const json = Array.isArray(value) ? encodeList(value, trail) : encodeMembers(value, trail)
  trail.depth-- // a refusal leaves the trail as it is: its path is read from it
  return json
}

function encodeMembers(value: object, trail: Trail): Json {
  const prototype: unknown = Object.getPrototypeOf(value)
  if (prototype !== Object.prototype) return encodeInstance(value, trail)
  return escaped(encodeFields(value, Object.keys(value), trail))
}

function encodeAt(key: string | number, value: unknown, trail: Trail): Json {
  trail.keys[trail.depth - 1] = key
  return encodeValue(value, trail)
}

function encodeList(items: Iterable<unknown>, trail: Trail): Json[] {
  const list: Json[] = []
  for (const item of items) list.push(encodeAt(list.length, item, trail))
  return list
}

function encodeFields(source: object, keys: readonly string[], trail: Trail): { [key: string]: Json } {
  const values = source as Record<string, unknown> // indexed by its own keys only
  const fields: { [key: string]: Json } = {}
  for (const key of keys) setField(fields, key, encodeAt(key, values[key], trail))
  return fields
}

/** Assigning `__proto__` would set a prototype and lose the value. */
function setField(target: object, key: string, value: unknown): void {
  const fields = target as Record<string, unknown> // written through here only
  if (key !== '__proto__') fields[key] = value
  else Object.defineProperty(target, key, { value, enumerable: true, writable: true, configurable: true })
}

function escaped(fields: { [key: string]: Json }): Json {
  return Object.hasOwn(fields, '$type') ? tagged('Object', fields) : fields
}

function encodeInstance(value: object, trail: Trail): Json {
  if (value instanceof Date) return tagged('Date', Number.isNaN(value.getTime()) ? null : value.toISOString())
  if (value instanceof Map) return tagged('Map', encodeList(value, trail))
  if (value instanceof Set) return tagged('Set', encodeList(value, trail))
  if (value instanceof Error) return tagged('Error', encodeError(value, trail))
  const kind = Object.prototype.toString.call(value).slice('[object '.length, -1)
  if (value instanceof ArrayBuffer) return tagged('ArrayBuffer', toBase64(new DataView(value)))
  if (ArrayBuffer.isView(value) && TYPED_ARRAYS.has(kind)) return tagged(kind, toBase64(value))
  if ('then' in value && typeof value.then === 'function') throw refusedWhole(trail, 'is a promise: await it')
  if ('toJSON' in value && typeof value.toJSON === 'function') {
    const plain: unknown = value.toJSON()
    if (plain !== value) return encodeAt('toJSON', plain, trail)
  }
  const whole = passedOn(value)
  if (whole !== undefined && trail.depth === 1) return whole
  if (whole !== undefined)
    throw refusedWhole(trail, 'is a whole payload within another value: pass it by itself')
  // WeakMap, RegExp, Response, streams, ...: their content is not in properties, so they would come back empty.
  if (kind !== 'Object') throw refusedWhole(trail, `is a ${kind}: pass plain data instead`)
  return escaped(encodeFields(value, Object.keys(value), trail))
}

const ERROR_PARTS: ReadonlySet<string> = new Set(['name', 'message', 'stack', 'cause'])

function encodeError(error: Error, trail: Trail): Json {
  const { name, message }: { name: unknown; message: unknown } = error // a class may make them anything
  const parts: { [key: string]: Json } = { name: String(name), message: String(message) }
  if (typeof error.stack === 'string') parts['stack'] = error.stack
  if (Object.hasOwn(error, 'cause')) parts['cause'] = encodeAt('cause', error.cause, trail)
  if (error instanceof AggregateError) parts['errors'] = encodeAt('errors', error.errors, trail)
  const keys = Object.keys(error).filter((key) => !ERROR_PARTS.has(key))
  if (keys.length > 0) parts['data'] = encodeFields(error, keys, trail)
  return parts
}

function decodeValue(json: Json | undefined, depth: number): unknown {
  if (typeof json !== 'object' || json === null) return json
  // Tags without content may stand one level below the deepest container.
  if (depth > MAX_DEPTH) throw malformed('payload', `nested at most ${MAX_DEPTH} levels deep`)
  if (Array.isArray(json)) return decodeList('list', json, depth)
  return Object.hasOwn(json, '$type') ? decodeTagged(json, depth) : decodeFields(json, {}, depth)
}

function decodeList(tag: string, list: Json | undefined, depth: number): unknown[] {
  if (!Array.isArray(list)) throw malformed(tag, 'a list')
  return list.map((item) => decodeValue(item, depth + 1))
}

function decodeFields(fields: { [key: string]: Json }, target: object, depth: number): object {
  for (const key of Object.keys(fields)) setField(target, key, decodeValue(fields[key], depth + 1))
  return target
}

function decodeTagged(json: { [key: string]: Json }, depth: number): unknown {
  const { $type, value } = json
  const tag = typeof $type === 'string' ? $type : ''
  switch (tag) {
    case 'undefined':
      return undefined
    case 'number':
      return Number(textOf(tag, value, /^(NaN|-?Infinity|-0)$/))
    case 'BigInt':
      return BigInt(textOf(tag, value, /^-?\d+$/))
    case 'Date':
      return decodeDate(value)
    case 'Map':
      return new Map(decodeList(tag, value, depth).map(pairOf))
    case 'Set':
      return new Set(decodeList(tag, value, depth))
    case 'Object':
      return decodeFields(fieldsOf(tag, value), {}, depth)
    case 'Error':
      return decodeError(fieldsOf(tag, value), depth)
    case 'ref':
    case 'encoded':
      return decodeWhole(tag, json, depth)
    default:
      return decodeBytes(tag, value)
  }
}

function decodeWhole(tag: string, json: Json, depth: number): LargePayload | EncodedPayload {
  const reference = depth === 0 ? referenceOf(json) : null
  if (reference) return new LargePayload(reference)
  const encoded = depth === 0 ? encodedOf(json) : null
  if (encoded) return new EncodedPayload(encoded)
  throw malformed(tag, 'a whole payload with all its parts')
}

function pairOf(entry: unknown): [unknown, unknown] {
  if (!Array.isArray(entry)) throw malformed('Map', 'a list of pairs')
  return [entry[0], entry[1]]
}

const BUILT_IN_ERRORS: ReadonlyMap<string, ErrorConstructor> = new Map(
  [EvalError, RangeError, ReferenceError, SyntaxError, TypeError, URIError].map((type) => [type.name, type]),
)

/** The language's own classes come back; any other is an Error with its name and data. */
function decodeError(parts: { [key: string]: Json }, depth: number): Error {
  const { name, message, stack, cause, errors, data } = parts
  const title = textOf('Error', name)
  const text = textOf('Error', message)
  const type = BUILT_IN_ERRORS.get(title) ?? Error
  const error = errors === undefined ? new type(text) : new AggregateError([], text)
  if (error.name !== title) hide(error, 'name', title)
  hide(error, 'stack', stack === undefined ? `${title}: ${text}` : textOf('Error', stack)) // never the decoder's own
  if (cause !== undefined) hide(error, 'cause', decodeValue(cause, depth + 1))
  if (errors !== undefined) hide(error, 'errors', decodeValue(errors, depth + 1))
  if (data !== undefined) decodeFields(fieldsOf('Error', data), error, depth)
  return error
}

function hide(error: Error, key: string, value: unknown): void {
  Object.defineProperty(error, key, { value, writable: true, configurable: true })
}

function decodeDate(value: Json | undefined): Date {
  if (value === null) return new Date(NaN)
  const date = new Date(textOf('Date', value))
  if (Number.isNaN(date.getTime())) throw malformed('Date', 'an ISO 8601 instant')
  return date
}

function decodeBytes(tag: string, value: Json | undefined): ArrayBuffer | ArrayBufferView {
  const type = TYPED_ARRAYS.get(tag)
  if (type === undefined && tag !== 'ArrayBuffer') throw malformed('$type', 'a known tag')
  try {
    const buffer = fromBase64(textOf('bytes', value))
    return type === undefined ? buffer : new type(buffer)
  } catch (cause) {
    throw malformed('bytes', 'base64 of whole elements', cause)
  }
}

function textOf(tag: string, value: Json | undefined, form = /^/): string {
  if (typeof value === 'string' && form.test(value)) return value
  throw malformed(tag, `a string that matches ${form.source}`)
}

function fieldsOf(tag: string, value: Json | undefined): { [key: string]: Json } {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value
  throw malformed(tag, 'an object')
}

function malformed(tag: string, expected: string, cause?: unknown): WorkflowError {
  const message = `not an encoded payload: ${tag} must be ${expected}; data with a $type key of its own is encoded as $type Object`
  return new WorkflowError('payload_unsupported', message, { cause })
}
