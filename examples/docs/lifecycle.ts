/** Runs over time: continued as new, retried, delayed, paused and reset. */
import { signal, workflow } from '../../shared/index.ts'
import type { WorkflowClient } from '../../shared/index.ts'

const reading = signal<number>('reading')

export const meter = workflow('meter', { messages: { reading } }, async (ctx, total: number) => {
  let sum = total
  while (!ctx.history.continueAsNewSuggested) sum += await ctx.waitForSignal(reading)
  ctx.continueAsNew(sum)
})

export const nightly = workflow(
  'nightly',
  { retry: { maxAttempts: 3, initialInterval: '1m' } },
  async (ctx, day: string) => {
    await ctx.activity('export', { input: day })
  },
)

export async function operate(client: WorkflowClient) {
  const handle = await client.start(nightly, {
    workflowId: 'nightly-2026-11-29',
    input: '2026-11-29',
    startDelay: '2h',
    runTimeout: '1h',
    executionTimeout: '12h',
  })
  await handle.pause('the warehouse is being moved')
  await handle.resume()
  await handle.result()
  const again = await handle.reset({ toActivity: 'export', reason: 'the file was truncated' })
  await again.result()
}
