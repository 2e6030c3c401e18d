/**
 * Any other Worker of the account: a client of the scheduler over a service binding, told over HTTP what to do. It also
 * carries to the sink what the other Workers tell the world outside.
 */
import { WorkerEntrypoint } from 'cloudflare:workers'
import type { CrashesApi, Effect, Position, ReadRun } from '../../../scripts/crashes/api.ts'
import { signalIdOf } from '../../../scripts/crashes/plan.ts'
import { WorkflowClient } from '../../../shared/index.ts'
import { book, next } from './workflows.ts'

interface Env {
  WORKFLOWS: Fetcher
  /** Where the sink listens. */
  SINK: string
  /** The archiver, whose cron does not fire by itself in local development. */
  ARCHIVER: Pick<Fetcher, 'fetch'> & {
    scheduled(options: { cron: string; scheduledTime: Date }): Promise<unknown>
  }
}

type Verbs = {
  [Path in keyof CrashesApi]: (ask: CrashesApi[Path]['ask'], env: Env) => Promise<CrashesApi[Path]['answer']>
}

const verbs: Verbs = {
  '/start': async ({ ids, chapters }, env) => {
    const client = clientOf(env)
    await Promise.all(
      ids.map((workflowId) =>
        client.start(book, { workflowId, input: chapters, idConflict: 'use-existing', idReuse: 'reject' }),
      ),
    )
    return { started: ids.length }
  },

  '/signal': async ({ chapter: number, to }, env) => {
    const client = clientOf(env)
    await Promise.all(
      to.map(({ id, kind }) =>
        client.getHandle(id).signal(next, { number, kind }, { signalId: signalIdOf(number) }),
      ),
    )
    return { signalled: to.length }
  },

  '/count': async (_ask, env) => {
    const client = clientOf(env)
    const [runs, running, hot] = await Promise.all([
      client.count(),
      client.count({ status: 'running' }),
      client.count({ tiers: ['hot'] }),
    ])
    return { runs, running, hot }
  },

  '/archive': async (_ask, env) => {
    await env.ARCHIVER.scheduled({ cron: '*/5 * * * *', scheduledTime: new Date() })
    return {}
  },

  '/read': async ({ ids }, env) => {
    const client = clientOf(env)
    return await Promise.all(ids.map((id) => readRun(client, id)))
  },
}

/** The same table for requests: what they bring is only as sure as the script that sent it. */
const routes: Record<string, ((ask: never, env: Env) => Promise<unknown>) | undefined> = verbs

export default {
  async fetch(request: Request, env: Env): Promise<Response> {
    if (request.method !== 'POST') return new Response('up')
    const route = routes[new URL(request.url).pathname]
    if (!route) return new Response('not found', { status: 404 })
    try {
      return Response.json(await route(await request.json<never>(), env))
    } catch (error) {
      return new Response(error instanceof Error ? error.stack : String(error), { status: 500 })
    }
  },
} satisfies ExportedHandler<Env>

export class Outside extends WorkerEntrypoint<Env> {
  apply(effect: Effect): Promise<void> {
    return this.#tell('/effects', effect)
  }

  changed(positions: Position[]): Promise<void> {
    return this.#tell('/changes', positions)
  }

  async #tell(route: string, body: unknown): Promise<void> {
    const response = await fetch(this.env.SINK + route, { method: 'POST', body: JSON.stringify(body) })
    await response.arrayBuffer()
    if (!response.ok) throw new Error(`the sink answered ${response.status}`)
  }
}

function clientOf(env: Env): WorkflowClient {
  return new WorkflowClient(env.WORKFLOWS)
}

async function readRun(client: WorkflowClient, workflowId: string): Promise<ReadRun> {
  const handle = client.getHandle(workflowId)
  const { status, tier, result } = await handle.describe()
  const read: ReadRun = { workflowId, status, tier, result, events: 0, starts: 0, signals: [] }
  for await (const { type, data } of handle.history()) {
    read.events += 1
    if (type === 'workflow_started') read.starts += 1
    if (type !== 'signal_received') continue
    const { name, signalId } = data as { name: string; signalId: string } // as recorded
    read.signals.push(name === next.name ? signalId : 'child')
  }
  return read
}
