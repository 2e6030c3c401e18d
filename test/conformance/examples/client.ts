/** The founding document's client statements, as written there, each where it can be run by itself. */
import { WorkflowClient } from '../../../shared/index.ts'
import type { EngineNamespace, Page, WorkflowHandle, WorkflowSummary } from '../../../shared/index.ts'
import { orderWorkflow } from './order.ts'
import type { Order } from './order.ts'

export async function startingAWorkflow(env: { DO: EngineNamespace }, orderId: string, order: Order) {
  const client = new WorkflowClient(env.DO)

  // Start workflow
  const handle = await client.start(orderWorkflow, {
    workflowId: `order-${orderId}`,
    input: order,
    taskQueue: 'orders',
  })
  return handle
}

export async function gettingTheResult(handle: WorkflowHandle) {
  // Get result (blocks until complete)
  const result = await handle.result()
  return result
}

export async function sendingASignal(handle: WorkflowHandle) {
  // Send signal
  await handle.signal('payment', { amount: 99.99, method: 'card' })
}

export async function cancelling(handle: WorkflowHandle) {
  // Cancel
  await handle.cancel()
}

export async function sendingAnApproval(handle: WorkflowHandle) {
  // Send signal from outside
  await handle.signal('managerApproval', { approved: true, by: 'manager@co.com' })
}

export async function queryingFromOutside(handle: WorkflowHandle) {
  // Query from outside
  const status = await handle.query('status')
  return status
}

export async function listing(env: { DO: EngineNamespace }): Promise<Page<WorkflowSummary>> {
  // Client operations
  const client = new WorkflowClient(env.DO)

  // List workflows
  const workflows = await client.list({
    status: 'running',
    taskQueue: 'orders',
  })
  return workflows
}

export async function describing(client: WorkflowClient) {
  // Describe workflow
  const info = await client.describe('order-123')
  return info
}

export async function terminating(client: WorkflowClient) {
  // Terminate workflow
  await client.terminate('order-123', 'Admin cancellation')
}
