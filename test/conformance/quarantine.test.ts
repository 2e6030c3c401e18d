import { runInDurableObject } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { expect, test } from 'vitest'
import type { ShardApi } from '../../shared/protocol.ts'
import { workflow } from '../../shared/define.ts'
import { client, evict, idOn, SHARDS } from './world.ts'
import { register } from '../workers/registry.ts'

/** While set, the workflow's code ends its object, as the platform does to code that spins. */
let deadly = false
let endObject = (): void => {}

const ender = workflow('ender', async (ctx) => {
  await ctx.waitForSignal('go')
  if (deadly) await ended()
  return 'done'
})
const peaceful = workflow('peaceful', async (ctx) => {
  await ctx.waitForSignal('go')
  return 'done'
})
register(ender, peaceful)

/** Nothing comes after: the object is gone, and its code with it. */
function ended(): Promise<never> {
  try {
    endObject()
  } catch {
    // abort() throws into the code that calls it, which spinning code would never see.
  }
  return new Promise(() => {})
}

const SHARD = { namespace: 'default', shard: 0, shards: SHARDS }

/** One attempt to signal, in a new life of the object. */
async function signalOnce(workflowId: string): Promise<void> {
  const { SCHEDULER } = env as { SCHEDULER: DurableObjectNamespace } // bound in test/workers/wrangler.toml
  const stub = SCHEDULER.get(SCHEDULER.idFromName('default/0'))
  await runInDurableObject(stub, (_instance, state) => {
    endObject = () => state.abort('its code span')
  })
  await (stub as unknown as ShardApi).signal({ to: SHARD, workflowId, name: 'go', signalId: 'once' }) // the object's own verb
}

test('109 limits/hostile: a run whose code ends the object is blocked after it was found alone twice; the others go on', async () => {
  const [workflowId, peacefulId] = [idOn(0, 'ender'), idOn(0, 'peaceful')]
  const handle = await client.start(ender, { workflowId })
  const other = await client.start(peaceful, { workflowId: peacefulId })
  await evict()
  deadly = true
  // Lost in the first two lives; in the third the run is blocked, and the signal waits for other code.
  await expect(signalOnce(workflowId)).rejects.toThrow('its code span')
  await expect(signalOnce(workflowId)).rejects.toThrow('its code span')
  await signalOnce(workflowId)
  const { blocked, status } = await handle.describe()
  expect(status).toBe('running')
  expect(blocked?.reason).toContain('ended the object twice')

  await other.signal('go')
  expect(await other.result()).toBe('done')

  await handle.terminate('hopeless')
  await expect(handle.result()).rejects.toMatchObject({ status: 'terminated' })
})
