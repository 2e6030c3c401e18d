/** Orders of every ending, and what a client is told of them afterwards. */
import { WorkflowClient, WorkflowError, type WorkflowSummary } from '../../../shared/index.ts'
import { encodePayload } from '../../../shared/payload.ts'
import type { Order, OrderLine } from '../../../examples/orders/order.ts'
import { payment, processOrder } from '../../../examples/orders/workflows.ts'
import type { InteropApi, RecordedRun } from '../../../scripts/interop/api.ts'

interface Env {
  WORKFLOWS: Fetcher
  INVENTORY: Fetcher
  ARCHIVE: R2Bucket
  /** The archiver, whose cron does not fire by itself in local development. */
  ARCHIVER: Pick<Fetcher, 'fetch'> & {
    scheduled(options: { cron: string; scheduledTime: Date }): Promise<unknown>
  }
}

type Verbs = {
  [Path in keyof InteropApi]: (ask: InteropApi[Path]['ask'], env: Env) => Promise<InteropApi[Path]['answer']>
}

const verbs: Verbs = { '/work': work, '/archive': archive, '/recorded': recorded }

/** The same table for requests: what they bring is only as sure as the script that sent it. */
const routes: Record<string, ((ask: never, env: Env) => Promise<unknown>) | undefined> = verbs

export default {
  async fetch(request: Request, env: Env): Promise<Response> {
    const { pathname } = new URL(request.url)
    // Engines outside: only the primary Worker has an address.
    if (pathname.startsWith('/iceberg/')) return await env.ARCHIVER.fetch(request)
    const route = routes[pathname]
    if (!route) return new Response('not found', { status: 404 })
    try {
      return Response.json(await route(await request.json(), env))
    } catch (error) {
      return new Response(error instanceof Error ? error.stack : String(error), { status: 500 })
    }
  },
} satisfies ExportedHandler<Env>

const SKUS = 20
const RUNS_PER_PAGE = 10

async function work(
  { round, first, orders }: InteropApi['/work']['ask'],
  env: Env,
): Promise<{ runs: number }> {
  await fillShelves(env)
  const client = new WorkflowClient(env.WORKFLOWS)
  await Promise.all(
    Array.from({ length: orders }, async (_, i) => {
      const index = first + i
      const workflowId = `interop-${round}-${index}`
      const handle = await client.start(processOrder, {
        workflowId,
        input: orderOf(round, index),
        memo: { note: 'é ☃ 😀 "quoted" \\ and a line\nbreak', round },
        searchAttributes: { country: countryOf(index) },
      })
      if (endingOf(index) === 'paid') await handle.signal(payment, { amount: index, method: 'card' })
      if (endingOf(index) === 'cancelled') await client.cancel(workflowId, 'changed their mind')
      await ended(handle.result({ timeout: '60s' }))
    }),
  )
  return { runs: await client.count({ idPrefix: `interop-${round}-` }) }
}

async function archive(_ask: Record<string, never>, env: Env): Promise<InteropApi['/archive']['answer']> {
  await env.ARCHIVER.scheduled({ cron: '*/5 * * * *', scheduledTime: new Date() })
  const client = new WorkflowClient(env.WORKFLOWS)
  const count = (tier: 'hot' | 'warm' | 'cold') => client.count({ tiers: [tier] })
  const [hot, warm, cold] = await Promise.all([count('hot'), count('warm'), count('cold')])
  const { objects } = await env.ARCHIVE.list({ prefix: 'warm/' })
  return { hot, warm, cold, objects: objects.length }
}

async function recorded(
  { idPrefix, cursor }: InteropApi['/recorded']['ask'],
  env: Env,
): Promise<InteropApi['/recorded']['answer']> {
  const client = new WorkflowClient(env.WORKFLOWS)
  const from = cursor === undefined ? {} : { cursor }
  const page = await client.list({ idPrefix, orderBy: 'startedAt', limit: RUNS_PER_PAGE, ...from })
  const runs = await Promise.all(page.map((run) => recordOf(client, run)))
  return { runs, ...(page.nextCursor !== undefined && { cursor: page.nextCursor }) }
}

