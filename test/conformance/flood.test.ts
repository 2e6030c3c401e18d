import { expect, test } from 'vitest'
import { workflow } from '../../shared/index.ts'
import { register } from '../workers/registry.ts'
import { client, evict, historyOf, idOn } from './world.ts'

/** What a deploy changes. */
let calls = 10_001
const flooding = workflow('flooding', async (ctx) => {
  for (let call = 0; call < calls; call += 1) ctx.patched(`patch ${call}`)
  return 'done'
})
const peaceful = workflow('flood-peaceful', async () => 'done')
register(flooding, peaceful)

test('109 limits/hostile: a flood of commands blocks its run, nothing of it is written, and the shard goes on', async () => {
  calls = 10_001
  const handle = await client.start(flooding, { workflowId: idOn(0, 'flooding') })
  expect((await handle.describe()).blocked).toMatchObject({
    code: 'blocked',
    reason: expect.stringContaining('10000 calls'),
  })
  expect(await historyOf(handle)).toHaveLength(1)
  expect(await client.execute(peaceful, { workflowId: idOn(0, 'flood-peaceful') })).toBe('done')
  calls = 1
  await evict()
  expect(await handle.result()).toBe('done')
})
