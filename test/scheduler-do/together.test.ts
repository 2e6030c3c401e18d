/** Calls of one moment, on the platform: by a namespace, by a service binding, and over HTTP. */
import { afterAll, describe, expect, test } from 'vitest'
import { WorkflowClient } from '../../shared/client.ts'
import { signal, workflow } from '../../shared/define.ts'
import { advance, client, idOn, rejection, until, world } from '../conformance/world.ts'
import { overHttp } from '../workers/http.ts'
import { faults, register } from '../workers/registry.ts'

const go = signal<number>('go')
const doubles = workflow('doubles', async (ctx, n: number) => await ctx.run('double', () => n * 2))
const sleeps = workflow('sleeps', async (ctx, n: number) => (await ctx.sleep('1h'), n))
const hears = workflow('hears', { messages: { go } }, async (ctx) => await ctx.waitForSignal(go))
register(doubles, sleeps, hears)

let made = 0
/** Ids of one shard. */
const ids = (count: number): string[] =>
  Array.from({ length: count }, () => idOn(0, `together-${(made += 1)}`))

/** Calls that objects were asked together. */
let shared = 0
/** Where the next object is lost that comes there. */
let losing: string | null = null
const { pass } = faults
faults.pass = (place, object) => {
  if (place === 'before together') shared += 1
  if (place !== losing) return
  losing = null
  object.abort(`lost ${place}`)
}
afterAll(() => {
  faults.pass = pass
})

describe.each([
  ['a namespace', client],
  ['a service binding', new WorkflowClient(world.WORKFLOWS)],
  ['HTTP', new WorkflowClient(overHttp())],
])('calls of one moment by %s', (_, by) => {
  test('go in one, and each has its own answer', async () => {
    const [taken = '', ...free] = ids(21)
    await by.start(sleeps, { workflowId: taken, input: 0 })
    const before = shared
    const refused = rejection(by.execute(doubles, { workflowId: taken, input: 1 }))
    const results = await Promise.all(
      free.map((workflowId, n) => by.execute(doubles, { workflowId, input: n })),
    )
    expect(results).toEqual(free.map((__, n) => n * 2))
    expect(await refused).toMatchObject({ code: 'workflow_already_started', workflowId: taken })
    expect(shared - before).toBe(1)
  })

  test('do not wait for each other', async () => {
    const [slow = '', quick = ''] = ids(2)
    let ended = false
    const late = by.execute(sleeps, { workflowId: slow, input: 7 }).finally(() => (ended = true))
    expect(await by.execute(doubles, { workflowId: quick, input: 4 })).toBe(8)
    expect(ended).toBe(false)
    await until(async () => (await by.describe(slow)).status === 'running')
    await advance(3_600_000)
    expect(await late).toBe(7)
  })

  test.each(['before', 'after'])('are each asked again where the object is lost %s them', async (place) => {
    const waiting = ids(5)
    const handles = await Promise.all(waiting.map((workflowId) => by.start(hears, { workflowId })))
    losing = `${place} together`
    await Promise.all(handles.map((handle, n) => handle.signal(go, n)))
    expect(losing).toBe(null)
    expect(await Promise.all(handles.map((handle) => handle.result()))).toEqual(waiting.map((__, n) => n))
  })
})
