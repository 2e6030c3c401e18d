/**
 * The large payloads of a shard.
 *
 * B1 What workflow code sends becomes rows, in the transaction of the events that refer to it: no turn waits for R2.
 * B2 Rows become objects beside the turns, resumed at a wake, and are deleted when the object is there.
 * B3 Whoever is answered with a reference reads an object: the answer waits until it is there.
 * B4 A reference of another run is never recorded: the object is copied first, and the message that carries it is held.
 */
import {
  bucketMissing,
  contentMissing,
  contentPayload,
  fromR2,
  hashOf,
  payloadContent,
  readContent,
} from '../shared/bucket.ts'
import type { Bucket } from '../shared/bucket.ts'
import type { Json, Payload } from '../shared/payload.ts'
import {
  MAX_PAYLOAD_BYTES,
  parsePayloadKey,
  payloadKey,
  referenceTo,
  referenceOf,
} from '../shared/reference.ts'
import type { PayloadOwner, Reference } from '../shared/reference.ts'
import type { Changes } from './changes.ts'
import { Errands } from './errands.ts'
import { Gate } from './gate.ts'
import { Held } from './held.ts'
import { Rebuilds } from './rebuild.ts'
import type { Shard } from './shard.ts'
import type { TurnWorld } from './turn-world.ts'
import { heldDeliveries } from './store/held.ts'
import {
  deleteCopy,
  deletePayload,
  pendingContent,
  pendingCopies,
  pendingPayloads,
} from './store/payloads.ts'
import type { PayloadCopy } from './store/payloads.ts'

export class Payloads {
  readonly errands: Errands
  readonly gate = new Gate(MAX_PAYLOAD_BYTES)
  readonly held: Held
  readonly rebuilds: Rebuilds
  readonly #shard: Shard

  constructor(shard: Shard) {
    this.#shard = shard
    this.errands = new Errands(shard.config.runtime)
    this.held = new Held(shard, this)
    this.rebuilds = new Rebuilds(shard, this)
  }

  get bucket(): Bucket {
    const { bucket } = this.#shard.config
    if (!bucket) throw bucketMissing('the scheduler')
    return bucket
  }

  /** What turns make references with; null where there is no bucket. */
  get ofTurns(): TurnWorld['objects'] {
    const { bucket, runtime } = this.#shard.config
    return bucket && { owner: (runId) => this.owner(runId), sha256: runtime.sha256 }
  }

  owner(runId: string): PayloadOwner {
    const { namespace, shard } = this.#shard.address
    return { namespace, shard, runId }
  }

  /** What a turn has committed goes to R2. */
  take({ payloads, copies, held, awaiting }: Changes): void {
    for (const { runId, sha256, content } of payloads)
      this.#offload({ runId, sha256, size: content.byteLength })
    for (const copy of copies) this.#copy(copy)
    for (const [id, delivery] of held) this.held.begin(id, delivery)
    for (const runId of awaiting) void this.rebuilds.begin(runId)
  }

  /** At a wake. Gives the runs whose payloads have not all become objects: their activities may not have been sent. */
  recover(): ReadonlySet<string> {
    const pending = pendingPayloads(this.#shard.sql)
    const copies = pendingCopies(this.#shard.sql)
    for (const one of pending) this.#offload(one)
    for (const copy of copies) this.#copy(copy)
    for (const { id, delivery } of heldDeliveries(this.#shard.sql)) this.held.begin(id, delivery)
    return new Set([...pending, ...copies].map(({ runId }) => runId))
  }

  /** Whether the payload's object is still to be written. */
  pending(payload: Payload): boolean {
    const found = this.errands.idle ? null : referenceOf(payload)
    return found !== null && this.errands.has(offloading(found.key))
  }

  /** Whether the payload can be read from R2 within `ms`. */
  async stored(payload: Payload, ms: number): Promise<boolean> {
    const found = referenceOf(payload)
    return found === null || (await this.errands.doneWithin(offloading(found.key), ms))
  }

  /** The content of an object, from rows where it is none yet; null when it is nowhere. */
  async content(found: Reference): Promise<Uint8Array<ArrayBuffer> | null> {
    const { runId, sha256 } = parsePayloadKey(found.key) ?? { runId: '', sha256: '' }
    return pendingContent(this.#shard.sql, runId, sha256) ?? (await readContent(this.bucket, found))
  }

  /** What a reference stands for; undefined when it is nowhere. */
  async read(found: Reference): Promise<Payload> {
    const content = await this.content(found)
    return content === null ? undefined : contentPayload(content)
  }

  /** The same, of what must be somewhere. */
  readonly mustRead = async (found: Reference): Promise<Payload> => {
    const content = await this.read(found)
    if (content === undefined) throw contentMissing(found)
    return content
  }

  /** Stores what no event refers to: the answer to a query. */
  async put(runId: string, payload: Json): Promise<Reference> {
    const content = payloadContent(payload)
    const sha256 = this.#shard.config.runtime.sha256(content)
    const owner = this.owner(runId)
    await this.gate.hold(content.byteLength, () =>
      fromR2(() => this.bucket.put(payloadKey(owner, sha256), content, { sha256 })),
    )
    return referenceTo(owner, { sha256, size: content.byteLength })
  }

  #copy(copy: PayloadCopy): void {
    const { from, to } = copy
    this.errands.begin(offloading(to.key), () =>
      this.gate.hold(to.size, async () => {
        const content = await this.content(from)
        if (!content) throw missing(from)
        await fromR2(() => this.bucket.put(to.key, content, { sha256: hashOf(from) }))
        deleteCopy(this.#shard.sql, copy)
      }),
    )
  }

  #offload({ runId, sha256, size }: { runId: string; sha256: string; size: number }): void {
    const key = payloadKey(this.owner(runId), sha256)
    this.errands.begin(offloading(key), () =>
      this.gate.hold(size, async () => {
        const content = pendingContent(this.#shard.sql, runId, sha256)
        if (!content) return
        await fromR2(() => this.bucket.put(key, content, { sha256 }))
        deletePayload(this.#shard.sql, runId, sha256)
      }),
    )
  }
}

/** What an earlier run of the chain had as an object. */
function missing({ key }: Reference): Error {
  return new Error(`${key} is not there`)
}

function offloading(key: string): string {
  return `offload ${key}`
}
