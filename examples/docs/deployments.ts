/** Options of `defineScheduler`: a scheduler that carries two versions of its workflows. */
import type { SchedulerOptions } from '../../scheduler-do/index.ts'
import { signal, workflow } from '../../shared/index.ts'

const approve = signal<{ by: string }>('approve')

/** As it was released in spring. Its file is kept for as long as runs of it are open. */
const contractOfSpring = workflow(
  'contract',
  { messages: { approve }, versioning: 'pinned' },
  async (ctx, customer: string) => {
    await ctx.activity('draftContract', { input: customer })
    const { by } = await ctx.waitForSignal(approve)
    return `signed by ${by}`
  },
)

const contract = workflow(
  'contract',
  { messages: { approve }, versioning: 'pinned' },
  async (ctx, customer: string) => {
    const { by } = await ctx.waitForSignal(approve, { timeout: '30d' })
    await ctx.activity('draftContract', { input: customer })
    return `signed by ${by}`
  },
)

export const current: SchedulerOptions = {
  workflows: [contract],
  version: '2026-11',
  versions: { '2026-04': [contractOfSpring] },
}

export const careful: SchedulerOptions = {
  workflows: [contractOfSpring],
  version: '2026-04',
  versions: { '2026-11': [contract] },
  ramp: { version: '2026-11', percent: 10 },
}
