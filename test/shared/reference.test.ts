import { describe, expect, test } from 'vitest'
import { LargePayload } from '../../shared/index.ts'
import { decodePayload, encodePayload, largeBytes } from '../../shared/payload.ts'
import type { Json } from '../../shared/payload.ts'
import {
  MAX_INLINE_BYTES,
  MAX_PAYLOAD_BYTES,
  ownerRun,
  parsePayloadKey,
  payloadKey,
  referenceTo,
  visibleReference,
} from '../../shared/reference.ts'

const owner = { namespace: 'shop', shard: 3, runId: '01M877XYRN6MTDSFFJ6G8CR9X0' }
const sha256 = 'ab'.repeat(32)
const large = referenceTo(owner, { sha256, size: 9_000_000 })

const text = (bytes: number): string => 'x'.repeat(bytes - 2)
const at = (size: number) => visibleReference(referenceTo(owner, { sha256, size }))

describe('a reference', () => {
  test('names its run and its content', () => {
    expect(large.key).toBe(`payload/shop/3/${owner.runId}/${sha256}`)
    expect(parsePayloadKey(large.key)).toEqual({ ...owner, sha256 })
    expect(ownerRun(large)).toBe(owner.runId)
  })

  test.each([
    ['another folder', `warm/shop/3/${owner.runId}/${sha256}`],
    ['a folder in the namespace', payloadKey({ ...owner, namespace: 'a/b' }, sha256)],
    ['a run id that is none', payloadKey({ ...owner, runId: '../other' }, sha256)],
    ['a hash that is none', payloadKey(owner, 'AB')],
    ['something behind it', `${large.key}/more`],
  ])('is not made of %s', (_what, key) => {
    expect(parsePayloadKey(key)).toBeNull()
  })

  test('is decoded to something that shows its size alone, and encoded again as it was', () => {
    const seen = decodePayload(large)
    expect(seen).toBeInstanceOf(LargePayload)
    expect(Object.entries(seen as object)).toEqual([['size', 9_000_000]])
    expect(Object.isFrozen(seen)).toBe(true)
    expect(encodePayload(seen, 'input')).toEqual(large)
  })

  test('is a whole payload: within another one it is refused, both ways', () => {
    const seen = decodePayload(large)
    const within = { orders: [[1, 2], seen] }
    const refusal = { code: 'payload_unsupported', path: 'input.orders[1]' }
    expect(() => encodePayload(within, 'input')).toThrow(expect.objectContaining(refusal))
    const forged: Json = { orders: [large] }
    expect(() => decodePayload(forged)).toThrow(expect.objectContaining({ code: 'payload_unsupported' }))
    expect(() => decodePayload({ $type: 'ref', key: 7 })).toThrow(/not an encoded payload/)
  })

  test('is not what data with the same keys is taken for', () => {
    expect(decodePayload(encodePayload({ ...large }, 'input'))).toEqual({ ...large })
  })

  test('is seen as its value up to 8 MiB', () => {
    expect(at(8 * 1024 * 1024)).not.toBeNull()
    expect(at(8 * 1024 * 1024 + 1)).toBeNull()
    expect(visibleReference({ size: 1 })).toBeNull()
  })
})

describe('a payload travels by reference', () => {
  test('above 128 KiB, and not at all above 32 MiB', () => {
    expect(largeBytes(text(MAX_INLINE_BYTES), 'input')).toBe(0)
    expect(largeBytes(text(MAX_INLINE_BYTES + 1), 'input')).toBe(MAX_INLINE_BYTES + 1)
    expect(largeBytes(text(MAX_PAYLOAD_BYTES), 'input')).toBe(MAX_PAYLOAD_BYTES)
    const refusal = { code: 'payload_too_large', path: 'input' }
    expect(() => largeBytes(text(MAX_PAYLOAD_BYTES + 1), 'input')).toThrow(expect.objectContaining(refusal))
  })
})
