import { describe, expect, test } from 'vitest'
import { workflow } from '../../shared/define.ts'
import { begun, replayed } from './driver.ts'
import type { Ctx } from './driver.ts'

const old = workflow('test', async (ctx) => void (await ctx.activity('old')))
const patched = workflow('test', async (ctx) => {
  if (ctx.patched('faster')) await ctx.activity('new')
  else await ctx.activity('old')
})
const deprecated = workflow('test', async (ctx) => {
  ctx.deprecatePatch('faster')
  await ctx.activity('new')
})

describe('patched', () => {
  test('takes a new run on the new path, and records it once', async () => {
    const run = await begun(async (ctx: Ctx) => {
      const answers = [ctx.patched('p'), ctx.patched('p')]
      await ctx.activity('a')
      return [...answers, ctx.patched('p')]
    })
    await run.complete(1)
    expect(run.types.filter((type) => type === 'patch_recorded')).toHaveLength(1)
    expect(run.history.at(-1)).toMatchObject({ result: [true, true, true] })
    await replayed(run.definition, run.history)
  })

  test('leaves a run that recorded the old path on it', async () => {
    const run = await begun(old)
    await expect(replayed(patched, run.history)).resolves.toBeDefined()
  })

  test('keeps a run that recorded the patch on the new path', async () => {
    const run = await begun(patched)
    expect(run.history[1]).toMatchObject({ type: 'patch_recorded', patchId: 'faster' })
    await run.complete(1)
    await expect(replayed(patched, run.history)).resolves.toBeDefined()
  })

  test('is true for an old run where it had not yet come to', async () => {
    const later = workflow('test', async (ctx) => {
      await ctx.activity('old')
      return ctx.patched('more') ? ctx.activity('more') : 'as before'
    })
    const run = await begun(old)
    await run.evict(later)
    await run.complete(1)
    expect(run.types.slice(-2)).toEqual(['patch_recorded', 'activity_scheduled'])
    await expect(replayed(later, run.history)).resolves.toBeDefined()
  })

  test('answers alike for the whole run: a loop that began on the old path stays on it', async () => {
    const loop = workflow('test', async (ctx) => {
      for (let round = 0; round < 4; round += 1) await ctx.activity('old')
    })
    const patchedLoop = workflow('test', async (ctx) => {
      for (let round = 0; round < 4; round += 1) await ctx.activity(ctx.patched('faster') ? 'new' : 'old')
    })
    const run = await begun(loop)
    await run.complete(1)
    await run.evict(patchedLoop)
    await run.complete(2)
    expect(run.history.at(-1)).toMatchObject({ type: 'activity_scheduled', activityType: 'old' })
    await expect(replayed(patchedLoop, run.history)).resolves.toBeDefined()
  })

  test('taken out while runs are on it is a difference', async () => {
    const run = await begun(patched)
    const removed = workflow('test', async (ctx) => void (await ctx.activity('new')))
    await expect(replayed(removed, run.history)).rejects.toMatchObject({ expected: 'patch_recorded faster' })
    const renamed = workflow('test', async (ctx) => void ctx.patched('other'))
    await expect(replayed(renamed, run.history)).rejects.toMatchObject({ eventId: 2 })
  })
})

/** A loop before and after `deprecatePatch` was put into it. */
function rounds(deprecates: boolean) {
  return workflow('test', async (ctx) => {
    for (let round = 0; round < 3; round += 1) {
      if (deprecates) ctx.deprecatePatch('faster')
      await ctx.activity('a')
    }
  })
}

describe('deprecatePatch', () => {
  test('serves runs that recorded the patch, and new ones', async () => {
    const run = await begun(patched)
    await expect(replayed(deprecated, run.history)).resolves.toBeDefined()
    const fresh = await begun(deprecated)
    await expect(replayed(deprecated, fresh.history)).resolves.toBeDefined()
    await expect(replayed(patched, fresh.history)).resolves.toBeDefined()
  })

  test('in a loop records nothing later than where it was first passed without', async () => {
    const run = await begun(rounds(false))
    await run.evict(rounds(true))
    await run.complete(1)
    expect(run.types).not.toContain('patch_recorded')
    await expect(replayed(rounds(true), run.history)).resolves.toBeDefined()
  })
})
