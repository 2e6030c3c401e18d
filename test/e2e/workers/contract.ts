/** A scheduler whose HTTP API is tried, by whoever reads its document and its guide. */
import { refund } from '../../../examples/docs/http.ts'
import { defineScheduler } from '../../../scheduler-do/index.ts'

const scheduler = defineScheduler({
  workflows: [refund],
  taskQueues: { default: { pull: true }, pulled: { pull: true } },
})

export class Scheduler extends scheduler.Scheduler {}
export class WorkflowService extends scheduler.WorkflowService {}
export default scheduler.handler
