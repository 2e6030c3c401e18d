/** A client: any Worker with the service binding WORKFLOWS. */
import { WorkflowClient, type ServiceBinding } from '../../shared/index.ts'
import { orderWorkflow, type Order } from './order.ts'

export async function placeOrder(env: { WORKFLOWS: ServiceBinding }, order: Order) {
  const client = new WorkflowClient(env.WORKFLOWS)
  const handle = await client.start(orderWorkflow, {
    workflowId: `order-${order.id}`,
    input: order,
    taskQueue: 'orders',
  })
  await handle.signal('payment', { amount: 99.99, method: 'card' })
  return await handle.result()
}
