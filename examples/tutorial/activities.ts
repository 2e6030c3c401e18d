/** What touches the world. */
import { defineActivity } from 'perdure'

export const sendMail = defineActivity('sendMail', async (mail: { to: string; text: string }, ctx) => {
  // Here you would call your mail service, with this key: a mail that is tried again is the same mail.
  console.log(`mail to ${mail.to}: ${mail.text} (${ctx.idempotencyKey}, attempt ${ctx.attempt})`)
})
