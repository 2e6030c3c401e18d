/** Options of `defineScheduler`: people come through Cloudflare Access, and only read. */
import type { SchedulerOptions } from '../../scheduler-do/index.ts'
import { orderWorkflow } from './order.ts'

export const options: SchedulerOptions = {
  workflows: [orderWorkflow],
  auth: {
    accessTeam: 'acme', // https://acme.cloudflareaccess.com
    accessAudience: '4714c1358e65fe4b408ad6d432a5f878f08194bdb4752441fd56faefa9b2b6f2',
    accessScope: 'read',
    origins: ['https://ops.example.com'],
  },
}
