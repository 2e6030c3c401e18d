import { env } from 'cloudflare:workers'
import { defineScheduler } from '../../../scheduler-do/index.ts'
import { connectLedger } from './activities.ts'
import { ledgerIn } from './ledger.ts'
import { workflows } from './workflows.ts'

connectLedger((effect) => ledgerIn(env).apply(effect))

const scheduler = defineScheduler({ workflows, taskQueues: { default: { queue: 'DEFAULT_QUEUE' } } })

export class Scheduler extends scheduler.Scheduler {}
export class WorkflowService extends scheduler.WorkflowService {}
export default scheduler.handler
