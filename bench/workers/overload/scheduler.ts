import { defineScheduler } from '../../../scheduler-do/index.ts'
import { CONSUMERS } from '../workflows.ts'
import { plain, remote, timed } from './workflows.ts'

const scheduler = defineScheduler({
  workflows: [plain, remote, timed],
  taskQueues: { [CONSUMERS[0].queue]: { queue: 'BENCH_QUEUE' } },
  cdc: false,
})

export class Scheduler extends scheduler.Scheduler {}
export class WorkflowService extends scheduler.WorkflowService {}
export default scheduler.handler
