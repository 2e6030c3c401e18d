import { WorkflowWorker } from '../../shared/index.ts'
import { TASK_QUEUE, tick } from './workflows.ts'

export default new WorkflowWorker({ taskQueue: TASK_QUEUE, activities: [tick] })
