/** One activity with an effect on the outside world. It works on a while after the effect, so that a crash can hit it there. */
import { defineActivity } from '../../../shared/index.ts'
import type { Effect } from './effects.ts'

const WORKS_ON_MS = 25

export const addOne = defineActivity('addOne', async (total: number, ctx): Promise<number> => {
  const { workflowId, idempotencyKey: key } = ctx
  const answer = await apply({ key, workflowId, answer: total + 1 })
  await scheduler.wait(WORKS_ON_MS)
  return answer
})

type Apply = (effect: Effect) => Promise<number>
let applied: Apply | undefined

/** How this Worker reaches the ledger. */
export function connectLedger(to: Apply): void {
  applied = to
}

export function apply(effect: Effect): Promise<number> {
  if (!applied) throw new Error('connectLedger() was not called in this Worker')
  return applied(effect)
}
