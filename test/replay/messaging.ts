/** A workflow that takes every kind of message and says of itself what it does: its histories hold what those record. */
import type { WorkflowContext } from '../../shared/context.ts'
import { workflow } from '../../shared/define.ts'

export const messaging = workflow('messaging', async (ctx, input: { limit: number }) => {
  const lines: string[] = []
  const total = () => lines.length
  ctx.setQueryHandler('total', total)
  ctx.setSignalHandler('line', async (line: string) => {
    lines.push(await ctx.activity<string>('check', { input: line }))
    ctx.upsertMemo({ lines: total() })
  })
  ctx.setUpdateHandler('price', (line: string, discount: number) => priced(ctx, line, discount), {
    validate: checkDiscount,
  })
  ctx.upsertSearchAttributes({ stage: 'open', limit: input.limit })
  ctx.compensate(() => ctx.activity('discard'))
  await ctx.condition(() => total() >= input.limit)
  ctx.upsertSearchAttributes({ stage: 'full', limit: null })
  for await (const word of ctx.signals<string>('word')) {
    if (word === 'end') break
    if (word === 'fail') throw new Error('told to fail')
    ctx.compensate(async () => {
      await ctx.run(`take back ${word}`, () => word)
    })
  }
  return lines
})

async function priced(ctx: WorkflowContext, line: string, discount: number): Promise<number> {
  const price = await ctx.activity<number>('price', { input: line })
  if (price === 0) throw new TypeError(`${line} has no price`)
  return price - discount
}

function checkDiscount(_line: string, discount: number): void {
  if (discount < 0) throw new RangeError('a discount is not below zero')
}
