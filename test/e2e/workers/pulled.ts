/** A scheduler whose activities run on Node, and a route that starts a workflow and waits for it. */
import { defineScheduler } from '../../../scheduler-do/index.ts'
import { WorkflowClient, workflow } from '../../../shared/index.ts'
import type { EngineNamespace } from '../../../shared/index.ts'

const rendered = workflow('rendered', { taskQueue: 'gpu' }, async (ctx, scenes: string[]) =>
  Promise.all(scenes.map((input) => ctx.activity<string>('render', { input, retry: { maxAttempts: 1 } }))),
)
const scheduler = defineScheduler({ workflows: [rendered], taskQueues: { gpu: { pull: true } } })

export class Scheduler extends scheduler.Scheduler {}
export class WorkflowService extends scheduler.WorkflowService {}
export default {
  async fetch(request: Request, env: Record<string, unknown>): Promise<Response> {
    if (new URL(request.url).pathname !== '/rendered') return await scheduler.handler.fetch(request, env)
    const client = new WorkflowClient(env['SCHEDULER'] as EngineNamespace, { archive: env['ARCHIVE'] }) // as wrangler binds it
    return Response.json(await client.execute(rendered, { input: await request.json<string[]>() }))
  },
}
