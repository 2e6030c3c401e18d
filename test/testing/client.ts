/** Histories as a client is given them. */
import type { HistoryEvent as RecordedEvent } from '../../shared/core/events.ts'
import { historyEventOf } from '../../shared/info.ts'
import type { HistoryEvent } from '../../shared/info.ts'
import { Run } from '../replay/driver.ts'
import type { Ctx } from '../replay/driver.ts'
import { workflow } from '../../shared/define.ts'
import type { AnyWorkflow } from '../../shared/replay/coroutine.ts'

export function asClient(
  history: readonly RecordedEvent[],
  { workflowId, runId }: { workflowId: string; runId: string },
): HistoryEvent[] {
  const run = { workflowId, runId }
  return history.map((event, index) => historyEventOf({ eventId: index + 1, event }, run))
}

/** Code as it is deployed: always under the name `order`. */
export const order = (fn: (ctx: Ctx, input: unknown) => Promise<unknown>): AnyWorkflow =>
  workflow('order', fn)

/** A run of `order`, started; `seen` is its history so far. */
export async function begun(
  fn: (ctx: Ctx, input: unknown) => Promise<unknown>,
  input?: unknown,
): Promise<{ run: Run; seen: () => HistoryEvent[] }> {
  const run = new Run(order(fn), { workflowId: 'order-7', runId: '01SEVEN' })
  await run.start(input)
  return { run, seen: () => asClient(run.history, run.identity) }
}
