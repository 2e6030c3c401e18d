/** Payloads of any size and type go the way they go on the platform. */
import { expect, test } from 'vitest'
import { defineActivity, signal, workflow } from '../../shared/index.ts'
import { environments } from './environments.ts'

const create = environments()

test('large payloads pass through the bucket: inputs, signals, results of activities and of runs', async () => {
  const more = signal<string>('more')
  const double = defineActivity('double', async (text: string) => text + text)
  const doubles = workflow('doubles', async (ctx, text: string) => {
    const doubled = await ctx.activity(double, { input: text })
    return doubled + (await ctx.waitForSignal(more))
  })
  const env = await create({ workflows: [doubles], activities: [double] })
  const large = 'x'.repeat(300_000)
  const handle = await env.client.start(doubles, { workflowId: 'large', input: large })
  await env.settle()
  await handle.signal(more, 'y'.repeat(200_000))
  await env.settle()
  await env.evict()
  expect(await handle.result()).toBe(`${large}${large}${'y'.repeat(200_000)}`)
})

test('what JSON has no form for survives', async () => {
  const given = { at: new Date(0), known: new Map([['a', 1n]]), bytes: new Uint8Array([1, 2]) }
  const echo = defineActivity('echo', async (value: typeof given) => value)
  const echoes = workflow('echoes', async (ctx, value: typeof given) => ctx.activity(echo, { input: value }))
  const env = await create({ workflows: [echoes], activities: [echo] })
  expect(await env.client.execute(echoes, { workflowId: 'echo', input: given })).toEqual(given)
})
