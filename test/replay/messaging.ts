/** A workflow that takes every kind of message and says of itself what it does: its histories hold what those record. */
import { workflow } from '../../shared/define.ts'

export const messaging = workflow('messaging', async (ctx, input: { limit: number }) => {
  const lines: string[] = []
  const total = () => lines.length
  ctx.setQueryHandler('total', total)
  ctx.setSignalHandler('line', async (line: string) => {
    lines.push(await ctx.activity<string>('check', { input: line }))
    ctx.upsertMemo({ lines: total() })
  })
  ctx.setUpdateHandler(
    'price',
    async (line: string, discount: number) => {
      const price = await ctx.activity<number>('price', { input: line })
      if (price === 0) throw new TypeError(`${line} has no price`)
      return price - discount
    },
    {
      validate: (_line, discount) => {
        if (discount < 0) throw new RangeError('a discount is not below zero')
      },
    },
  )
  ctx.upsertSearchAttributes({ stage: 'open', limit: input.limit })
  ctx.compensate(() => ctx.activity('discard'))
  await ctx.condition(() => total() >= input.limit)
  ctx.upsertSearchAttributes({ stage: 'full', limit: null })
  for await (const word of ctx.signals<string>('word')) {
    if (word === 'end') return lines
    if (word === 'fail') throw new Error('told to fail')
    ctx.compensate(async () => {
      await ctx.run(`take back ${word}`, () => word)
    })
  }
})
