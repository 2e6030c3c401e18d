import { WorkflowWorker } from '../../../shared/index.ts'
import { TASK_QUEUE, reserveInventory, shipOrder } from './purchase.ts'

export default new WorkflowWorker({ taskQueue: TASK_QUEUE, activities: [reserveInventory, shipOrder] })
