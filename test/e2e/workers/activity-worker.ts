import { env } from 'cloudflare:workers'
import { WorkflowWorker } from '../../../shared/index.ts'
import { addOne, connectLedger } from './activities.ts'
import { ledgerIn } from './ledger.ts'

connectLedger((effect) => ledgerIn(env).apply(effect))

export default new WorkflowWorker({ taskQueue: 'default', activities: [addOne] })