async function recordOf(client: WorkflowClient, run: WorkflowSummary): Promise<RecordedRun> {
  const handle = client.getHandle(run.workflowId, run.runId)
  const described = await handle.describe()
  const events: RecordedRun['events'] = []
  for await (const { eventId, type, timestamp, data } of handle.history()) {
    events.push({
      eventId,
      type,
      at: timestamp.getTime(),
      data: encodePayload(storedData(type, data), 'data'),
    })
  }
  return {
    tier: described.tier,
    execution: {
      workflowId: run.workflowId,
      runId: run.runId,
      workflowType: run.workflowType,
      taskQueue: run.taskQueue,
      status: run.status,
      historyEvents: run.historyEvents,
      historyBytes: run.historyBytes,
      parent: described.parent ?? null,
      startedAt: run.startedAt.getTime(),
      closedAt: run.completedAt?.getTime() ?? 0,
      input: encodePayload(described.input, 'input') ?? null,
      result: encodePayload(described.result, 'result') ?? null,
      error: described.error ?? null,
      memo: encodedFields(run.memo),
      searchAttributes: encodedFields(run.searchAttributes),
    },
    events,
  }
}

/** The client names the run in the data of its first event; its shard stores it once, beside the events. */
function storedData(type: string, data: unknown): unknown {
  if (type !== 'workflow_started' || typeof data !== 'object' || data === null) return data
  const own = Object.entries(data).filter(([key]) => key !== 'workflowId' && key !== 'runId')
  return Object.fromEntries(own)
}

/** Null where there are none, as in the table. */
function encodedFields(fields: Readonly<Record<string, unknown>>): Record<string, unknown> | null {
  const entries = Object.entries(fields).map(([key, value]) => [key, encodePayload(value, key)])
  return entries.length === 0 ? null : Object.fromEntries(entries)
}

type Ending = 'paid' | 'unpaid' | 'cancelled' | 'out_of_stock'

function endingOf(index: number): Ending {
  return (['paid', 'unpaid', 'paid', 'cancelled', 'out_of_stock'] as const)[index % 5] ?? 'paid'
}

function countryOf(index: number): string {
  return ['United Kingdom', 'Österreich', '日本', 'Côte d’Ivoire'][index % 4] ?? ''
}

/** Order 0 of a round has so many lines that children reserve them. */
function orderOf(round: number, index: number): Order {
  const count = index === 0 ? 81 : 1 + (index % 6)
  const lines: OrderLine[] = Array.from({ length: count }, (_, line) => {
    return { sku: `sku-${(index + line) % SKUS}`, quantity: 1 + (line % 3), unitPrice: (line + 1) / 4 }
  })
  if (endingOf(index) === 'out_of_stock') lines.push({ sku: 'sku-nobody-has', quantity: 1, unitPrice: 1 })
  const order: Order = {
    id: `${round}-${index}`,
    lines,
    shipping: { customer: `customer ${index}`, country: countryOf(index) },
  }
  return endingOf(index) === 'unpaid' ? { ...order, paymentWindow: '1s' } : order
}

async function fillShelves(env: Env): Promise<void> {
  const levels = Array.from({ length: SKUS }, (_, i) => ({ sku: `sku-${i}`, quantity: 100_000 }))
  const request = { method: 'POST', body: JSON.stringify(levels) }
  const response = await env.INVENTORY.fetch('https://inventory/days', request)
  if (!response.ok) throw new Error(`inventory answered ${response.status}: ${await response.text()}`)
}

/** However it ends: a run that was cancelled throws its ending. */
async function ended(result: Promise<unknown>): Promise<void> {
  try {
    await result
  } catch (error) {
    if (!(error instanceof WorkflowError) || error.code === 'timeout') throw error
  }
}
