/** One workflow, one activity. */
import { defineActivity, workflow } from '../shared/index.ts'

export const greet = defineActivity('greet', async (name: string) => `Hello, ${name}!`)

export const hello = workflow('hello', async (ctx, name: string) => {
  return await ctx.activity(greet, { input: name })
})
