/** A workflow that makes every kind of call once: its recorded histories hold every kind of command. */
import { workflow } from '../../shared/define.ts'
import { sleep } from '../../shared/replay/ambient.ts'

const part = workflow('part', async () => {})

export const everything = workflow('everything', async (ctx, input: { customer: string }) => {
  const seen: unknown[] = [input.customer, ctx.random(), ctx.uuid()]
  if (ctx.patched('greeting')) seen.push(await ctx.activity('greet', { input, summary: 'say hello' }))
  seen.push(await ctx.run('look up', () => 'looked up', { retry: { maxAttempts: 2 } }))
  seen.push(await ctx.waitForSignal('paid', { timeout: '1h', default: 'unpaid' }))
  seen.push(await ctx.condition(() => seen.length > 100, '5s'))
  await sleep('1s')
  const child = await ctx.startChild(part, { workflowId: `${ctx.workflowId}/part`, input: undefined })
  await child.signal('hurry', 1)
  await child.result()
  await ctx
    .external('audit')
    .cancel('not needed')
    .catch((error: Error) => seen.push(error.message))
  await ctx
    .scope(
      async (scope) => {
        void ctx.waitForSignal('stop').then(() => scope.cancel())
        const calls = [
          ctx.activity('slow', { cancellation: 'try' }),
          ctx.run('slow', () => 1, { cancellation: 'try' }),
          ctx.sleep('1d'),
        ]
        const other = ctx.executeChild(part, { input: undefined, cancellation: 'try' })
        await Promise.all([...calls, other])
      },
      { timeout: '10m' },
    )
    .catch((error: Error) => seen.push(error.name))
  await ctx.sleepUntil(ctx.now().getTime() + 60_000).catch((error: Error) => seen.push(error.name))
  return ctx.shield(async () => [...seen, await ctx.activity('tidy')])
})
