/** A change of a workflow that has running runs, and the parts of a workflow that can be cancelled alone. */
import { CancelledError, TimeoutError, workflow } from '../../shared/index.ts'

export const renewal = workflow('renewal', async (ctx, customer: string) => {
  if (ctx.patched('quote-first')) await ctx.activity('sendQuote', { input: customer })
  await ctx.sleep('30d')
  await ctx.activity('charge', { input: customer })
})

export const booking = workflow('booking', async (ctx, trip: string) => {
  try {
    return await ctx.scope(
      async () => {
        await ctx.activity('bookFlight', { input: trip })
        return await ctx.activity<string>('bookHotel', { input: trip })
      },
      { timeout: '2h' },
    )
  } catch (error) {
    const late = error instanceof TimeoutError && error.kind === 'scope'
    if (!late && !(error instanceof CancelledError)) throw error
    // Inside a shield the cancel that brought us here is not felt.
    await ctx.shield(() => ctx.activity('undoBooking', { input: trip }))
    throw error
  }
})
