/** A link of a chain of runs: what it asks for says how long its history was, so that a replay that counts otherwise differs. */
import { workflow } from '../../shared/define.ts'

export const continuing = workflow('continuing', async (ctx, round: number) => {
  const size = (): string => `${ctx.history.events} events, ${ctx.history.bytes} bytes`
  await ctx.run(`attempt ${ctx.attempt}: ${size()}`, () => round)
  const paid = await ctx.waitForSignal<string>('paid')
  await ctx.activity('book', { input: paid })
  await ctx.run(size(), () => round)
  ctx.continueAsNew(round + 1, { memo: { rounds: round }, retry: { maxAttempts: 2 } })
})
