/** A client that requests of an isolate share, where the platform ends one of them. */
import { expect, test } from 'vitest'
import { WorkflowClient } from '../../shared/client.ts'
import type { EngineNamespace } from '../../shared/connection.ts'
import { workflow } from '../../shared/define.ts'
import { client as near, rejection, until, world } from '../conformance/world.ts'
import { apart } from '../workers/apart.ts'
import { overHttp } from '../workers/http.ts'
import { register } from '../workers/registry.ts'

const greets = workflow('greets', async (_ctx, name: string) => `hello ${name}`)
const waits = workflow('waits', async (ctx) => await ctx.waitForSignal('go'))
register(greets, waits)

test('it answers the others though the request that asked for the number of shards first has been ended', async () => {
  const { SCHEDULER } = world
  let [slow, asked] = [true, false]
  const namespace: EngineNamespace = {
    idFromName: (name) => SCHEDULER.idFromName(name),
    get: (id: DurableObjectId) => {
      const stub = SCHEDULER.get(id)
      if (!slow) return stub
      asked = true
      return { shardCount: () => scheduler.wait(60_000) }
    },
  }
  const client = new WorkflowClient(namespace)
  const greeted = (name: string) => client.execute(greets, { input: name })
  const ending = new AbortController()
  const ended = rejection(apart(() => greeted('nobody'), ending.signal))
  await until(async () => asked)
  slow = false
  const others = [apart(() => greeted('Ann')), apart(() => greeted('Ben'))]
  ending.abort()
  expect(await Promise.all(others)).toEqual(['hello Ann', 'hello Ben'])
  expect(await ended).toMatchObject({ name: 'AbortError' })
  expect(await apart(() => greeted('Cid'))).toBe('hello Cid')
})

test('over HTTP it answers the others though one has been ended amid its calls', async () => {
  const asked: string[] = []
  const client = new WorkflowClient(overHttp((url) => asked.push(new URL(url).pathname)))
  const both = (...ids: string[]) =>
    Promise.all(ids.map((workflowId) => client.execute(waits, { workflowId })))
  const ending = new AbortController()
  const ended = rejection(apart(() => both('ended-0', 'ended-1'), ending.signal))
  await until(async () => (await near.count({ workflowType: 'waits' })) === 2)
  const others = apart(() => both('other-0', 'other-1'))
  await until(async () => (await near.count({ workflowType: 'waits' })) === 4)
  expect(asked).toEqual(['/api/v1/calls', '/api/v1/calls'])
  ending.abort()
  expect(await ended).toMatchObject({ name: 'AbortError' })
  const all = ['ended-0', 'ended-1', 'other-0', 'other-1']
  await apart(() => Promise.all(all.map((id) => client.getHandle(id).signal('go', id))))
  expect(await others).toEqual(['other-0', 'other-1'])
  expect(await near.getHandle('ended-1').result()).toBe('ended-1')
})
