import { defineScheduler } from '../../../scheduler-do/index.ts'
import { TASK_QUEUE } from '../workflows.ts'
import { plain, remote, timed } from './workflows.ts'

const scheduler = defineScheduler({
  workflows: [plain, remote, timed],
  taskQueues: { [TASK_QUEUE]: { queue: 'BENCH_QUEUE' } },
  cdc: false,
})

export class Scheduler extends scheduler.Scheduler {}
export class WorkflowService extends scheduler.WorkflowService {}
export default scheduler.handler
