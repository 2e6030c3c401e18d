import { expect, test } from 'vitest'
import { workflow } from '../../shared/define.ts'
import { client, until, world } from '../conformance/world.ts'
import { changeEvents, deployment, faults, register, workflows } from '../workers/registry.ts'

const left = workflow('left-behind', async (ctx) => ctx.waitForSignal('never'))
register(left)

test('a test file begins with nothing of the one before, and leaves something to the one after', async () => {
  expect(await client.count()).toBe(0)
  expect((await world.ARCHIVE.list()).objects).toEqual([])
  expect({ changeEvents, workflows }).toEqual({ changeEvents: [], workflows: [left] })
  expect({ version: deployment.version, ...faults }).toMatchObject({
    version: undefined,
    loseMessages: false,
  })

  await client.start(left, { workflowId: 'left-behind' })
  await world.ARCHIVE.put('left-behind', 'bytes')
  await until(() => changeEvents.length > 0)
  Object.assign(deployment, { version: 'left-behind' })
  faults.loseMessages = true
})
