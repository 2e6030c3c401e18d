import { env } from 'cloudflare:workers'
import { defineScheduler } from '../../scheduler-do/index.ts'
import { TASK_QUEUE, fan, long, noop, sequence, waits } from './workflows.ts'

const scheduler = defineScheduler({
  workflows: [noop, sequence, fan, long, waits],
  taskQueues: { [TASK_QUEUE]: { queue: 'BENCH_QUEUE' } },
  cdc: 'CDC' in env && env.CDC === 'on' ? { queue: 'CDC_QUEUE' } : false,
})

export class Scheduler extends scheduler.Scheduler {}
export class WorkflowService extends scheduler.WorkflowService {}
export default scheduler.handler
