/** Brings the payload of a held message to the run it is for, then applies the message. */
import { contentPayload, fromR2, hashOf } from '../shared/bucket.ts'
import type { Delivery } from '../shared/delivery.ts'
import { MAX_VISIBLE_BYTES, payloadKey, referenceOf } from '../shared/reference.ts'
import type { Reference } from '../shared/reference.ts'
import { attachContent } from './contents.ts'
import { applyDelivery } from './deliver.ts'
import { deliveryPayload, readdressed } from './hold.ts'
import { ask } from './inbox.ts'
import type { Payloads } from './payloads.ts'
import { firstOf } from './target.ts'
import type { Shard } from './shard.ts'

export class Held {
  readonly #shard: Shard
  readonly #payloads: Payloads

  constructor(shard: Shard, payloads: Payloads) {
    this.#shard = shard
    this.#payloads = payloads
  }

  begin(id: string, delivery: Delivery): void {
    this.#payloads.errands.begin(`held ${id}`, () => this.#bring(id, delivery))
  }

  async #bring(id: string, delivery: Delivery): Promise<void> {
    const source = referenceOf(deliveryPayload(delivery))
    const runId = this.#receiver(delivery)
    if (!source || runId === null) {
      await this.#apply(id, delivery)
      return
    }
    await this.#payloads.gate.hold(source.size, async () => {
      const copy = await this.#copy(source, runId)
      await this.#apply(id, readdressed(delivery, runId, copy))
    })
  }

  /** As committed; another run may have taken over the id when the message is applied, and then it is brought there. */
  #receiver(delivery: Delivery): string | null {
    if (delivery.kind === 'start_child') return this.#shard.newRunId(this.#shard.clock.now())
    if (delivery.kind !== 'child_closed' && delivery.kind !== 'signal') return null
    const { to }: { to: { workflowId: string; runId?: string } } = delivery
    const { workflowId, runId } = to
    const latest = this.#shard.latestRun(workflowId)
    const isLatest = runId === undefined || (latest !== null && firstOf(latest) === runId)
    const run = isLatest ? latest : this.#shard.run(workflowId, runId)
    return run === null || run.closed ? null : run.runId
  }

  async #copy(source: Reference, runId: string): Promise<Reference> {
    const content = await this.#payloads.content(source)
    const sha256 = hashOf(source)
    if (!content) throw new Error(`${source.key} is not there yet`)
    const key = payloadKey(this.#payloads.owner(runId), sha256)
    await fromR2(() => this.#payloads.bucket.put(key, content, { sha256 }))
    const copy: Reference = { $type: 'ref', key, size: source.size }
    if (source.size <= MAX_VISIBLE_BYTES) attachContent(copy, contentPayload(content))
    return copy
  }

  async #apply(id: string, delivery: Delivery): Promise<void> {
    const { job, reply } = ask<boolean>((turn, answer) => {
      applyDelivery(turn, this.#shard, delivery)
      const again = turn.changes.held.delete(id) // its row stays
      if (!again) turn.changes.released.add(id)
      answer({ ok: true, value: !again })
    })
    this.#shard.submit(job)
    const applied = await reply
    if (!applied.ok) throw new Error(applied.message)
    if (!applied.value) throw new Error('another run has taken over the id')
  }
}
