import { defineActivity, update, workflow } from '../../shared/index.ts'

export const greeting = defineActivity('greeting', (name: string) => `hello ${name}`)

const greet = workflow('greet', (ctx, name: string) => ctx.activity(greeting, { input: name }))

const wait = workflow('wait', async (ctx) => {
  ctx.setQueryHandler('asked', (one: number, other: number) => one + other)
  ctx.setUpdateHandler(update<number, [number]>('double'), (n) => n * 2)
  return await ctx.waitForSignal('go')
})

export const workflows = [greet, wait]
