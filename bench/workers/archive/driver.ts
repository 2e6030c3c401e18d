/** Fills shards with closed runs, lets the archiver pass, and reads what it archived. */
import { DurableObject } from 'cloudflare:workers'
import type { ArchiveReader } from '../../../shared/archive-reader.ts'
import { WorkflowClient } from '../../../shared/index.ts'
import type { Answer, Ask, Order } from '../../archive/figures.ts'
import type { Bench } from './archiver.ts'
import { purchase } from './purchase.ts'

interface Env {
  DRIVER: DurableObjectNamespace<Driver>
  SCHEDULER: DurableObjectNamespace
  ARCHIVER: Service<Bench>
  ARCHIVE_SERVICE: ArchiveReader
}

const CONCURRENCY = 200
const FROM_START = { fromEvent: 1, maxBytes: 4 * 1024 * 1024 }

export class Driver extends DurableObject<Env> {
  async fill({ namespace, lane, orders }: Ask['fill']): Promise<Answer['fill']> {
    const client = this.#client(namespace)
    const startedAt = Date.now()
    let next = 0
    const work = async (): Promise<void> => {
      for (let order = orders[next++]; order !== undefined; order = orders[next++]) {
        await client.execute(purchase, { workflowId: order.id, input: { lane, order } })
      }
    }
    await Promise.all(Array.from({ length: CONCURRENCY }, work))
    // Of each run: its start and its end, and a beginning and an end of each step.
    const rows = orders.reduce((sum, { lines }) => sum + 2 + 2 * (lines.length + 1), 0)
    return { rows, wallMs: Date.now() - startedAt }
  }

  async load({ namespace, forMs, orders }: Ask['load']): Promise<Answer['load']> {
    const client = this.#client(namespace)
    const startedAt = Date.now()
    const samplesMs: number[] = []
    const failures: string[] = []
    const work = async (order: Order, at: number): Promise<void> => {
      await scheduler.wait(Math.max(0, at - Date.now()))
      try {
        await client.execute(purchase, { workflowId: order.id, input: { lane: 'queue', order } })
        samplesMs.push(Date.now() - at)
      } catch (error) {
        failures.push(String(error))
      }
    }
    await Promise.all(orders.map((order, n) => work(order, startedAt + (n * forMs) / orders.length)))
    return { samplesMs, failures }
  }

  async pass({ namespace }: Ask['pass']): Promise<Answer['pass']> {
    return await this.env.ARCHIVER.pass(namespace)
  }

  async read(ask: Ask['read']): Promise<Answer['read']> {
    const read = ask.tier === 'warm' ? this.#warm(ask.namespace) : await this.#cold(ask)
    const samplesMs: number[] = []
    let events = 0
    const before = await this.env.ARCHIVER.gets()
    for (let time = 0; time < ask.times; time += 1) {
      for (const workflowId of ask.workflowIds) {
        const at = Date.now()
        events += await read(workflowId)
        samplesMs.push(Date.now() - at)
      }
    }
    return { samplesMs, events, gets: (await this.env.ARCHIVER.gets()) - before }
  }

  /** The way of any caller: client, shard, archiver, R2. */
  #warm(namespace: string): (workflowId: string) => Promise<number> {
    const client = this.#client(namespace)
    return async (workflowId) => {
      let events = 0
      for await (const event of client.getHandle(workflowId).history()) events = event.eventId
      return events
    }
  }

  /** What the shard asks of the archiver when a warm object is gone. */
  async #cold({ namespace, workflowIds }: Ask['read']): Promise<(workflowId: string) => Promise<number>> {
    const client = this.#client(namespace)
    const runs = new Map(
      await Promise.all(
        workflowIds.map(async (workflowId) => [workflowId, await client.describe(workflowId)] as const),
      ),
    )
    return async (workflowId) => {
      const info = runs.get(workflowId)
      if (info?.completedAt === undefined) throw new Error(`${workflowId} is not closed`)
      const { runId, historyEvents: historyLength } = info
      const closedAt = info.completedAt.getTime()
      const run = { namespace, workflowId, runId, closedAt, historyLength }
      const { events } = await this.env.ARCHIVE_SERVICE.readRun({ ...run, ...FROM_START })
      return (JSON.parse(new TextDecoder().decode(events)) as unknown[]).length // an array of events
    }
  }

  #client(namespace: string): WorkflowClient {
    return new WorkflowClient(this.env.SCHEDULER, { namespace })
  }
}

export default {
  async fetch(request: Request, env: Env): Promise<Response> {
    if (request.method !== 'POST') return new Response('up')
    const driver = env.DRIVER.getByName('driver')
    try {
      const { pathname } = new URL(request.url)
      if (pathname === '/fill') return Response.json(await driver.fill(await request.json<Ask['fill']>()))
      if (pathname === '/load') return Response.json(await driver.load(await request.json<Ask['load']>()))
      if (pathname === '/pass') return Response.json(await driver.pass(await request.json<Ask['pass']>()))
      return Response.json(await driver.read(await request.json<Ask['read']>()))
    } catch (error) {
      const text = error instanceof Error ? (error.stack ?? error.message) : String(error)
      return new Response(text, { status: 500 })
    }
  },
}
