/** An activity Worker with the entrypoint of the eager lane, beside its Queue. */
import { WorkflowWorker } from '../shared/index.ts'
import { activitiesEntrypoint } from '../activity-worker/entrypoint.ts'
import { cancelReservation, reserveInventory } from './orders/activities.ts'

const worker = new WorkflowWorker({ taskQueue: 'orders', activities: [reserveInventory, cancelReservation] })

export class Activities extends activitiesEntrypoint(worker) {}
export default worker
