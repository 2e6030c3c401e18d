import { afterEach, describe, expect, test } from 'vitest'
import { signal, workflow } from '../../shared/index.ts'
import type { AnyWorkflow } from '../../shared/replay/coroutine.ts'
import { deployment, workflows } from '../workers/registry.ts'
import { loseAll } from './loss.ts'
import { client, evict, idOn, recorded, rejection, until } from './world.ts'

const go = signal('go')

/** The code of one version: its workflows differ in what they answer, and in nothing that history would show. */
function codeOf(answer: string): AnyWorkflow[] {
  const messages = { go }
  return [
    workflow('version-pinned', { messages, versioning: 'pinned' }, async (ctx) => {
      await ctx.waitForSignal(go)
      return { answer, version: ctx.version }
    }),
    workflow('version-upgrading', { messages }, async (ctx) => {
      await ctx.waitForSignal(go)
      return { answer, version: ctx.version }
    }),
    workflow('version-parent', { messages, versioning: 'pinned' }, async (ctx, childId: string) => {
      await ctx.waitForSignal(go)
      return await ctx.executeChild(child, { workflowId: childId })
    }),
    workflow('version-child', async () => answer),
  ]
}
const child = workflow<undefined, string>('version-child', async () => '')
const code = { blue: codeOf('blue'), green: codeOf('green') }
const given = [...workflows]

/** Every object wakes with that code. */
async function deploy(
  current: keyof typeof code,
  others: Omit<typeof deployment, 'version'> = {},
): Promise<void> {
  workflows.splice(0, workflows.length, ...given, ...code[current])
  for (const option of ['versions', 'ramp'] as const) delete deployment[option]
  Object.assign(deployment, others, { version: current })
  await loseAll()
}

afterEach(async () => {
  workflows.splice(0, workflows.length, ...given)
  for (const option of ['version', 'versions', 'ramp'] as const) delete deployment[option]
  await loseAll()
})

test('71 deployment_versioning/routing_pinned: a pinned run finishes on its version after the current one moves', async () => {
  await deploy('blue')
  const ids = { workflowId: idOn(0, 'pinned'), childId: idOn(1, 'pinned-child') }
  const handle = await client.start('version-pinned', { workflowId: ids.workflowId })
  const parent = await client.start('version-parent', { input: ids.childId })
  await deploy('green', { versions: { blue: code.blue } })
  const fresh = await client.start('version-pinned', {})
  for (const run of [handle, parent, fresh]) await run.signal('go')
  expect(await handle.result()).toEqual({ answer: 'blue', version: 'blue' })
  expect(await fresh.result()).toEqual({ answer: 'green', version: 'green' })
  // A child of a pinned run is of its version.
  expect(await parent.result()).toBe('blue')
  expect(await recorded(client.getHandle(ids.childId), 'workflow_started')).toMatchObject([
    { version: 'blue', pinned: true },
  ])
  expect((await client.describe(ids.workflowId)).version).toBe('blue')
})

test('71 deployment_versioning/routing_pinned: without its version the run waits for it, blocked, and loses nothing', async () => {
  await deploy('blue')
  const handle = await client.start('version-pinned', { workflowId: 'pinned-waits' })
  await deploy('green')
  await handle.signal('go')
  const blocked = await until(async () => (await handle.describe()).blocked)
  expect(blocked).toMatchObject({
    code: 'unknown_version',
    reason: 'no version blue is registered here; known: green',
  })
  await deploy('green', { versions: { blue: code.blue } })
  expect(await handle.result()).toEqual({ answer: 'blue', version: 'blue' })
})

test('72 deployment_versioning/routing_auto_upgrade: any other run goes on with the new current version', async () => {
  await deploy('blue')
  const handle = await client.start('version-upgrading', { workflowId: 'upgrading' })
  await deploy('green', { versions: { blue: code.blue } })
  await handle.signal('go')
  // The code is the new one; the run remembers which version started it.
  expect(await handle.result()).toEqual({ answer: 'green', version: 'blue' })
})

describe('73 deployment_versioning/routing_with_override', () => {
  test('the option `version` pins one run to a version', async () => {
    await deploy('green', { versions: { blue: code.blue } })
    const handle = await client.start('version-upgrading', { version: 'blue' })
    const other = await client.start('version-upgrading', {})
    await evict()
    for (const run of [handle, other]) await run.signal('go')
    expect(await handle.result()).toEqual({ answer: 'blue', version: 'blue' })
    expect(await other.result()).toEqual({ answer: 'green', version: 'green' })
  })

  test('one that the scheduler does not carry is refused, and nothing begins', async () => {
    await deploy('green', { versions: { blue: code.blue } })
    const start = client.start('version-upgrading', { workflowId: 'no-such-version', version: 'red' })
    expect(await rejection(start)).toMatchObject({
      code: 'unknown_version',
      message: 'no version red is registered here; known: blue, green',
      path: 'version',
    })
    expect(await rejection(client.describe('no-such-version'))).toMatchObject({ code: 'workflow_not_found' })
  })
})

test('74 deployment_versioning/routing_with_ramp: that share of the runs takes their turns on the new version', async () => {
  await deploy('blue')
  const ids = Array.from({ length: 100 }, (_, i) => `ramp-${i}`)
  const answers = async () => {
    const handles = ids.map((id) => client.getHandle(id))
    await Promise.all(handles.map((handle) => handle.signal('go')))
    const results = await Promise.all(handles.map((handle) => handle.result()))
    return results.filter(({ answer }) => answer === 'green').length
  }
  await Promise.all(ids.map((workflowId) => client.start('version-upgrading', { workflowId })))
  await deploy('blue', { versions: { green: code.green }, ramp: { version: 'green', percent: 30 } })
  const share = await answers()
  // 100 ids of a fair hash: 30, give or take three standard deviations.
  expect(share).toBeGreaterThanOrEqual(16)
  expect(share).toBeLessThanOrEqual(44)
  for (const [percent, expected] of [
    [0, 0],
    [100, 100],
  ] as const) {
    await deploy('blue', { versions: { green: code.green }, ramp: { version: 'green', percent } })
    await Promise.all(ids.map((workflowId) => client.start('version-upgrading', { workflowId })))
    expect(await answers()).toBe(expected)
  }
})
