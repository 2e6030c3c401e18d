/** What a run that was reset draws: what it has taken over as before, and what it asks for itself anew. */
import { expect, test } from 'vitest'
import { drawing, drawn } from '../replay/drawing.ts'
import { environments } from './environments.ts'

const create = environments()

/** The history: 1 started, 2 step scheduled, 3 step completed, 4 and 5 timers started, 6 child requested, 7 child started. */
test.each([
  { toEvent: 3, same: 1 },
  { toEvent: 4, same: 2 },
  { toEvent: 6, same: 4 },
  { toEvent: 7, same: 4 },
])('reset to event $toEvent, $same of 5 are as they were', async ({ toEvent, same }) => {
  const env = await create({ workflows: [drawing, drawn] })
  const first = await env.client.start(drawing, { workflowId: 'w' })
  await env.advance('10s')
  const again = await first.reset({ toEvent, reason: 'again' })
  await env.settle()
  await env.evict()
  await env.advance('10s')
  // Behind its own reset, and nothing of what the second run asked for is kept.
  const third = await again.reset({ toEvent: toEvent + 1, reason: 'once more' })
  await env.settle()
  await env.evict()
  await env.advance('10s')
  const resultOf = async ({ runId }: { runId: string }): Promise<string[]> => {
    const { result } = await env.client.getHandle('w', runId).describe()
    return result as string[] // as it is defined
  }
  const [one, two, three] = [await resultOf(first), await resultOf(again), await resultOf(third)]
  for (const later of [two, three]) expect(later.slice(0, same)).toEqual(one.slice(0, same))
  expect(new Set([one, two, three].flatMap((all) => all.slice(same))).size).toBe(3 * (5 - same))
})
