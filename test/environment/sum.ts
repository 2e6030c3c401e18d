/** A run that is told numbers, and asked what they come to. */
import { query, signal, update } from '../../shared/index.ts'
import type { WorkflowContext } from '../../shared/index.ts'

export const add = signal<number>('add')
export const total = query<number>('total')
export const multiply = update<number, [number]>('multiply')
export const messages = { add, total, multiply }

/** From `from` on; what it answers is the sum of now. */
export function summing(ctx: WorkflowContext<typeof messages>, from: number): () => number {
  let now = from
  ctx.setSignalHandler(add, (more) => void (now += more))
  ctx.setQueryHandler(total, () => now)
  ctx.setQueryHandler('nothing', () => undefined)
  ctx.setUpdateHandler(multiply, (by) => (now *= by), {
    validate: (by) => {
      if (by === 0) throw new RangeError('zero is refused')
    },
  })
  return () => now
}
