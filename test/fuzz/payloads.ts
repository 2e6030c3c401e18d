/** Payloads: values to JSON and back, and JSON that nobody encoded. */
import { deepStrictEqual } from 'node:assert/strict'
import * as fc from 'fast-check'
import { fromBase64, toBase64 } from '../../shared/base64.ts'
import { decode, encode } from '../../shared/codec.ts'
import type { Coding } from '../../shared/codec.ts'
import { decodedEvent, decodedSummary } from '../../shared/decoded.ts'
import { WorkflowError } from '../../shared/errors.ts'
import { decodePayload, encodePayload, largeBytes, payloadBytes } from '../../shared/payload.ts'
import type { Json, Payload } from '../../shared/payload.ts'
import { parsePayloadKey, payloadKey, referenceOf } from '../../shared/reference.ts'
import { hostileJson, hostileText, hostileValue, objectOf } from './hostile.ts'
import { mutatedJson, mutatedText } from './mutated.ts'
import { awaitedVerdict, holds, target, verdictOf } from './target.ts'
import type { Target } from './target.ts'

const key = fc.oneof(
  fc.string({ maxLength: 3 }),
  fc.constantFrom('__proto__', '$type', 'constructor', 'value'),
)
const bytes = fc.uint8Array({ maxLength: 24 })
const scalar: fc.Arbitrary<unknown> = fc.oneof(
  fc.constantFrom(undefined, null, true, false, NaN, Infinity, -Infinity, -0, 2 ** 53),
  fc.double(),
  fc.integer(),
  fc.bigInt(),
  hostileText,
  fc.date({ noInvalidDate: false }),
  bytes.map((some) => some.slice()),
  bytes.map((some) => some.slice().buffer),
  fc.float64Array({ maxLength: 4 }),
  fc.int16Array({ maxLength: 4 }),
)

/** What comes back equal: everything that the encoder promises to carry. */
const value: fc.Arbitrary<unknown> = fc.letrec<{ node: unknown }>((tie) => ({
  node: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    { weight: 4, arbitrary: scalar },
    { weight: 2, arbitrary: fc.array(tie('node'), { maxLength: 4 }) },
    { weight: 2, arbitrary: fc.array(fc.tuple(key, tie('node')), { maxLength: 4 }).map(objectOf) },
    {
      weight: 1,
      arbitrary: fc
        .array(fc.tuple(tie('node'), tie('node')), { maxLength: 3 })
        .map((pairs) => new Map(pairs)),
    },
    { weight: 1, arbitrary: fc.array(tie('node'), { maxLength: 3 }).map((items) => new Set(items)) },
    {
      weight: 1,
      arbitrary: fc
        .tuple(fc.constantFrom(Error, TypeError, RangeError), fc.string(), tie('node'))
        .map(([type, message, cause]) => new type(message, { cause })),
    },
  ),
})).node

const encoded: fc.Arbitrary<Json> = fc.oneof(
  value.map((one) => encodePayload(one, 'input') ?? null),
  fc.constant<Json>({ $type: 'ref', key: `payload/default/0/${'0'.repeat(26)}/${'a'.repeat(64)}`, size: 9 }),
  fc.constant<Json>({ $type: 'encoded', value: 'AAEC', workflowId: 'order-1', field: 'input' }),
)

function stable(payload: Payload): void {
  const decodedOnce = decodePayload(payload)
  const again = encodePayload(decodedOnce, 'input')
  deepStrictEqual(encodePayload(decodePayload(again), 'input'), again)
}

/** Each byte is another, so that what was not decoded shows. */
const flip = (content: Uint8Array): Promise<Uint8Array> => Promise.resolve(content.map((byte) => byte ^ 0x55))
const coding: Coding = { codec: { encode: flip, decode: flip }, failures: true }
const meta = { workflowId: 'order-1', field: 'input' }

export const payloadTargets: readonly Target[] = [
  target({ name: 'payload-round-trip', weight: 100 }, value, (one) => {
    const payload = encodePayload(one, 'input')
    deepStrictEqual(decodePayload(payload), one)
    const json = payload === undefined ? undefined : JSON.stringify(payload)
    if (json !== undefined) deepStrictEqual(encodePayload(decodePayload(JSON.parse(json)), 'input'), payload)
    holds(payloadBytes(payload) === Buffer.byteLength(json ?? ''), 'payloadBytes counts the bytes of JSON')
    return 'accepted'
  }),
  target({ name: 'payload-encode' }, hostileValue, (one) => {
    try {
      const payload = encodePayload(one, 'input')
      largeBytes(payload, 'input')
      stable(payload)
      return 'accepted'
    } catch (error) {
      if (!(error instanceof WorkflowError)) throw error
      holds(['payload_unsupported', 'payload_too_large'].includes(error.code), error.code)
      holds(error.path?.startsWith('input') === true, `the path ${error.path}`)
      return 'refused'
    }
  }),
  target({ name: 'payload-decode', weight: 200 }, fc.oneof(hostileJson, mutatedJson(encoded)), (json) =>
    verdictOf(() => {
      decodePayload(json)
      stable(json)
    }),
  ),
  target({ name: 'payload-codec', weight: 40 }, fc.oneof(encoded, mutatedJson(encoded)), (json) =>
    awaitedVerdict(async () => {
      const behind = await encode(coding, json, meta)
      // As text: a comparison of values goes no deeper than the stack.
      const back = JSON.stringify(await decode(coding, behind))
      holds(back === JSON.stringify(json), 'what was encoded is decoded')
      decodePayload(behind)
    }),
  ),
  target(
    { name: 'payload-codec-damaged', weight: 40 },
    fc.tuple(mutatedJson(fc.constant(encodedBy('[1]'))), mutatedJson(fc.constant(encodedBy('{}')))),
    ([input, payload]) =>
      awaitedVerdict(async () => {
        const event = { type: 'signal_received', at: 1, name: 's', signalId: 'i', payload } as const
        await decodedEvent(coding, event)
        await decodedSummary(coding, { input, memo: { payload } } as never) // as far as it is looked at
      }),
  ),
  target({ name: 'reference-key', weight: 40 }, mutatedText(fc.constant(referenceKey())), (text) => {
    const parsed = parsePayloadKey(text)
    if (parsed) holds(payloadKey(parsed, parsed.sha256) === text, 'a key is made of what it says')
    holds(referenceOf({ $type: 'ref', key: text, size: NaN }) === null, 'a size that is no number is refused')
    return parsed ? 'accepted' : 'refused'
  }),
  target({ name: 'base64', weight: 40 }, fc.oneof(bytes, fc.uint8Array({ maxLength: 20_000 })), (some) => {
    deepStrictEqual(new Uint8Array(fromBase64(toBase64(some))), new Uint8Array(some))
    return 'accepted'
  }),
]

function encodedBy(text: string): Json {
  const content = new TextEncoder().encode(text).map((byte) => byte ^ 0x55)
  return { $type: 'encoded', value: toBase64(content), workflowId: 'order-1', field: 'input' }
}

function referenceKey(): string {
  return payloadKey({ namespace: 'default', shard: 12, runId: '01JDQH8Z5K3V7W9X2Y4A6B8C01' }, 'a1'.repeat(32))
}
