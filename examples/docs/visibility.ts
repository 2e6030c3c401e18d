/** Finding runs, acting on many of them, and what is measured of them. */
import type { SchedulerOptions } from '../../scheduler-do/index.ts'
import { defineActivity, signal, traceparent, workflow, WorkflowClient } from '../../shared/index.ts'
import type { ClientInterceptor, ServiceBinding } from '../../shared/index.ts'

export const approved = signal('approved')

export const bookCarrier = defineActivity('bookCarrier', async (shipmentId: string, ctx) => {
  const headers = { traceparent: ctx.traceparent, 'idempotency-key': ctx.idempotencyKey }
  const response = await fetch(`https://carrier.example/bookings/${shipmentId}`, { method: 'POST', headers })
  return response.status
})

export const shipment = workflow(
  'shipment',
  { messages: { approved } },
  async (ctx, parcels: { country: string; kilograms: number[] }) => {
    ctx.metrics.counter('shipments').add(1, { country: parcels.country })
    for (const kilograms of parcels.kilograms) ctx.metrics.histogram('parcel_kg').record(kilograms)
    await ctx.waitForSignal(approved)
    ctx.upsertSearchAttributes({ labels: ['approved'], promisedFor: new Date('2026-12-24') })
    return await ctx.activity(bookCarrier, { input: ctx.workflowId })
  },
)

export const options: SchedulerOptions = {
  workflows: [shipment],
  searchAttributes: { customerId: 'keyword', total: 'number', promisedFor: 'date', labels: 'keywords' },
}

export async function ship(client: WorkflowClient, orderId: string) {
  return await client.start(shipment, {
    workflowId: `shipment-${orderId}`,
    input: { country: 'FR', kilograms: [1.5, 0.2] },
    searchAttributes: { customerId: 'c-7', total: 99.9, labels: ['express', 'gift'] },
  })
}

export async function openGiftsOf(client: WorkflowClient, customerId: string) {
  const ids: string[] = []
  for await (const run of client.list({
    status: 'running',
    searchAttributes: { customerId, labels: 'gift' },
  }))
    ids.push(run.workflowId)
  return ids
}

export async function howShipmentsStand(client: WorkflowClient) {
  return await client.count({ workflowType: 'shipment' }, { groupBy: 'status' })
}

export async function whereItWaits(client: WorkflowClient, workflowId: string) {
  const { waitingFor } = await client.getHandle(workflowId).describe({ callSites: true })
  return waitingFor.map(({ kind, name, at }) => `${kind} ${name}, called in ${at}`)
}

export async function importShipments(client: WorkflowClient, orderIds: readonly string[]) {
  const items = orderIds.map((orderId) => ({
    workflowId: `shipment-${orderId}`,
    input: { country: 'DE', kilograms: [] },
    searchAttributes: { labels: ['imported'] },
  }))
  const { started, errors } = await client.startBatch(shipment, items)
  return { started: started.length, failed: errors.map(({ index }) => orderIds[index]) }
}

export async function recallImported(client: WorkflowClient, remember: (cursor?: string) => Promise<void>) {
  const imported = { workflowType: 'shipment', searchAttributes: { labels: 'imported' } }
  for await (const { matched, done, failed, cursor } of client.bulk(imported, 'cancel', 'recalled')) {
    console.log(`${done} of ${matched} cancelled, ${failed} failed`)
    await remember(cursor)
  }
}

export function tenantClient(env: { WORKFLOWS: ServiceBinding }, tenant: string) {
  const ofTenant: ClientInterceptor = {
    start: ({ workflow: name, options: start }, next) =>
      next({
        workflow: name,
        options: { ...start, searchAttributes: { ...start.searchAttributes, tenant } },
      }),
  }
  return new WorkflowClient(env.WORKFLOWS, { interceptors: [ofTenant] })
}

export async function shipTraced(client: WorkflowClient, request: Request) {
  const caller = request.headers.get('traceparent')
  const run = await client.start(shipment, {
    input: { country: 'FR', kilograms: [] },
    ...(caller !== null && { traceparent: caller }),
  })
  return new Response(run.workflowId, { status: 202, headers: { 'run-traceparent': traceparent(run.runId) } })
}
