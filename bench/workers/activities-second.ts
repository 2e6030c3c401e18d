import { activitiesEntrypoint } from '../../activity-worker/entrypoint.ts'
import { WorkflowWorker } from '../../shared/index.ts'
import { CONSUMERS, tick } from './workflows.ts'

const worker = new WorkflowWorker({ taskQueue: CONSUMERS[1].queue, activities: [tick] })

export class Activities extends activitiesEntrypoint(worker) {}
export default worker
