import { describe, expect, test } from 'vitest'
import { signal, workflow } from '../../shared/define.ts'
import type { DeliverRequest } from '../../shared/delivery.ts'
import { PROTOCOL_VERSION } from '../../shared/protocol.ts'
import type { ShardApi } from '../../shared/protocol.ts'
import { client, evict, idOn, recorded, world } from '../conformance/world.ts'
import { register } from '../workers/registry.ts'
import { rows } from './storage.ts'

const say = signal<string>('say')
const hears = workflow('hears', async (ctx) => {
  for (;;) await ctx.waitForSignal(say)
})
register(hears)

const shard = 1
/** No such shard sends anything by itself. */
const from = 9
const service = world.WORKFLOWS as unknown as ShardApi // it forwards every verb of a shard

/** Messages of another shard: numbers, and what each says. */
async function deliver(workflowId: string, messages: Record<number, string>, v = PROTOCOL_VERSION) {
  const deliveries = Object.entries(messages).map(([number, payload]) => {
    const link = { workflowId: 'speaker', runId: 'speaker-run', shard: 0, seq: Number(number) }
    const unlike = payload.length // a seq of its own, so that nothing but its number tells it from the first
    const delivery = {
      kind: 'signal',
      from: { ...link, seq: link.seq + 100 * unlike },
      to: { workflowId },
      name: 'say',
      payload,
    }
    return { number: Number(number), delivery } as DeliverRequest['deliveries'][number]
  })
  const to = { namespace: 'default', shard, shards: 2 }
  return service.deliver({ v, to, from, deliveries })
}

const heard = async (run: Parameters<typeof recorded>[0]) =>
  (await recorded(run, 'signal_received')).map(({ payload }) => payload)

const watermark = (number: number) => ({ ok: true, value: { watermark: number } })

describe('messages of another shard', () => {
  test('are applied once and in order, however they come', async () => {
    const workflowId = idOn(shard, 'hears')
    const run = await client.start(hears, { workflowId, input: undefined })
    expect(await deliver(workflowId, { 1: 'a', 2: 'b' })).toEqual(watermark(2))
    expect(await deliver(workflowId, { 1: 'again', 2: 'again' })).toEqual(watermark(2))
    expect(await deliver(workflowId, { 4: 'ahead' })).toEqual(watermark(2))
    expect(await deliver(workflowId, { 2: 'again', 3: 'c', 5: 'ahead' })).toEqual(watermark(3))
    await evict()
    expect(await deliver(workflowId, { 3: 'again', 4: 'd' })).toEqual(watermark(4))
    expect(await heard(run)).toEqual(['a', 'b', 'c', 'd'])
    expect(await rows(shard, 'SELECT applied_number FROM peers WHERE shard = ?', from)).toEqual([
      { applied_number: 4 },
    ])
  })

  test('that come in the same moment twice are applied once', async () => {
    const workflowId = idOn(shard, 'hears-twice')
    const run = await client.start(hears, { workflowId, input: undefined })
    const replies = await Promise.all([deliver(workflowId, { 5: 'e' }), deliver(workflowId, { 5: 'twin' })])
    expect(replies).toEqual([1, 2].map(() => ({ ok: true, value: { watermark: 5 } })))
    expect([['e'], ['twin']]).toContainEqual(await heard(run)) // whichever came first
  })

  test('of a release too far from this one are refused, and nothing is applied', async () => {
    const workflowId = idOn(shard, 'hears-old')
    const run = await client.start(hears, { workflowId, input: undefined })
    const refused = await deliver(workflowId, { 6: 'f' }, PROTOCOL_VERSION + 2)
    expect(refused).toMatchObject({ ok: false, code: 'protocol_mismatch' })
    expect(await heard(run)).toEqual([])
    expect(await deliver(workflowId, { 6: 'f' }, PROTOCOL_VERSION + 1)).toMatchObject({ ok: true })
    expect(await heard(run)).toEqual(['f'])
  })
})
