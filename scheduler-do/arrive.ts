/**
 * Requests that refer to payloads: the references are checked and what they stand for is read before the request joins the
 * inbox, since a turn does no IO.
 */
import { fromR2 } from '../shared/bucket.ts'
import { WorkflowError } from '../shared/errors.ts'
import { invalid } from '../shared/names.ts'
import type { Payload } from '../shared/payload.ts'
import type { Refusal, Reply } from '../shared/protocol.ts'
import { MAX_INLINE_BYTES, MAX_PAYLOAD_BYTES, MAX_VISIBLE_BYTES } from '../shared/reference.ts'
import { ownerRun, parsePayloadKey, payloadKey, referenceOf } from '../shared/reference.ts'
import type { Reference } from '../shared/reference.ts'
import { attachContent } from './contents.ts'
import { requireEncoded } from './encode.ts'
import type { Shard } from './shard.ts'

/** `then`, once what the payloads refer to is at hand. Throws for a reference that cannot be one of this shard's. */
export async function arriving<T>(
  shard: Shard,
  payloads: readonly Payload[],
  then: () => Promise<Reply<T>>,
): Promise<Reply<T>> {
  const references = carriedBy(shard, payloads)
  if (references.length === 0) return await then()
  const visible = references.filter(({ size }) => size <= MAX_VISIBLE_BYTES)
  const bytes = visible.reduce((sum, { size }) => sum + size, 0)
  return await shard.payloads.gate.hold(bytes, async () => {
    for (const one of references) await bring(shard, one)
    return await then()
  })
}

/** The references among the payloads. Throws for one that cannot be of this shard, and for what should be encoded. */
export function carriedBy(shard: Shard, payloads: readonly Payload[]): Reference[] {
  requireEncoded(shard, payloads)
  return payloads.filter(saysReference).map((payload) => checked(shard, payload))
}

/** The refusal of a payload that was stored for another run than the one it reaches; the sender stores it again. */
export function moved(payload: Payload, runId: string): Refusal | null {
  const carried = referenceOf(payload)
  if (!carried || ownerRun(carried) === runId) return null
  const message = `the payload is an object of another run than ${runId}, which the request reaches: store it there`
  return { ok: false, code: 'overloaded', message, facts: { moved: true, runId } }
}

/** Anything that says it is a reference, whether it is one or not. */
function saysReference(payload: Payload): boolean {
  return typeof payload === 'object' && payload !== null && '$type' in payload && payload.$type === 'ref'
}

function checked(shard: Shard, payload: Payload): Reference {
  const carried = referenceOf(payload)
  const owner = carried && parsePayloadKey(carried.key)
  if (!carried || !owner || carried.key !== payloadKey(shard.payloads.owner(owner.runId), owner.sha256))
    throw invalid('payload', 'a reference to an object of a run of this shard', payload)
  if (carried.size > MAX_INLINE_BYTES && carried.size <= MAX_PAYLOAD_BYTES) return carried
  throw invalid('payload', `a reference to more than 128 KiB and at most 32 MiB`, carried.size)
}

async function bring(shard: Shard, carried: Reference): Promise<void> {
  const { payloads } = shard
  if (carried.size > MAX_VISIBLE_BYTES) {
    const object = await fromR2(() => payloads.bucket.head(carried.key))
    if (object?.size !== carried.size) throw unknown(carried)
    return
  }
  const content = await payloads.read(carried)
  if (content === undefined) throw unknown(carried)
  attachContent(carried, content)
}

function unknown({ key, size }: Reference): WorkflowError {
  const message = `payload refers to an object that is not there: ${key} of ${size} bytes`
  return new WorkflowError('invalid_argument', message, { path: 'payload' })
}
