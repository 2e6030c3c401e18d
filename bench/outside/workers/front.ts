/** What a user's Worker has in front of the engine: HTTP on one side, perdure's client on the other. */
import { WorkflowClient } from '../../../shared/index.ts'
import type { Asked } from '../runs.ts'
import { go, programs } from './workflows.ts'

export interface Env {
  SCHEDULER: DurableObjectNamespace
  [binding: string]: unknown
}

let client: WorkflowClient | undefined

export async function respond(request: Request, { SCHEDULER }: Env): Promise<Response> {
  client ??= new WorkflowClient(SCHEDULER, { shards: 1 })
  const [, operation = '', id = ''] = new URL(request.url).pathname.split('/')
  try {
    return Response.json(await answer(client, { operation, id, request }))
  } catch (error) {
    return new Response(String(error), { status: 500 })
  }
}

async function answer(
  of: WorkflowClient,
  { operation, id, request }: { operation: string; id: string; request: Request },
): Promise<unknown> {
  switch (operation) {
    case 'execute':
    case 'start': {
      const input = await request.json<Asked>()
      const options = { workflowId: id, input }
      if (operation === 'execute') return of.execute(programs[input.program], options)
      await of.start(programs[input.program], options)
      return null
    }
    case 'signal':
      await of.getHandle(id).signal(go)
      return null
    case 'result':
      return of.getHandle(id).result()
    case 'up':
      return null
    default:
      throw new Error(`no operation is called ${operation}`)
  }
}
