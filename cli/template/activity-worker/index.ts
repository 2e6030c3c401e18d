/** The activity Worker of the task queue `default`: scaled and deployed alone, with its own secrets. */
import { WorkflowWorker } from 'perdure'
import { releaseStock, reserveStock, ship } from '../activities.ts'

export default new WorkflowWorker({ taskQueue: 'default', activities: [reserveStock, releaseStock, ship] })
