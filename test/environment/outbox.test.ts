/** Messages that wait for another shard: memory holds the first of them, their rows all. */
import { expect, test } from 'vitest'
import { Outbox } from '../../scheduler-do/outbox.ts'
import type { Waiting } from '../../scheduler-do/outbox.ts'
import { deleteOutbox, insertOutbox, outboxPage, outboxShards } from '../../scheduler-do/store/peers.ts'
import type { DeliverRequest } from '../../shared/delivery.ts'
import type { ShardApi } from '../../shared/protocol.ts'
import { drain } from '../../testing/platform.ts'
import { testShard } from './shard.ts'

const MESSAGES = 150
const LENGTH = 100_000
const MIB = 1024 * 1024

const delivery = (text: string) =>
  ({ kind: 'signal', to: { workflowId: 'w' }, name: 'go', payload: text, signalId: 's' }) as never // it is only carried

/** Two receivers that are away until they are told to answer. */
async function lines() {
  const { shard } = await testShard([])
  const { sql } = shard
  const taken = new Map<number, number[]>([1, 2].map((peer) => [peer, []]))
  const read: number[] = []
  let away = true
  const receiver = (peer: number): Pick<ShardApi, 'deliver'> => ({
    deliver: async ({ deliveries }: DeliverRequest) => {
      if (away) throw new Error('nobody answers')
      for (const { number } of deliveries) taken.get(peer)?.push(number)
      return { ok: true, value: { watermark: deliveries.at(-1)?.number ?? 0 } }
    },
  })
  const world = {
    address: () => ({ namespace: 'default', shard: 0, shards: 3 }),
    shard: (peer: number) => receiver(peer) as ShardApi, // nothing else is asked of it
    rows: (peer: number, most: number) => {
      const rows = outboxPage(sql, peer, most)
      read.push(rows.reduce((sum, { length }) => sum + length, 0))
      return rows
    },
    applied: (peer: number, number: number) => deleteOutbox(sql, peer, number),
    gap: () => {
      throw new Error('nothing is missing')
    },
  }
  const written = (peer: number, number: number): Waiting & { shard: number } => {
    const row = { shard: peer, number, runId: '', delivery: delivery('x'.repeat(LENGTH)) }
    return { ...row, length: insertOutbox(sql, row) }
  }
  const answer = async (outbox: Outbox): Promise<void> => {
    away = false
    await drain() // the call that nobody answered
    outbox.flush()
    await drain()
    expect(outbox.empty).toBe(true)
  }
  return { sql, world, written, read, taken, answer }
}

const all = Array.from({ length: MESSAGES }, (_, index) => index + 1)

test('more than memory is to hold is read on from its rows, in order and once', async () => {
  const { world, written, read, taken, answer } = await lines()
  const outbox = new Outbox(world)
  for (const number of all) outbox.add([written(1, number), written(2, number)])
  outbox.flush()
  await answer(outbox)
  expect(taken).toEqual(new Map([1, 2].map((peer) => [peer, all])))
  const held = 2 * MESSAGES * LENGTH - read.reduce((sum, length) => sum + length, 0)
  expect(held).toBeGreaterThan(7 * MIB)
  expect(held).toBeLessThan(8 * MIB)
  expect(Math.max(...read)).toBeLessThan(MIB)
})

test('after a wake all of them are, also what has come meanwhile', async () => {
  const { sql, world, written, read, taken, answer } = await lines()
  for (const number of all) written(1, number)
  const outbox = new Outbox(world)
  outbox.recover(outboxShards(sql))
  outbox.add([written(1, MESSAGES + 1), written(2, 1)])
  await answer(outbox)
  expect(taken).toEqual(
    new Map([
      [1, [...all, MESSAGES + 1]],
      [2, [1]],
    ]),
  )
  expect(Math.max(...read)).toBeLessThan(MIB)
})
