/**
 * The stock book of the example, in the SQLite of one Durable Object.
 *
 * W1 Per product, `received = available + held + shipped`; held and shipped are sums over `lines`.
 * W2 A call with a key seen before changes nothing and answers what it answered then.
 * W3 An order that was released or shipped holds nothing ever again: a late reservation is refused.
 */
import { DurableObject } from 'cloudflare:workers'
import type { Address, StockRow } from './order.ts'

export interface StockLevel {
  sku: string
  quantity: number
}

export interface Line extends StockLevel {
  orderId: string
}

export type WarehouseReply =
  | { ok: true; trackingNumber?: string }
  | { ok: false; code: 'out_of_stock' | 'order_closed'; message: string }

export class Warehouse extends DurableObject {
  private readonly sql = this.ctx.storage.sql

  constructor(ctx: DurableObjectState, env: Cloudflare.Env) {
    super(ctx, env)
    for (const statement of SCHEMA) this.sql.exec(statement)
  }

  /** Opens a trading day with exactly these quantities on the shelves; answers its number. */
  openDay(levels: readonly StockLevel[]): number {
    return this.ctx.storage.transactionSync(() => {
      for (const { sku, quantity } of levels) this.sql.exec(STOCKTAKE, sku, quantity)
      return this.sql.exec<{ day: number }>('INSERT INTO days DEFAULT VALUES RETURNING day').one().day
    })
  }

  reserve(key: string, line: Line): WarehouseReply {
    return this.once(key, () => this.take(key, line))
  }

  release(key: string, orderId: string): WarehouseReply {
    return this.once(key, () => this.putBack(orderId))
  }

  ship(key: string, parcel: { orderId: string; address: Address }): WarehouseReply {
    return this.once(key, () => this.sendOff(parcel.orderId, parcel.address))
  }

  /** The whole book; `…Now` counts the orders whose id starts with `orders`. */
  stock(orders: string): StockRow[] {
    return this.sql.exec<StockRow & Record<string, SqlStorageValue>>(BOOK, orders).toArray()
  }

  /** Lines that the orders whose id starts with `orders` hold or have shipped. */
  linesTaken(orders: string): number {
    return this.sql.exec<{ taken: number }>(LINES_TAKEN, orders).one().taken
  }

  private once(key: string, work: () => WarehouseReply): WarehouseReply {
    return this.ctx.storage.transactionSync(() => {
      const [before] = this.sql.exec<{ reply: string }>('SELECT reply FROM calls WHERE key = ?', key)
      if (before) return JSON.parse(before.reply)
      const reply = work()
      this.sql.exec('INSERT INTO calls VALUES (?, ?)', key, JSON.stringify(reply))
      return reply
    })
  }

  private take(key: string, { orderId, sku, quantity }: Line): WarehouseReply {
    if (this.stateOf(orderId) !== 'open') return refused('order_closed', `order ${orderId} is closed`)
    const { rowsWritten } = this.sql.exec(TAKE, quantity, sku, quantity)
    if (rowsWritten === 0) return refused('out_of_stock', `fewer than ${quantity} of ${sku} are left`)
    this.sql.exec("INSERT INTO lines VALUES (?, ?, ?, ?, 'held')", key, orderId, sku, quantity)
    return { ok: true }
  }

  private putBack(orderId: string): WarehouseReply {
    if (this.stateOf(orderId) === 'shipped') return refused('order_closed', `order ${orderId} has left`)
    this.sql.exec(PUT_BACK, orderId)
    this.sql.exec("UPDATE lines SET state = 'released' WHERE order_id = ? AND state = 'held'", orderId)
    this.close(orderId, 'released')
    return { ok: true }
  }

  private sendOff(orderId: string, { country }: Address): WarehouseReply {
    if (this.stateOf(orderId) !== 'open') return refused('order_closed', `order ${orderId} is closed`)
    this.sql.exec("UPDATE lines SET state = 'shipped' WHERE order_id = ? AND state = 'held'", orderId)
    this.close(orderId, 'shipped')
    return { ok: true, trackingNumber: `${country.slice(0, 2).toUpperCase()}-${orderId}` }
  }

  private stateOf(orderId: string): 'open' | 'released' | 'shipped' {
    const [row] = this.sql.exec<{ state: 'released' | 'shipped' }>(
      'SELECT state FROM closed_orders WHERE order_id = ?',
      orderId,
    )
    return row?.state ?? 'open'
  }

  private close(orderId: string, state: 'released' | 'shipped'): void {
    this.sql.exec('INSERT OR REPLACE INTO closed_orders VALUES (?, ?)', orderId, state)
  }
}

function refused(code: 'out_of_stock' | 'order_closed', message: string): WarehouseReply {
  return { ok: false, code, message }
}

const SCHEMA = [
  `CREATE TABLE IF NOT EXISTS products (sku TEXT PRIMARY KEY, received INTEGER NOT NULL,
    available INTEGER NOT NULL CHECK (available >= 0)) WITHOUT ROWID`,
  `CREATE TABLE IF NOT EXISTS lines (key TEXT PRIMARY KEY, order_id TEXT NOT NULL, sku TEXT NOT NULL,
    quantity INTEGER NOT NULL, state TEXT NOT NULL) WITHOUT ROWID`,
  'CREATE INDEX IF NOT EXISTS lines_of_order ON lines (order_id)',
  'CREATE TABLE IF NOT EXISTS closed_orders (order_id TEXT PRIMARY KEY, state TEXT NOT NULL) WITHOUT ROWID',
  'CREATE TABLE IF NOT EXISTS calls (key TEXT PRIMARY KEY, reply TEXT NOT NULL) WITHOUT ROWID',
  'CREATE TABLE IF NOT EXISTS days (day INTEGER PRIMARY KEY AUTOINCREMENT)',
]

const STOCKTAKE = `INSERT INTO products (sku, received, available) VALUES (?1, ?2, ?2)
  ON CONFLICT (sku) DO UPDATE SET received = received + excluded.available - available, available = excluded.available`

const TAKE = 'UPDATE products SET available = available - ? WHERE sku = ? AND available >= ?'

const PUT_BACK = `UPDATE products SET available = available + held.quantity
  FROM (SELECT sku, sum(quantity) AS quantity FROM lines WHERE order_id = ? AND state = 'held' GROUP BY sku) AS held
  WHERE products.sku = held.sku`

const BOOK = `SELECT sku, received, available,
    coalesce(sum(quantity) FILTER (WHERE state = 'held'), 0) AS held,
    coalesce(sum(quantity) FILTER (WHERE state = 'shipped'), 0) AS shipped,
    coalesce(sum(quantity) FILTER (WHERE state = 'held' AND substr(order_id, 1, length(?1)) = ?1), 0) AS heldNow,
    coalesce(sum(quantity) FILTER (WHERE state = 'shipped' AND substr(order_id, 1, length(?1)) = ?1), 0) AS shippedNow
  FROM products LEFT JOIN lines USING (sku) GROUP BY sku ORDER BY sku`

const LINES_TAKEN = `SELECT count(*) AS taken FROM lines
  WHERE state <> 'released' AND substr(order_id, 1, length(?1)) = ?1`
