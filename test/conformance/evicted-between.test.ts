/** What the project promises first: an eviction between any two activities changes no result. */
import { describe, expect, test } from 'vitest'
import { defineActivity, signal, workflow } from '../../shared/index.ts'
import { register } from '../workers/registry.ts'
import { contradictions, loseAll, loseAt, persist, resultOf } from './loss.ts'
import { advance, client, evict, typesOf } from './world.ts'

const STEPS = 10
const bonus = signal<number>('bonus')
const late = signal<number>('late')

/** What is done to the engine as each activity begins and as it ends. */
let disturb: (workflowId: string) => Promise<void> = async () => {}

const add = defineActivity('add', async ({ step, value }: { step: number; value: number }, ctx) => {
  await disturb(ctx.workflowId)
  // The next two come while the workflow waits for this activity: one is read soon, one lies in the inbox for long.
  const own = client.getHandle(ctx.workflowId)
  if (step === 2) await own.signal(bonus, 100, { signalId: 'bonus' })
  if (step === 4) await own.signal(late, 1_000, { signalId: 'late' })
  await disturb(ctx.workflowId)
  return value + step
})

const addInChild = workflow('addInChild', async (ctx, parent: string) => {
  const sum = await ctx.activity(add, { input: { step: 50, value: 0 } })
  await ctx.external(parent).signal(bonus, await ctx.run('half', () => sum / 2))
  return sum
})

const tenSteps = workflow('tenSteps', async (ctx, start: number) => {
  let value = start
  for (let step = 1; step <= STEPS; step += 1) {
    value = await ctx.activity(add, { input: { step, value } })
    if (step === 3) value += await ctx.waitForSignal(bonus)
    if (step === 5) await ctx.sleep('1h')
    if (step === 6)
      value += await ctx.executeChild(addInChild, {
        workflowId: `${ctx.workflowId}/child`,
        input: ctx.workflowId,
      })
    if (step === 7) value += await ctx.run('read the bonus', () => 7)
  }
  value += await ctx.waitForSignal(late)
  return value + (await ctx.waitForSignal(bonus, { timeout: '1d' }))
})
register(add, addInChild, tenSteps)

const SUM = 55 + 100 + 50 + 7 + 1_000 + 25

async function run(workflowId: string) {
  const handle = await client.start(tenSteps, { workflowId, input: 0 })
  for (let asked = 1; !(await typesOf(handle)).includes('timer_started'); asked += 1)
    if (asked % 50 === 0) await persist(() => advance(60_000))
  await disturb(workflowId) // the timer, too, is all that is left
  await persist(() => advance(3_600_000))
  const value = await resultOf(handle)
  return {
    value,
    types: await typesOf(handle),
    child: await typesOf(client.getHandle(`${workflowId}/child`)),
  }
}

describe('an eviction between any two activities', () => {
  const disturbances: [string, (workflowId: string) => Promise<void>][] = [
    ['the run is dropped from the cache', (workflowId) => persist(() => evict(workflowId))],
    ['every shard drops all it holds in memory', () => persist(() => evict())],
    ['every object is lost', () => loseAll()],
  ]

  test.each(disturbances)('changes no result and no history: %s', async (name, disturbance) => {
    const undisturbed = await run(`undisturbed: ${name}`)
    expect(undisturbed.value).toBe(SUM)
    disturb = disturbance
    const disturbed = await run(`disturbed: ${name}`)
    disturb = async () => {}
    expect(disturbed).toEqual(undisturbed)
    expect(await contradictions()).toEqual([])
  })

  test('changes no result and no history: the object is lost after any one of its commits', async () => {
    const undisturbed = await run('undisturbed')
    for (let at = 0; ; at += 1) {
      const loss = await loseAt('after flush', at)
      expect({ at, ...(await run(`lost-${at}`)) }).toEqual({ at, ...undisturbed })
      expect(await contradictions()).toEqual([])
      if (!loss.lost) break
    }
  })
})
