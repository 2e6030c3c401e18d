import { WorkflowWorker } from '../../../shared/index.ts'
import { activities } from './workflows.ts'

export default new WorkflowWorker({ taskQueue: 'default', activities })
