/**
 * Messages to other shards, delivered in order, one call per destination at a time. Rows are deleted only when the
 * receiver says that it has applied them; what fails is tried again at the next tick.
 */
import { PROTOCOL_VERSION, shardName } from '../shared/protocol.ts'
import type { Delivery } from '../shared/delivery.ts'
import type { ShardAddress, ShardApi } from '../shared/protocol.ts'
import { closeGap } from './health/mend.ts'
import { errorFacts, log } from './log.ts'
import type { Shard } from './shard.ts'
import { deleteOutbox } from './store/peers.ts'

const MAX_PER_CALL = 100
/** A deploy and an eviction fail a call once. */
const SUSPICIOUS = 2

interface Line {
  rows: { number: number; delivery: Delivery }[]
  busy: boolean
  /** Calls that failed since the last one that did not. */
  failures: number
}

interface OutboxWorld {
  address(): ShardAddress
  shard(shard: number): ShardApi
  /** Every row for `shard` up to `number` has been applied there. */
  applied(shard: number, number: number): void
  /** A row behind `watermark` is gone: the receiver takes none of those that follow. */
  gap(shard: number, watermark: number): void
}

export function outboxOf(shard: Shard): Outbox {
  return new Outbox({
    address: () => shard.address,
    shard: (number) => shard.config.shard(shardName(shard.address.namespace, number)),
    applied: (peer, number) => deleteOutbox(shard.sql, peer, number),
    gap: (peer, watermark) => void closeGap(shard, peer, watermark),
  })
}

export class Outbox {
  readonly #lines = new Map<number, Line>()
  readonly #world: OutboxWorld

  constructor(world: OutboxWorld) {
    this.#world = world
  }

  get empty(): boolean {
    return this.#lines.size === 0
  }

  add(rows: readonly { shard: number; number: number; delivery: Delivery }[]): void {
    for (const { shard, number, delivery } of rows) {
      const line = this.#lines.get(shard)
      if (line) line.rows.push({ number, delivery })
      else this.#lines.set(shard, { rows: [{ number, delivery }], busy: false, failures: 0 })
    }
  }

  /** Sends what waits; whatever cannot be delivered now stays. */
  flush(): void {
    for (const [shard, line] of this.#lines) if (!line.busy) void this.#deliver(shard, line)
  }

  /** Whether a call to the shard is under way: what it carries may be applied any moment. */
  busy(shard: number): boolean {
    return this.#lines.get(shard)?.busy ?? false
  }

  /** What waits for one shard is numbered anew. */
  replace(shard: number, rows: readonly { shard: number; number: number; delivery: Delivery }[]): void {
    this.#lines.delete(shard)
    this.add(rows.filter((row) => row.shard === shard))
  }

  clear(): void {
    this.#lines.clear()
  }

  async #deliver(shard: number, line: Line): Promise<void> {
    line.busy = true
    try {
      while (line.rows.length > 0 && (await this.#call(shard, line)));
    } catch (error) {
      line.failures += 1
      log('delivery_failed', { shard, waiting: line.rows.length, ...errorFacts(error) })
    } finally {
      line.busy = false
      if (line.rows.length === 0 && this.#lines.get(shard) === line) this.#lines.delete(shard)
    }
  }

  /** False when the receiver took nothing. */
  async #call(shard: number, line: Line): Promise<boolean> {
    const own = this.#world.address()
    const deliveries = line.rows.slice(0, MAX_PER_CALL)
    const again = line.failures >= SUSPICIOUS ? ({ again: true } as const) : {}
    const request = { v: PROTOCOL_VERSION, to: { ...own, shard }, from: own.shard, deliveries, ...again }
    const reply = await this.#world.shard(shard).deliver(request)
    if (!reply.ok) {
      log('delivery_refused', { shard, code: reply.code })
      return false
    }
    const { watermark } = reply.value
    const before = line.rows.length
    line.rows = line.rows.filter((row) => row.number > watermark)
    if (line.rows.length < before) {
      line.failures = 0
      this.#world.applied(shard, watermark)
    }
    const gap = (line.rows[0]?.number ?? 0) > watermark + 1
    if (gap) this.#world.gap(shard, watermark)
    return line.rows.length < before && !gap
  }
}
