import { defineScheduler } from '../../../scheduler-do/index.ts'
import { CONSUMERS } from '../../workers/workflows.ts'
import { type Env, respond } from './front.ts'
import { programs } from './workflows.ts'

const scheduler = defineScheduler({
  workflows: Object.values(programs),
  taskQueues: { [CONSUMERS[0].eager]: { queue: 'BENCH_QUEUE', eager: 'BENCH_WORKER' } },
  cdc: false,
})

export class Scheduler extends scheduler.Scheduler {}
export class WorkflowService extends scheduler.WorkflowService {}
/** Beside the HTTP API, a front of the user's own. */
export default {
  ...scheduler.handler,
  fetch: (request: Request, env: Env) =>
    request.url.includes('/api/') ? scheduler.handler.fetch(request, env) : respond(request, env),
}
