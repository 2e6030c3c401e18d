/** An activity that may be over before the workflow hears of anything else. */
import { signal, workflow } from '../../shared/define.ts'

const go = signal<string>('go')

export const startRace = workflow('startRace', async (ctx) => {
  const early = ctx.activity('early')
  const said = await ctx.waitForSignal(go)
  const [first, second] = await Promise.all([early, ctx.activity('late')])
  return [first, said, second]
})
