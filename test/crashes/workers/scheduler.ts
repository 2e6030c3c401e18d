/** A scheduler whose change events go straight to the sink: local queues lose what they hold when they are killed. */
import { defineScheduler } from '../../../scheduler-do/index.ts'
import type { WorkflowCdcEvent } from '../../../shared/cdc.ts'
import { outside } from './outside.ts'
import { workflows } from './workflows.ts'

const scheduler = defineScheduler({ workflows, retention: { hot: 0 } })

export class Scheduler extends scheduler.Scheduler {
  constructor(ctx: DurableObjectState, env: Record<string, unknown>) {
    super(ctx, { ...env, CDC_QUEUE: changes })
  }
}
export class WorkflowService extends scheduler.WorkflowService {}
export default scheduler.handler

interface Message {
  body: { events: WorkflowCdcEvent[] }
}

/** Stands where the Queue's producer does. */
const changes = {
  sendBatch: async (messages: Iterable<Message>): Promise<void> => {
    const events = Array.from(messages).flatMap(({ body }) => body.events)
    await outside().changed(events.map(({ shard = -1, sequence = -1 }) => ({ shard, sequence })))
  },
}
