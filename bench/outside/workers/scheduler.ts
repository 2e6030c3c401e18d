import { defineScheduler } from '../../../scheduler-do/index.ts'
import { CONSUMERS } from '../../workers/workflows.ts'
import { respond } from './front.ts'
import { programs } from './workflows.ts'

const scheduler = defineScheduler({
  workflows: Object.values(programs),
  taskQueues: { [CONSUMERS[0].eager]: { queue: 'BENCH_QUEUE', eager: 'BENCH_WORKER' } },
  cdc: false,
})

export class Scheduler extends scheduler.Scheduler {}
export class WorkflowService extends scheduler.WorkflowService {}
export default { fetch: respond }
