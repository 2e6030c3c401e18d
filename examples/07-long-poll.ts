/** A job of hours at somebody else's: one activity starts it, and asks for its end until it has come. */
import { ApplicationError, defineActivity, workflow, type ActivityContext } from '../shared/index.ts'

/** What the service answers, at once or after the time that it was asked to wait. */
export type Job =
  | { id: string; status: 'running'; percent: number }
  | { id: string; status: 'done'; url: string }
  | { id: string; status: 'failed'; reason: string }

const SERVICE = 'https://transcode.example/jobs'

export const transcode = defineActivity(
  'transcode',
  async (video: string, ctx: ActivityContext<{ jobId: string; percent: number }>) => {
    // An attempt that follows another one goes on with its job.
    let job: Job = ctx.heartbeatDetails
      ? await ask(`${SERVICE}/${ctx.heartbeatDetails.jobId}`, ctx)
      : await ask(SERVICE, ctx, { method: 'POST', body: JSON.stringify({ video }) })
    try {
      while (job.status === 'running') {
        await ctx.heartbeat({ jobId: job.id, percent: job.percent })
        job = await ask(`${SERVICE}/${job.id}?wait=20s`, ctx)
      }
    } catch (error) {
      if (ctx.cancellation.reason?.code === 'cancelled')
        await fetch(`${SERVICE}/${job.id}`, { method: 'DELETE' })
      throw error
    }
    if (job.status === 'done') return job.url
    throw new ApplicationError(job.reason, { type: 'transcode_failed', nonRetryable: true })
  },
  // An attempt on a Queue may take 14 minutes: the job takes as many attempts as it needs, and a day at most.
  {
    startToCloseTimeout: '10m',
    heartbeatTimeout: '1m',
    scheduleToCloseTimeout: '1d',
    retry: { maxInterval: '10s' },
  },
)

export const publishVideo = workflow('publishVideo', async (ctx, video: string) => {
  return { published: await ctx.activity(transcode, { input: video }) }
})

async function ask(url: string, ctx: ActivityContext, init: RequestInit = {}): Promise<Job> {
  const headers = { 'idempotency-key': ctx.idempotencyKey }
  const response = await fetch(url, { ...init, headers, signal: ctx.cancellation })
  if (!response.ok) throw new Error(`${url} answered ${response.status}`)
  return response.json<Job>()
}
