/** Somebody signs up, confirms the address or is reminded once, and is welcomed. */
import { query, signal, workflow } from 'perdure'
import { sendMail } from './activities.ts'

export const confirmed = signal('confirmed')
export const stage = query<string>('stage')

export const signUp = workflow('signUp', { messages: { confirmed, stage } }, async (ctx, email: string) => {
  let now = 'waiting'
  ctx.setQueryHandler(stage, () => now)

  await ctx.activity(sendMail, { input: { to: email, text: 'Please confirm your address' } })
  let answer = await ctx.receiveSignal(confirmed, { timeout: '1d' })
  if (!answer.received) {
    now = 'reminded'
    await ctx.activity(sendMail, { input: { to: email, text: 'You have not confirmed yet' } })
    answer = await ctx.receiveSignal(confirmed, { timeout: '2d' })
  }
  if (!answer.received) return 'forgotten'

  now = 'confirmed'
  await ctx.activity(sendMail, { input: { to: email, text: 'Welcome' } })
  return 'welcomed'
})

export const workflows = [signUp]
