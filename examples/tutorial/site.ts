/** Any Worker of yours, with the service binding WORKFLOWS. */
import { WorkflowClient, type ServiceBinding } from 'perdure'
import { confirmed, signUp, stage } from './workflows.ts'

export default {
  async fetch(request: Request, env: { WORKFLOWS: ServiceBinding }): Promise<Response> {
    const client = new WorkflowClient(env.WORKFLOWS)
    const { pathname, searchParams } = new URL(request.url)
    const email = searchParams.get('email') ?? ''
    const workflowId = `sign-up-${email}`

    if (pathname === '/sign-up') {
      await client.start(signUp, { workflowId, input: email, idConflict: 'use-existing' })
      return new Response('look into your mail', { status: 202 })
    }
    const run = client.getHandle<typeof signUp>(workflowId)
    if (pathname === '/confirm') {
      await run.signal(confirmed)
      return new Response('thank you')
    }
    return new Response(await run.query(stage))
  },
}
