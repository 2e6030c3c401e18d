/** The activity Worker of task queue `orders`. */
import { env } from 'cloudflare:workers'
import { WorkflowWorker } from '../../shared/index.ts'
import { cancelReservation, connectInventory, reserveInventory } from './activities.ts'

connectInventory(env.INVENTORY)

export default new WorkflowWorker({ taskQueue: 'orders', activities: [reserveInventory, cancelReservation] })
