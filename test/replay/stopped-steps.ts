/** A workflow whose inline steps are cancelled in each way: what is recorded of it holds how each of them ends. */
import { signal, workflow } from '../../shared/define.ts'

const stop = signal('stop')

export const stoppedSteps = workflow('stoppedSteps', async (ctx) => {
  const ends: string[] = []
  await ctx.scope(async (scope) => {
    void ctx.waitForSignal(stop).then(() => scope.cancel('enough'))
    const steps = (['wait', 'wait', 'try', 'abandon'] as const).map(async (cancellation, place) => {
      const step = ctx.run(`step ${place}`, () => place, { cancellation })
      ends.push(await step.then(String, (error: Error) => error.name))
    })
    await Promise.all(steps)
  })
  await ctx.sleep('1m')
  return ends
})
