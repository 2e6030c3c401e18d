/** The scheduler Worker of the reference deployment: workflow code runs here, next to its state. */
import { defineScheduler } from '../../scheduler-do/index.ts'
import { workflows } from './workflows.ts'

const scheduler = defineScheduler({
  workflows,
  taskQueues: { orders: { queue: 'ORDERS_QUEUE' }, shipping: { queue: 'SHIPPING_QUEUE' } },
  retention: { hot: '1s' },
  cdc: { queue: 'CDC_QUEUE' },
})

export class Scheduler extends scheduler.Scheduler {}
export class WorkflowService extends scheduler.WorkflowService {}
export default scheduler.handler
