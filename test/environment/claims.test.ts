/** Answers of one claim that say the same are one object, so that they cross to the Worker once. */
import { expect, test } from 'vitest'
import * as tasks from '../../scheduler-do/activities.ts'
import * as verbs from '../../scheduler-do/verbs.ts'
import { defineActivity, workflow } from '../../shared/index.ts'
import type { ClaimReply } from '../../shared/protocol.ts'
import { startOf, testShard, to } from './shard.ts'

const work = defineActivity('work', (n: number) => n)
const longer = defineActivity('longer', (n: number) => n, { startToCloseTimeout: '1h' })
const mixed = workflow('mixed', async (ctx) => {
  await Promise.all([work, work, longer, longer, work].map((one, input) => ctx.activity(one, { input })))
})

/** What those with the given numbers are answered, which ask for their inputs or do not. */
async function claimed(seqs: readonly number[], needInput = false): Promise<ClaimReply[]> {
  const { shard } = await testShard([mixed], ['default'])
  await verbs.start(shard, startOf('mixed', 'w'))
  const [{ runId = '' } = {}] = shard.memory.tasks.values()
  const asked = seqs.map((seq) => ({ runId, seq, attempt: 1, deliveries: 1, needInput }))
  const reply = await tasks.claim(shard, { v: 1, to, claimId: 'c', tasks: asked })
  if (!reply.ok) throw new Error(reply.message)
  return reply.value
}

test('attempts that began together have one grant, another time-out another', async () => {
  const grants = await claimed([1, 2, 3, 4])
  expect(grants).toMatchObject(
    [600_000, 600_000, 3_600_000, 3_600_000].map((startToCloseMs) => ({ startToCloseMs })),
  )
  expect(grants.map((grant) => grants.indexOf(grant))).toEqual([0, 0, 2, 2])
})

test('what is refused has no grant', async () => {
  const [granted, refused, again] = await claimed([1, 99, 2])
  expect([granted, refused, again]).toMatchObject([
    { ok: true },
    { ok: false, reason: 'settled' },
    { ok: true },
  ])
})

test('each has the input that it asks for', async () => {
  expect(await claimed([1, 2, 5], true)).toMatchObject([{ input: 0 }, { input: 1 }, { input: 4 }])
})
