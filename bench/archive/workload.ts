/**
 * `npm run bench -- archive`: how fast closed runs leave the shards for R2 and for the Iceberg tables, what that takes of
 * memory, and how fast they are read again. Real workflows fill real shards; the passes are the archiver's own.
 */
import { rssMiB } from '../process.ts'
import { bundleBytes } from './bundle.ts'
import type { Answer, Order } from './figures.ts'
import { demoOrders, drawnOrders, rowsOf } from './orders.ts'
import { costs, rates, reads, type ArchiveResult, type Passed } from './report.ts'
import { round } from './round.ts'
import { startServer, type Layout, type Server } from './server.ts'

interface Asked {
  readonly quick: boolean
  readonly until: AbortSignal
  readonly say: (text: string) => void
}

interface Plan {
  readonly rounds: number
  readonly roundRows: number
  /** All closed before the first pass over them. */
  readonly backlogRows: number
  /** How many times the demo's invoices are ordered. */
  readonly demoTimes: number
}

const PLAN: Plan = { rounds: 5, roundRows: 100_000, backlogRows: 1_000_000, demoTimes: 40 }
const QUICK: Plan = { rounds: 1, roundRows: 20_000, backlogRows: 50_000, demoTimes: 4 }

export async function archiveWorkload(asked: Asked): Promise<ArchiveResult[]> {
  const plan = asked.quick ? QUICK : PLAN
  return [
    ...(await served(asked, { apart: false, traced: false }, async (server) => [
      ...(await speed(server, plan, asked.say)),
      ...(await reading(server, plan, asked.say)),
    ])),
    ...(await served(asked, { apart: true, traced: true }, (server) => memory(server, plan, asked.say))),
    { workload: 'archive', of: 'archiver', gzipBytes: await bundleBytes() },
  ]
}

async function served<T>(
  { until }: Asked,
  layout: Layout,
  measure: (server: Server) => Promise<T>,
): Promise<T> {
  const server = await startServer(until, layout)
  try {
    return await measure(server)
  } finally {
    await server.stop()
  }
}

async function speed(server: Server, plan: Plan, say: Asked['say']): Promise<ArchiveResult[]> {
  // V8 compiles what turns out to be hot.
  await round(server, { namespace: 'warm-up', orders: drawn('warm-up', plan.roundRows), say })
  const rounds: Passed[] = []
  for (let n = 1; n <= plan.rounds; n += 1) {
    const namespace = `round-${n}`
    rounds.push(await round(server, { namespace, orders: drawn(namespace, plan.roundRows), say }))
  }
  return [rates('hot to warm', rounds, 'warm'), rates('warm to cold', rounds, 'cold')]
}

async function memory(server: Server, plan: Plan, say: Asked['say']): Promise<ArchiveResult[]> {
  const idle = rssMiB(server.archiver)
  const backlog = await round(server, {
    namespace: 'backlog',
    orders: drawn('backlog', plan.backlogRows),
    say,
  })
  // Through the queue: its events are those of activities, as the demo's are.
  const orders = demoOrders('demo', plan.demoTimes)
  const demo = await round(server, { namespace: 'demo', orders, lane: 'queue', say })
  return [
    rates('backlog, hot to warm', [backlog], 'warm'),
    rates('backlog, warm to cold', [backlog], 'cold'),
    { ...costs('backlog, costs', backlog), idleRssMiB: Math.round(idle) },
    costs('orders of the demo, costs', demo),
  ]
}

async function reading(server: Server, plan: Plan, say: Asked['say']): Promise<ArchiveResult[]> {
  const orders = drawn('reads', plan.roundRows)
  await round(server, { namespace: 'reads', orders, say })
  const workflowIds = orders.filter((order) => rowsOf(order) === 20).map(({ id }) => id)
  return [
    reads('warm read', await measuredReads(server, 'warm', workflowIds)),
    reads('cold read', await measuredReads(server, 'cold', workflowIds)),
  ]
}

function drawn(name: string, rows: number): Order[] {
  const orders: Order[] = []
  let made = 0
  for (const order of drawnOrders(name, name.length)) {
    orders.push(order)
    made += rowsOf(order)
    if (made >= rows) break
  }
  return orders
}

const READS = 400

async function measuredReads(
  server: Server,
  tier: 'warm' | 'cold',
  workflowIds: readonly string[],
): Promise<Answer['read']> {
  const some = workflowIds.slice(0, READS)
  const ask = { namespace: 'reads', workflowIds: some, tier }
  await server.ask('read', { ...ask, times: 1 })
  return await server.ask('read', { ...ask, times: Math.ceil(READS / some.length) })
}
