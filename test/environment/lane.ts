/** A shard with an eager lane, and the Worker that its attempts are handed to. */
import { expect } from 'vitest'
import * as tasks from '../../scheduler-do/activities.ts'
import { submitDue } from '../../scheduler-do/due.ts'
import { latestRunId } from '../../scheduler-do/store/ids.ts'
import { runRow } from '../../scheduler-do/store/runs.ts'
import { idle } from '../../scheduler-do/tick.ts'
import * as verbs from '../../scheduler-do/verbs.ts'
import { defineActivity, WorkflowWorker, workflow } from '../../shared/index.ts'
import { perform } from '../../activity-worker/perform.ts'
import type { WorkerOptions } from '../../activity-worker/index.ts'
import type { PerformReply, PerformRequest } from '../../shared/perform.ts'
import { startOf, testShard } from './shard.ts'

const gates = new Map<string, PromiseWithResolvers<string>>()
/** What activities whose input begins with `slow` wait for. */
export const gate = (name: string): PromiseWithResolvers<string> => {
  const known = gates.get(name) ?? Promise.withResolvers<string>()
  gates.set(name, known)
  return known
}
const work = defineActivity('work', (name: string) =>
  name.startsWith('slow') ? gate(name).promise : `${name} done`,
)
const all = workflow('all', async (ctx, names: string[]) =>
  Promise.all(names.map((input) => ctx.activity(work, { input, taskQueue: 'orders' }))),
)
const stepFirst = workflow('stepFirst', async (ctx) => {
  await ctx.run('step', () => 1)
  return ctx.activity(work, { input: 'slow after a step', taskQueue: 'orders' })
})
const once = workflow('once', async (ctx) =>
  ctx.activity(work, { input: 'once', taskQueue: 'orders', retry: { maxAttempts: 1 } }),
)

/** `lent.way` is what each call goes by. */
export async function lane({
  ratePerSecond,
  ...options
}: Partial<WorkerOptions> & { ratePerSecond?: number } = {}) {
  const worker = new WorkflowWorker({ taskQueue: 'orders', activities: [work], ...options })
  const calls: PerformRequest[] = []
  const settled: string[] = []
  /** Numbers of calls whose settlement does not get through. */
  const unheard = new Set<number>()
  const lent = { way: async (call: () => Promise<PerformReply>): Promise<PerformReply> => await call() }
  const binding = {
    perform: async (request: PerformRequest) => {
      calls.push(request)
      return await lent.way(() => perform(worker, request, { env: { WORKFLOWS: scheduler } }))
    },
  }
  const made = await testShard([all, stepFirst, once], ['orders'], {
    bindings: { ORDERS_ACTIVITIES: binding },
    ...(ratePerSecond !== undefined && { ratePerSecond }),
  })
  const { shard } = made
  const scheduler = {
    renew: (request: Parameters<typeof tasks.renew>[1]) => tasks.renew(shard, request),
    settle: (request: Parameters<typeof tasks.settle>[1]) => {
      if (request.tasks.some(({ seq }) => unheard.has(seq))) throw new Error('nobody hears of it')
      settled.push(...request.tasks.map(({ seq }) => `${seq}`))
      return tasks.settle(shard, request)
    },
  }
  const row = () => runRow(shard.sql, latestRunId(shard.sql, 'w') ?? '')
  const ended = async (): Promise<unknown> => {
    await expect.poll(() => row()?.status).not.toBe('running')
    return row()?.result
  }
  const queued = () => made.sent.flatMap(([, batch]) => batch.map(({ seq, attempt }) => [seq, attempt]))
  const due = async (ms: number): Promise<void> => {
    made.pass(ms)
    while (submitDue(shard)) await idle(shard)
    await idle(shard)
    await idle(shard) // one that was without a row gets it before it is sent
  }
  const start = (names: string[]) => verbs.start(shard, startOf('all', 'w', names))
  return { ...made, calls, settled, unheard, lent, ended, queued, due, start }
}
