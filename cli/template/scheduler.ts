/** The scheduler Worker: the only one with state. Workflow code runs here. */
import { defineScheduler } from 'perdure/scheduler'
import { workflows } from './workflows.ts'

const scheduler = defineScheduler({
  workflows,
  retention: { hot: '10m' }, // so long a closed run stays in its shard; then the archiver moves it to R2
})

export class Scheduler extends scheduler.Scheduler {}
export class WorkflowService extends scheduler.WorkflowService {}
export default scheduler.handler
