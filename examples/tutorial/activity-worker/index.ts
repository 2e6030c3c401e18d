/** The activity Worker of the task queue `default`. */
import { WorkflowWorker } from 'perdure'
import { sendMail } from '../activities.ts'

export default new WorkflowWorker({ taskQueue: 'default', activities: [sendMail] })
