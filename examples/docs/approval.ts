/** An approval that a person gives days later, a render that runs on a machine of your own, a rate and its priorities. */
import {
  ApplicationError,
  defineActivity,
  workflow,
  WorkflowClient,
  WorkflowWorker,
} from '../../shared/index.ts'

export const askForApproval = defineActivity(
  'askForApproval',
  async (order: { id: string; mailTo: string }, ctx): Promise<{ by: string }> => {
    await sendMail(order.mailTo, `https://shop.example/approve?order=${order.id}&token=${ctx.taskToken}`)
    return ctx.completeLater()
  },
  { startToCloseTimeout: '7d', retry: { maxAttempts: 1 } },
)

export const approvedOrder = workflow('approvedOrder', async (ctx, order: { id: string; mailTo: string }) => {
  const approval = await ctx.activity(askForApproval, { input: order })
  return `approved by ${approval.by}`
})

/** What the link in the mail leads to. */
export async function approve(client: WorkflowClient, taskToken: string, by: string): Promise<void> {
  if (by === '')
    await client.activities.fail(taskToken, new ApplicationError('declined', { nonRetryable: true }))
  else await client.activities.complete(taskToken, { by })
}

export const render = defineActivity('render', async (scene: string, ctx) => {
  const process = startRender(scene, { signal: ctx.cancellation })
  for await (const frame of process) await ctx.heartbeat({ frame })
  return `${scene}.mp4`
})

/** Runs on Node, on the machine with the GPU, until it is told to stop. */
export async function renderWorker(url: string, token: string, stop: AbortSignal): Promise<void> {
  const worker = new WorkflowWorker({
    taskQueue: 'gpu',
    activities: [render],
    maxConcurrentActivities: 2,
    shutdownGrace: '30s',
  })
  stop.addEventListener('abort', () => void worker.shutdown())
  await worker.run({ url, token })
}

/** For `defineScheduler({ workflows, taskQueues })`. */
export const taskQueues = {
  default: {},
  gpu: { pull: true },
  partner: { ratePerSecond: 10 },
} as const

export const importCatalog = workflow('importCatalog', async (ctx, pages: number[]) => {
  const partner = { taskQueue: 'partner', retry: { initialInterval: '30s' } } as const
  const head = await ctx.activity('fetchPage', { ...partner, input: 0, priority: 10 })
  const rest = pages.map((input) => ctx.activity('fetchPage', { ...partner, input }))
  return [head, ...(await Promise.all(rest))]
})

export const quote = workflow('quote', async (ctx, currency: string) => {
  const rate = await ctx.run(
    'rate',
    async ({ cancellation, idempotencyKey }) => {
      const headers = { 'idempotency-key': idempotencyKey }
      const response = await fetch(`https://rates.example/${currency}`, { signal: cancellation, headers })
      return response.json<number>()
    },
    { startToCloseTimeout: '10s', retry: { maxAttempts: 3 }, cancellation: 'try' },
  )
  return rate * 100
})

async function sendMail(to: string, link: string): Promise<void> {
  await fetch('https://mail.example/', { method: 'POST', body: JSON.stringify({ to, link }) })
}

async function* startRender(scene: string, { signal }: { signal: AbortSignal }): AsyncGenerator<number> {
  for (let frame = 1; frame <= scene.length; frame += 1) {
    signal.throwIfAborted()
    yield frame
  }
}
