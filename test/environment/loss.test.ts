/** What is lost with a process, and what is not. */
import { describe, expect, test } from 'vitest'
import { defineActivity, query, signal, workflow } from '../../shared/index.ts'
import type { HistoryEventType, WorkflowHandle } from '../../shared/index.ts'
import { environments } from './environments.ts'

const create = environments()

const progress = query<number>('progress')
const go = signal('go')

function steps() {
  const ran: string[] = []
  const work = defineActivity('work', async (name: string, ctx) => {
    ran.push(`${name} ${ctx.attempt}`)
    return name
  })
  const order = workflow('order', async (ctx) => {
    let done = 0
    ctx.setQueryHandler(progress, () => done)
    const results: string[] = []
    for (const name of ['a', 'b', 'c']) {
      results.push(await ctx.activity(work, { input: name }))
      done += 1
      await ctx.sleep('1h')
    }
    results.push(await ctx.run('inline', () => `by ${ran.push('inline')}`))
    return results
  })
  return { ran, options: { workflows: [order], activities: [work] }, order }
}

async function typesOf(handle: WorkflowHandle): Promise<HistoryEventType[]> {
  const types: HistoryEventType[] = []
  for await (const { type } of handle.history()) types.push(type)
  return types
}

describe('a process lost right after an event', () => {
  test('whichever it is: the run goes on as if nothing had been', async () => {
    const undisturbed = steps()
    const plain = await create(undisturbed.options)
    const expected = await plain.client.start(undisturbed.order, { workflowId: 'order' })
    await plain.advance('1d')
    const types = await typesOf(expected)
    expect(types).toHaveLength(16)

    for (const [index, type] of types.slice(0, -1).entries()) {
      const { options, order, ran } = steps()
      const env = await create(options)
      env.crashAfter(type, types.slice(0, index + 1).filter((one) => one === type).length)
      const handle = await env.client.start(order, { workflowId: 'order' })
      await env.advance('1d')
      expect([type, await handle.result()]).toEqual([type, await expected.result()])
      expect(await typesOf(handle)).toEqual(types)
      expect([type, ...ran]).toEqual([type, ...undisturbed.ran])
    }
  })

  test('a message that was not sent is sent again when its minute is over', async () => {
    const { options, order, ran } = steps()
    const env = await create(options)
    env.crashAfter('activity_scheduled')
    await env.client.start(order, { workflowId: 'order' })
    await env.advance('59s')
    expect(ran).toEqual([])
    await env.advance('2s')
    expect(ran).toEqual(['a 1'])
  })

  test('another one is lost only when it is asked for again', async () => {
    const { options, order } = steps()
    const env = await create(options)
    env.crashAfter('timer_fired')
    env.crashAfter('timer_fired', 3)
    const handle = await env.client.start(order, { workflowId: 'order' })
    await env.advance('1d')
    expect((await handle.result()).slice(0, 3)).toEqual(['a', 'b', 'c'])
  })

  test('a step under way is begun again, and its first end is not heard', async () => {
    const opened = Promise.withResolvers<void>()
    let begun = 0
    const step = workflow('step', async (ctx) =>
      ctx.run('slow', async () => {
        begun += 1
        const attempt = begun
        if (attempt === 1) await opened.promise
        return attempt
      }),
    )
    const wait = workflow('wait', async (ctx) => ctx.waitForSignal(go))
    const env = await create({ workflows: [step, wait], shards: 1 })
    const handle = await env.client.start(step, { workflowId: 'step' })
    await env.settle()
    env.crashAfter('workflow_started')
    await env.client.start(wait, { workflowId: 'wait' })
    opened.resolve()
    await env.settle()
    expect(await handle.result()).toBe(2)
  })
})

describe('an eviction', () => {
  test.each(['order', undefined])('of %s in the middle of a run is not seen by it', async (which) => {
    const { options, order, ran } = steps()
    const env = await create(options)
    const handle = await env.client.start(order, { workflowId: 'order' })
    await env.settle()
    expect(await handle.query(progress)).toBe(1)
    await env.evict(which)
    expect(await handle.query(progress)).toBe(1)
    await env.advance('90m')
    await env.evict(which)
    await env.advance('1d')
    expect(await handle.result()).toEqual(['a', 'b', 'c', 'by 4'])
    expect(ran).toEqual(['a 1', 'b 1', 'c 1', 'inline'])
  })

  test('answers whoever waits for a result, later', async () => {
    const { options, order } = steps()
    const env = await create(options)
    const handle = await env.client.start(order, { workflowId: 'order' })
    const result = handle.result()
    await env.settle()
    await env.evict()
    await env.advance('1d')
    expect(await result).toHaveLength(4)
  })
})
