import { expect, test } from 'vitest'
import { defineActivity, signal, workflow } from '../../shared/index.ts'
import type { WorkflowContext } from '../../shared/index.ts'
import { register } from '../workers/registry.ts'
import { client, evict, historyOf, typesOf } from './world.ts'

const pay = defineActivity('patched-pay', async (way: string) => way)
const go = signal('go')

type Code = (ctx: WorkflowContext) => Promise<string>

const before: Code = async (ctx) => {
  await ctx.waitForSignal(go)
  return await ctx.activity(pay, { input: 'by card' })
}
const patched: Code = async (ctx) => {
  const faster = ctx.patched('faster')
  await ctx.waitForSignal(go)
  return await ctx.activity(pay, { input: faster ? 'at once' : 'by card' })
}
const deprecated: Code = async (ctx) => {
  ctx.deprecatePatch('faster')
  await ctx.waitForSignal(go)
  return await ctx.activity(pay, { input: 'at once' })
}

/** What a deploy changes. */
let deployed = before
const paying = workflow('patched-paying', async (ctx) => await deployed(ctx))
register(pay, paying)

async function deploy(code: Code): Promise<void> {
  deployed = code
  await evict()
}

test('98 replay/patched: old runs take the old branch, new runs the new one; deprecatePatch accepts both', async () => {
  await deploy(before)
  const old = await client.start(paying, { workflowId: 'patched-old' })
  await deploy(patched)
  const fresh = await client.start(paying, { workflowId: 'patched-fresh' })
  await old.signal(go)
  expect(await old.result()).toBe('by card')
  expect(await typesOf(old)).not.toContain('patch_recorded')

  await deploy(deprecated)
  const later = await client.start(paying, { workflowId: 'patched-later' })
  for (const run of [fresh, later]) {
    expect((await run.describe()).blocked).toBeUndefined()
    await run.signal(go)
    expect(await run.result()).toBe('at once')
  }
  expect((await historyOf(fresh))[1]).toMatchObject({ type: 'patch_recorded', data: { patchId: 'faster' } })
})
