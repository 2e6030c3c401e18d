/** Messages from another shard: each number is applied once, in order, in the transaction that moves the watermark. */
import type { DeliverReply, DeliverRequest } from '../shared/delivery.ts'
import type { Reply } from '../shared/protocol.ts'
import { applyDelivery, runAsked } from './deliver.ts'
import { ask } from './inbox.ts'
import { mustRecall } from './lookup.ts'
import type { Shard } from './shard.ts'
import type { Turn } from './turn.ts'

export async function deliver(shard: Shard, request: DeliverRequest): Promise<Reply<DeliverReply>> {
  for (const { delivery } of request.deliveries) {
    const runId = runAsked(delivery)
    if (mustRecall(shard, runId)) await shard.segments.find(runId)
  }
  const { job, reply } = ask<DeliverReply>((turn, answer) => {
    answer({ ok: true, value: { watermark: applyAll(turn, shard, request) } })
  })
  shard.submit(job)
  return await reply
}

function applyAll(turn: Turn, shard: Shard, request: DeliverRequest): number {
  const { from, deliveries, again = false } = request
  turn.world.wary ||= again
  let watermark = turn.changes.applied.get(from) ?? shard.memory.applied.get(from) ?? 0
  for (const { number, delivery } of deliveries) {
    if (number <= watermark) continue
    if (number > watermark + 1) break
    applyDelivery(turn, shard, delivery)
    watermark = number
    turn.changes.applied.set(from, number)
  }
  return watermark
}
