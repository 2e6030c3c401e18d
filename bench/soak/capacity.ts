/** How many runs a second are started, worked off and archived, when as many as possible are. */
import { drawnOrders } from '../archive/orders.ts'
import type { Server } from '../archive/server.ts'
import { taken } from './orders.ts'

const ROUND_ORDERS = 500
const MEASURED_MS = 8_000

export async function capacityOf(server: Server, say: (text: string) => void): Promise<number> {
  const orders = drawnOrders('capacity', 1)
  const round = async (): Promise<void> => {
    await server.ask('fill', { namespace: 'capacity', lane: 'queue', orders: taken(orders, ROUND_ORDERS) })
    await server.ask('pass', { namespace: 'capacity' })
  }
  await round() // V8 compiles what turns out to be hot
  const startedAt = performance.now()
  let rounds = 0
  for (; performance.now() - startedAt < MEASURED_MS; rounds += 1) await round()
  const perSecond = (rounds * ROUND_ORDERS * 1000) / (performance.now() - startedAt)
  say(`capacity: ${Math.round(perSecond)} runs/s, archiving included`)
  return perSecond
}
