/**
 * The outside world of the example: an HTTP service that keeps the stock, and that is not always well. A share of
 * its calls fails, half of them before the work and half after it, when the answer is lost but the stock is taken:
 * the caller must repeat, and the repetition must not count twice.
 */
import murmurhash from 'murmurhash'
import type { Address } from './order.ts'
import type { Line, StockLevel, Warehouse, WarehouseReply } from './warehouse.ts'

export { Warehouse } from './warehouse.ts'

interface Env {
  WAREHOUSE: DurableObjectNamespace<Warehouse>
  /** Of a hundred calls, how many fail. */
  FAIL_PERCENT: string
}

export default {
  async fetch(request: Request, env: Env): Promise<Response> {
    const warehouse = env.WAREHOUSE.get(env.WAREHOUSE.idFromName('main'))
    const { pathname, searchParams } = new URL(request.url)
    const orders = searchParams.get('orders') ?? ''
    switch (`${request.method} ${pathname}`) {
      case 'POST /days':
        return Response.json({ day: await warehouse.openDay(await request.json<StockLevel[]>()) })
      case 'GET /stock':
        return Response.json(await warehouse.stock(orders))
      case 'GET /lines':
        return Response.json({ taken: await warehouse.linesTaken(orders) })
      default:
        return withFaults(request, Number(env.FAIL_PERCENT), () => change(warehouse, pathname, request))
    }
  },
} satisfies ExportedHandler<Env>

type WarehouseStub = DurableObjectStub<Warehouse>

async function change(warehouse: WarehouseStub, pathname: string, request: Request): Promise<Response> {
  const key = request.headers.get('idempotency-key')
  if (request.method !== 'POST' || !key) return new Response('not found', { status: 404 })
  const body = await request.json<Line & { address: Address }>()
  switch (pathname) {
    case '/reserve':
      return answer(await warehouse.reserve(key, body))
    case '/release':
      return answer(await warehouse.release(key, body.orderId))
    case '/ship':
      return answer(await warehouse.ship(key, body))
    default:
      return new Response('not found', { status: 404 })
  }
}

function answer(reply: WarehouseReply): Response {
  return Response.json(reply, { status: reply.ok ? 200 : 409 })
}

/** Whether a call fails depends on its key and attempt alone, so a bad one is bad again when it is replayed. */
async function withFaults(
  request: Request,
  percent: number,
  work: () => Promise<Response>,
): Promise<Response> {
  const dice = murmurhash.v3(`${request.headers.get('idempotency-key')}#${request.headers.get('attempt')}`)
  if (dice % 100 >= percent) return work()
  const afterwards = (dice >>> 8) % 2 === 1
  if (afterwards) await work()
  return new Response(afterwards ? 'answer lost' : 'overloaded', { status: 503 })
}
