/**
 * Any other Worker of the account: it starts orders, pays, cancels and asks over a service binding to the scheduler,
 * and consumes the change events. The demo tells it over HTTP what to do.
 */
import { WorkflowClient } from '../../shared/index.ts'
import type { ChangeLog, ChangeMessage } from './changes.ts'
import type { DriverApi, Progress, Today } from './driver-api.ts'
import type { StockRow } from './order.ts'
import { readRun } from './runs.ts'
import { payment, processOrder } from './workflows.ts'

export { ChangeLog } from './changes.ts'

interface Env {
  WORKFLOWS: Fetcher
  INVENTORY: Fetcher
  CHANGES: DurableObjectNamespace<ChangeLog>
  /** The archiver, whose cron does not fire by itself in local development. */
  ARCHIVER: Pick<Fetcher, 'fetch'> & {
    scheduled(options: { cron: string; scheduledTime: Date }): Promise<unknown>
  }
}

export default {
  async fetch(request: Request, env: Env): Promise<Response> {
    const { pathname } = new URL(request.url)
    if (pathname.startsWith('/iceberg/')) return await env.ARCHIVER.fetch(request) // DuckDB: only this Worker has an address
    const route = routes[`${request.method} ${pathname}`]
    if (!route) return new Response('not found', { status: 404 })
    try {
      return Response.json(await route(await request.json(), env))
    } catch (error) {
      return new Response(error instanceof Error ? (error.stack ?? error.message) : String(error), {
        status: 500,
      })
    }
  },

  async queue(batch: MessageBatch<ChangeMessage>, env: Env): Promise<void> {
    await changeLog(env).record(batch.messages.flatMap(({ body }) => body.events))
  },
} satisfies ExportedHandler<Env, ChangeMessage>

type Verbs = {
  [Route in keyof DriverApi]: (ask: DriverApi[Route]['ask'], env: Env) => Promise<DriverApi[Route]['answer']>
}

const verbs: Verbs = {
  'POST /days': async (levels, env) => {
    await changeLog(env).openDay()
    const { day } = await fromInventory<{ day: number }>(env, 'days', levels)
    return { day, stock: await fromInventory<StockRow[]>(env, 'stock') }
  },

  'POST /orders': async (orders, env) => {
    const client = clientOf(env)
    await Promise.all(
      orders.map(({ workflowId, order }) => client.start(processOrder, { workflowId, input: order })),
    )
    return { started: orders.length }
  },

  'POST /payments': async (payments, env) => {
    const client = clientOf(env)
    await Promise.all(
      payments.map((paid) =>
        client.getHandle<typeof processOrder>(paid.workflowId).signal(payment, paid.payment),
      ),
    )
    return { paid: payments.length }
  },

  'POST /cancellations': async (cancellations, env) => {
    const client = clientOf(env)
    await Promise.all(cancellations.map(({ workflowId, reason }) => client.cancel(workflowId, reason)))
    return { cancelled: cancellations.length }
  },

  'POST /statuses': async (workflowIds, env) => {
    const client = clientOf(env)
    return Promise.all(
      workflowIds.map(async (workflowId) => {
        const { stage } = await client.getHandle<typeof processOrder>(workflowId).query('status')
        return { workflowId, stage }
      }),
    )
  },

  'POST /progress': progress,

  'POST /runs': async (workflowIds, env) => {
    const client = clientOf(env)
    return Promise.all(workflowIds.map((workflowId) => readRun(client, workflowId)))
  },

  'POST /archive': async (today, env) => {
    await env.ARCHIVER.scheduled({ cron: '*/5 * * * *', scheduledTime: new Date() })
    return { left: (await runsOf(today, env)).filter(({ tier }) => tier !== 'cold').length }
  },

  'POST /stock': ({ orders }, env) => fromInventory<StockRow[]>(env, `stock?orders=${orders}`),
}

/** The same table for requests: what they bring is only as sure as the demo that sent it. */
const routes: Record<string, ((ask: never, env: Env) => Promise<unknown>) | undefined> = verbs

async function progress(today: Today, env: Env): Promise<Progress> {
  const [runs, { taken }, changes] = await Promise.all([
    runsOf(today, env),
    fromInventory<{ taken: number }>(env, `lines?orders=${today.orders}`),
    changeLog(env).summary(today.workflows),
  ])
  const byStatus = Object.entries(Object.groupBy(runs, ({ status }) => status))
  return {
    runs: Object.fromEntries(byStatus.map(([status, group]) => [status, group.length])),
    hot: runs.filter(({ tier }) => tier === 'hot').length,
    linesTaken: taken,
    changes,
  }
}

function runsOf({ workflows }: Today, env: Env) {
  return clientOf(env).list({ idPrefix: workflows, limit: 1000 })
}

function clientOf(env: Env): WorkflowClient {
  return new WorkflowClient(env.WORKFLOWS)
}

function changeLog(env: Env): DurableObjectStub<ChangeLog> {
  return env.CHANGES.get(env.CHANGES.idFromName('main'))
}

async function fromInventory<T>(env: Env, path: string, body?: unknown): Promise<T> {
  const how = body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) }
  const response = await env.INVENTORY.fetch(`https://inventory/${path}`, how)
  if (!response.ok) throw new Error(`inventory answered ${response.status}: ${await response.text()}`)
  return response.json()
}
