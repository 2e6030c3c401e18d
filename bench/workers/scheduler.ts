import { env } from 'cloudflare:workers'
import { defineScheduler } from '../../scheduler-do/index.ts'
import { CONSUMERS, definitions, remembers, sleeps } from './workflows.ts'

const scheduler = defineScheduler({
  workflows: [...Object.values(definitions), sleeps, remembers],
  taskQueues: {
    [CONSUMERS[0].queue]: { queue: 'BENCH_QUEUE' },
    [CONSUMERS[0].eager]: { queue: 'BENCH_QUEUE', eager: 'BENCH_WORKER' },
    [CONSUMERS[1].queue]: { queue: 'SECOND_QUEUE' },
    [CONSUMERS[1].eager]: { queue: 'SECOND_QUEUE', eager: 'SECOND_WORKER' },
  },
  cdc: 'CDC' in env && env.CDC === 'on' ? { queue: 'CDC_QUEUE' } : false,
})

export class Scheduler extends scheduler.Scheduler {}
export class WorkflowService extends scheduler.WorkflowService {}
export default scheduler.handler
