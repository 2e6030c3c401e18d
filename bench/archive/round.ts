/** One namespace of closed runs: made by real workflows, and archived to its end. */
import { loadavg } from 'node:os'
import { cpuMs, rssMiB } from '../process.ts'
import { sum, type Ask, type Order } from './figures.ts'
import { rowsOf } from './orders.ts'
import { rateOf, type Passed } from './report.ts'
import type { Server } from './server.ts'

export interface Filled {
  readonly namespace: string
  readonly orders: readonly Order[]
  readonly lane?: Ask['fill']['lane']
  readonly say: (text: string) => void
}

const ORDERS_AT_ONCE = 1_000
const RSS_EVERY_MS = 50
const MAX_PASSES = 100

/** Fills the namespace and lets the archiver pass until all of it is cold. */
export async function round(
  server: Server,
  { namespace, orders, lane = 'inline', say }: Filled,
): Promise<Passed> {
  const startedAt = Date.now()
  for (let from = 0; from < orders.length; from += ORDERS_AT_ONCE) {
    await server.ask('fill', { namespace, lane, orders: orders.slice(from, from + ORDERS_AT_ONCE) })
  }
  const rows = sum(orders.map(rowsOf))
  say(`archive ${namespace}: ${rows} rows of ${orders.length} runs made in ${Date.now() - startedAt} ms`)
  server.heapPeak()
  const passes: Passed['passes'] = []
  let peakMiB = rssMiB(server.archiver)
  const sampler = setInterval(() => (peakMiB = Math.max(peakMiB, rssMiB(server.archiver))), RSS_EVERY_MS)
  try {
    for (let cold = 0; cold < rows && passes.length < MAX_PASSES;) {
      const pass = await measuredPass(server, namespace)
      passes.push(pass)
      cold += pass.cold.rows
    }
  } finally {
    clearInterval(sampler)
  }
  const [load = 0] = loadavg()
  const peakRssMiB = server.archiver.length === 0 ? null : Math.round(peakMiB)
  const passed = { rows, passes, peakRssMiB, heap: server.heapPeak() }
  requireAll(namespace, passed)
  say(`archive ${namespace}: ${passes.length} passes, ${described(passed)}, load average ${load.toFixed(1)}`)
  return passed
}

async function measuredPass(server: Server, namespace: string): Promise<Passed['passes'][number]> {
  const before = { archiver: cpuMs(server.archiver), engine: cpuMs(server.engine) }
  const pass = await server.ask('pass', { namespace })
  return {
    ...pass,
    archiverCpuMs: cpuMs(server.archiver) - before.archiver,
    engineCpuMs: cpuMs(server.engine) - before.engine,
  }
}

function requireAll(namespace: string, { rows, passes }: Passed): void {
  const warm = sum(passes.map((pass) => pass.warm.rows))
  const cold = sum(passes.map((pass) => pass.cold.rows))
  if (warm !== rows || cold !== rows)
    throw new Error(`${namespace}: of ${rows} rows ${warm} became warm and ${cold} cold`)
  const tooMany = passes.find(({ commits }) => commits.history > 1 || commits.executions > 1)
  if (tooMany) throw new Error(`${namespace}: a pass made ${JSON.stringify(tooMany.commits)} commits`)
}

function described(passed: Passed): string {
  const [warm, cold] = (['warm', 'cold'] as const).map((phase) => Math.round(rateOf(passed, phase)))
  return `hot to warm ${warm} rows/s, warm to cold ${cold} rows/s`
}
