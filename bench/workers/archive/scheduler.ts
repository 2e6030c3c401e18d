import { defineScheduler } from '../../../scheduler-do/index.ts'
import { TASK_QUEUE, purchase } from './purchase.ts'

const scheduler = defineScheduler({
  workflows: [purchase],
  taskQueues: { [TASK_QUEUE]: {} },
  retention: { hot: 0 },
  cdc: false,
})

export class Scheduler extends scheduler.Scheduler {}
export class WorkflowService extends scheduler.WorkflowService {}
export default scheduler.handler
