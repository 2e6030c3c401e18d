/** Valid encodings, damaged: what a lost byte, another release or an attacker makes of them. */
import * as fc from 'fast-check'
import type { Json } from '../../shared/payload.ts'
import { hostileJson, objectOf } from './hostile.ts'

interface Change {
  readonly place: number
  readonly other: number
  readonly kind: number
  readonly json: Json
}

const change: fc.Arbitrary<Change> = fc.record({
  place: fc.nat(),
  other: fc.nat(),
  kind: fc.nat(7),
  json: hostileJson,
})

/** `valid`, with up to four places of it changed; sometimes none. */
export function mutatedJson(valid: fc.Arbitrary<Json>): fc.Arbitrary<Json> {
  return fc
    .tuple(valid, fc.array(change, { maxLength: 4 }))
    .map(([json, changes]) => changes.reduce(changed, structuredClone(json)))
}

/** A place of a tree: the slot of its holder. */
interface Slot {
  readonly holder: Record<string, Json> | Json[]
  readonly key: string
}

const MOST_SLOTS = 2_000

function slotsOf(root: { root: Json }): Slot[] {
  const slots: Slot[] = [{ holder: root, key: 'root' }]
  for (let i = 0; i < slots.length && slots.length < MOST_SLOTS; i++) {
    const value = valueIn(slots[i]!)
    if (typeof value !== 'object' || value === null) continue
    for (const key of Object.keys(value)) slots.push({ holder: value, key })
  }
  return slots
}

function valueIn({ holder, key }: Slot): Json {
  return (holder as Record<string, Json>)[key] ?? null // arrays too are read by the text of an index
}

function put({ holder, key }: Slot, value: Json): void {
  Object.defineProperty(holder, key, { value, enumerable: true, writable: true, configurable: true })
}

function changed(json: Json, { place, other, kind, json: hostile }: Change): Json {
  const root = { root: json }
  const slots = slotsOf(root)
  const slot = slots[place % slots.length]!
  const elsewhere = slots[other % slots.length]!
  const value = valueIn(slot)
  if (kind <= 1) put(slot, hostile)
  else if (kind === 2) remove(slot)
  else if (kind === 3) put(slot, structuredCopy(valueIn(elsewhere)))
  else if (kind === 4) swap(slot, elsewhere)
  else if (kind === 5) put(slot, Array.isArray(value) ? [...value, hostile] : [value, hostile])
  else if (kind === 6 && typeof value === 'object' && value !== null && !Array.isArray(value))
    put(slot, objectOf([...Object.entries(value), [String(KEYS[other % KEYS.length]), hostile]]))
  else if (Array.isArray(value)) put(slot, [...value, ...value])
  else put(slot, typeof value === 'string' ? value + value : { value })
  return root.root ?? null
}

const KEYS = ['__proto__', 'constructor', '$type', 'value', 'toString', 'then', 'length', 'extra']

function remove({ holder, key }: Slot): void {
  if (Array.isArray(holder)) holder.splice(Number(key), 1)
  else if (key !== 'root') Reflect.deleteProperty(holder, key)
}

/** The places may lie within each other: what is moved is a copy. */
function swap(one: Slot, other: Slot): void {
  const [a, b] = [structuredCopy(valueIn(one)), structuredCopy(valueIn(other))]
  put(one, b)
  put(other, a)
}

function structuredCopy(value: Json): Json {
  try {
    return structuredClone(value)
  } catch {
    return null // too deep to be copied
  }
}

/** `valid`, with up to four of its characters or stretches changed. */
export function mutatedText(valid: fc.Arbitrary<string>): fc.Arbitrary<string> {
  return fc
    .tuple(
      valid,
      fc.array(fc.tuple(fc.nat(), fc.nat(), fc.nat(5), fc.string({ unit: 'binary', maxLength: 3 })), {
        maxLength: 4,
      }),
    )
    .map(([text, changes]) =>
      changes.reduce((now, [from, length, kind, extra]) => {
        const start = now.length === 0 ? 0 : from % now.length
        const end = Math.min(now.length, start + (length % 9))
        const [head, part, tail] = [now.slice(0, start), now.slice(start, end), now.slice(end)]
        return [
          head + tail,
          head + extra + tail,
          head + extra + part + tail,
          head + part + part + tail,
          head,
          tail + head,
        ][kind]!
      }, text),
    )
}

/** `valid`, with up to four bits, bytes or stretches changed. */
export function mutatedBytes(valid: fc.Arbitrary<Uint8Array>): fc.Arbitrary<Uint8Array> {
  const one = fc.tuple(fc.nat(), fc.nat(), fc.nat(7), fc.uint8Array({ minLength: 1, maxLength: 9 }))
  return fc
    .tuple(valid, fc.array(one, { maxLength: 4 }))
    .map(([bytes, changes]) => changes.reduce(changedBytes, bytes))
}

/** The largest of several encodings of a length. */
const GIANT = new Uint8Array([0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01])

function changedBytes(
  bytes: Uint8Array,
  [from, length, kind, extra]: [number, number, number, Uint8Array],
): Uint8Array {
  const start = bytes.length === 0 ? 0 : from % bytes.length
  const end = Math.min(bytes.length, start + 1 + (length % 40))
  const [head, part, tail] = [bytes.subarray(0, start), bytes.subarray(start, end), bytes.subarray(end)]
  if (kind === 0) return joined(head, tail)
  if (kind === 1) return head
  if (kind === 2) return joined(head, extra, tail)
  if (kind === 3) return joined(head, extra, part, tail)
  if (kind === 4) return joined(head, part, part, tail)
  if (kind === 5) return joined(head, GIANT, tail)
  const copy = bytes.slice()
  if (copy.length > 0) copy[start] = copy[start]! ^ (kind === 6 ? 1 << (length % 8) : extra[0]! || 1)
  return copy
}

function joined(...parts: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0))
  let at = 0
  for (const part of parts) {
    bytes.set(part, at)
    at += part.length
  }
  return bytes
}
