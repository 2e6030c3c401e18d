/** What is started under load: a run of forty inline steps, one with a remote activity, and one that sleeps. */
import { workflow } from '../../../shared/index.ts'
import { tick } from '../workflows.ts'

export const plain = workflow('plain', async (ctx) => {
  for (let n = 1; n <= 40; n += 1) await ctx.run(`step-${n}`, () => n)
})

export const remote = workflow('remote', async (ctx) => {
  await ctx.activity(tick, {})
})

/** Gives by how much its timer was late. */
export const timed = workflow('timed', async (ctx, sleepMs: number) => {
  const before = Date.now()
  await ctx.sleep(sleepMs)
  return Date.now() - before - sleepMs
})
