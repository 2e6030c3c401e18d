/** The orders example, archived as soon as it is asked for and gone from the warm tier a second later. */
import { workflows } from '../../../examples/orders/workflows.ts'
import { defineScheduler } from '../../../scheduler-do/index.ts'

const scheduler = defineScheduler({
  workflows,
  taskQueues: { orders: { queue: 'ORDERS_QUEUE' }, shipping: { queue: 'SHIPPING_QUEUE' } },
  retention: { hot: 0, warm: '1s' },
})

export class Scheduler extends scheduler.Scheduler {}
export class WorkflowService extends scheduler.WorkflowService {}
export default scheduler.handler
