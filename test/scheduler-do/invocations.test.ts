/** A client that requests of an isolate share, where the platform ends one of them. */
import { expect, test } from 'vitest'
import { WorkflowClient } from '../../shared/client.ts'
import type { EngineNamespace } from '../../shared/connection.ts'
import { workflow } from '../../shared/define.ts'
import { rejection, until, world } from '../conformance/world.ts'
import { apart } from '../workers/apart.ts'
import { register } from '../workers/registry.ts'

const greets = workflow('greets', async (_ctx, name: string) => `hello ${name}`)
register(greets)

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
