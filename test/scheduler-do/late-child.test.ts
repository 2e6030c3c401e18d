import { createExecutionContext, createScheduledController } from 'cloudflare:test'
import { expect, test } from 'vitest'
import type { ShardApi } from '../../shared/protocol.ts'
import { workflow } from '../../shared/define.ts'
import { client, idOn, until, world } from '../conformance/world.ts'
import worker from '../workers/entry.ts'
import { register } from '../workers/registry.ts'

const brief = workflow('brief', async () => 'done')
const patient = workflow('patient', async (ctx) => ctx.sleep('1d'))
register(brief, patient)

test('a child that is heard of when its parent has been archived still ends by its policy', async () => {
  const parent = await client.start(brief, { workflowId: idOn(0, 'parent') })
  await parent.result()
  const child = await client.start(patient, { workflowId: idOn(1, 'child') })
  const archived = async () => {
    const controller = createScheduledController()
    await worker.scheduled(controller, world, createExecutionContext()) // the test Worker's own bindings
    return (await parent.describe()).tier !== 'hot'
  }
  await until(archived)

  const shards = world.WORKFLOWS as unknown as ShardApi // the verbs of a shard
  const to = { namespace: 'default', shard: 0, shards: 2 }
  const link = { workflowId: child.workflowId, runId: child.runId }
  const delivery = {
    kind: 'child_started',
    to: { workflowId: parent.workflowId, runId: parent.runId },
    seq: 1,
    child: link,
    shard: 1,
    parentClosePolicy: 'terminate',
  } as const
  const reply = await shards.deliver({ v: 1, to, from: 1, deliveries: [{ number: 1, delivery }] })
  expect(reply).toEqual({ ok: true, value: { watermark: 1 } })
  await until(async () => (await child.describe()).status === 'terminated')
})
