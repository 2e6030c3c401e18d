/** The activity Worker of task queue `shipping`: its own Worker, so it scales and is deployed alone. */
import { env } from 'cloudflare:workers'
import { WorkflowWorker } from '../../shared/index.ts'
import { connectInventory, shipOrder } from './activities.ts'

connectInventory(env.INVENTORY)

export default new WorkflowWorker({ taskQueue: 'shipping', activities: [shipOrder] })
