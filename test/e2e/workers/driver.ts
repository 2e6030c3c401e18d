/** Any other Worker of the account: a client of the scheduler over a service binding, told over HTTP what to do. */
import { TimeoutError, WorkflowClient, WorkflowError } from '../../../shared/index.ts'
import type { DriverApi } from './api.ts'
import { ledgerIn } from './ledger.ts'

interface Env {
  WORKFLOWS: Fetcher
  /** Where it is bound, the client uses it instead. */
  SCHEDULER?: DurableObjectNamespace
}

type Verbs = {
  [Route in keyof DriverApi]: (ask: DriverApi[Route]['ask'], env: Env) => Promise<DriverApi[Route]['answer']>
}

export default {
  async fetch(request: Request, env: Env): Promise<Response> {
    const route = routes[new URL(request.url).pathname]
    if (!route) return new Response('not found', { status: 404 })
    try {
      return Response.json(await route(await request.json<never>(), env))
    } catch (error) {
      return refused(error)
    }
  },
} satisfies ExportedHandler<Env>

const verbs: Verbs = {
  '/start': async ({ kind, ids, input }, env) => {
    const client = clientOf(env)
    await Promise.all(ids.map((workflowId) => client.start(kind, { workflowId, input })))
    return { started: ids.length }
  },

  '/results': async ({ ids, waitMs }, env) => {
    const client = clientOf(env)
    const results = await Promise.all(ids.map((workflowId) => resultWithin(client, workflowId, waitMs)))
    return results.flatMap((result) => result ?? [])
  },

  '/effects': async ({ prefix }, env) => ledgerIn(env).summary(prefix),

  '/attempts': async ({ ids }, env) => {
    const client = clientOf(env)
    const counts = await Promise.all(ids.map((workflowId) => attemptsOf(client, workflowId)))
    return counts.reduce((sum, one) => ({
      ended: sum.ended + one.ended,
      attempts: sum.attempts + one.attempts,
      fired: [...sum.fired, ...one.fired],
    }))
  },
}

/** The same table for requests: what they bring is only as sure as the test that sent it. */
const routes: Record<string, ((ask: never, env: Env) => Promise<unknown>) | undefined> = verbs

function clientOf(env: Env): WorkflowClient {
  return new WorkflowClient(env.SCHEDULER ?? env.WORKFLOWS)
}

async function resultWithin(client: WorkflowClient, workflowId: string, timeout: number) {
  try {
    return { workflowId, result: await client.getHandle(workflowId).result({ timeout }) }
  } catch (error) {
    if (error instanceof TimeoutError) return null
    throw error
  }
}

async function attemptsOf(client: WorkflowClient, workflowId: string) {
  const counts = { ended: 0, attempts: 0, fired: [] as number[] }
  for await (const { type, timestamp, data } of client.getHandle(workflowId).history()) {
    if (type === 'timer_fired') counts.fired.push(timestamp.getTime())
    if (type !== 'step_completed' && type !== 'activity_completed') continue
    counts.ended += 1
    counts.attempts += (data as { attempt: number }).attempt // both have it
  }
  return counts
}

function refused(error: unknown): Response {
  const { message } = error instanceof Error ? error : { message: String(error) }
  const code = error instanceof WorkflowError ? error.code : null
  return Response.json({ code, message }, { status: 500 })
}
