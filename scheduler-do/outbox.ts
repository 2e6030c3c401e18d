/**
 * Messages to other shards, delivered in order, one call per destination at a time. Rows are deleted only when the
 * receiver says that it has applied them; what fails is tried again at the next tick. What waits is in rows: memory
 * holds the first of each line, and reads on as these are taken.
 */
import { PROTOCOL_VERSION, shardName } from '../shared/protocol.ts'
import type { Delivery } from '../shared/delivery.ts'
import type { ShardAddress, ShardApi } from '../shared/protocol.ts'
import { closeGap } from './health/mend.ts'
import { errorFacts, log } from './log.ts'
import type { Shard } from './shard.ts'
import { deleteOutbox, outboxPage } from './store/peers.ts'

const MAX_PER_CALL = 100
/** In UTF-16 units of JSON, of all lines together: what is more stays in its rows. */
const MAX_LENGTH = 8 * 1024 * 1024
/** Of the rows that a line reads at once; one row at least. */
const PAGE_LENGTH = 1024 * 1024
/** A deploy and an eviction fail a call once. */
const SUSPICIOUS = 2

/** A message with the length of its JSON. */
export interface Waiting {
  readonly number: number
  readonly delivery: Delivery
  readonly length: number
}

interface Line {
  rows: Waiting[]
  /** Whether there are rows behind the last of these. */
  more: boolean
  busy: boolean
  /** Calls that failed since the last one that did not. */
  failures: number
}

interface OutboxWorld {
  address(): ShardAddress
  shard(shard: number): ShardApi
  /** The first rows for `shard`, up to that length but one at least. */
  rows(shard: number, maxLength: number): Waiting[]
  /** Every row for `shard` up to `number` has been applied there. */
  applied(shard: number, number: number): void
  /** A row behind `watermark` is gone: the receiver takes none of those that follow. */
  gap(shard: number, watermark: number): void
}

export function outboxOf(shard: Shard): Outbox {
  return new Outbox({
    address: () => shard.address,
    shard: (number) => shard.config.shard(shardName(shard.address.namespace, number)),
    rows: (peer, maxLength) => outboxPage(shard.sql, peer, maxLength),
    applied: (peer, number) => deleteOutbox(shard.sql, peer, number),
    gap: (peer, watermark) => void closeGap(shard, peer, watermark),
  })
}

export class Outbox {
  readonly #lines = new Map<number, Line>()
  readonly #world: OutboxWorld
  #length = 0

  constructor(world: OutboxWorld) {
    this.#world = world
  }

  get empty(): boolean {
    return this.#lines.size === 0
  }

  /** Rows that have been committed, in order. */
  add(rows: readonly (Waiting & { shard: number })[]): void {
    for (const { shard, ...row } of rows) {
      const line = this.#lines.get(shard) ?? this.#begin(shard, false)
      line.more ||= this.#length + row.length > MAX_LENGTH
      if (!line.more) this.#hold(line, [row])
    }
  }

  /** Shards for which there are rows, and nothing in memory yet. */
  recover(shards: readonly number[]): void {
    for (const shard of shards) this.#begin(shard, true)
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
  replace(shard: number): void {
    const line = this.#lines.get(shard)
    if (line) this.#release(line, line.rows)
    this.#begin(shard, true)
  }

  clear(): void {
    this.#lines.clear()
    this.#length = 0
  }

  #begin(shard: number, more: boolean): Line {
    const line = { rows: [], more, busy: false, failures: 0 }
    this.#lines.set(shard, line)
    return line
  }

  #hold(line: Line, rows: readonly Waiting[]): void {
    line.rows.push(...rows)
    this.#length += lengthOf(rows)
  }

  #release(line: Line, rows: readonly Waiting[]): void {
    const gone = new Set(rows)
    line.rows = line.rows.filter((row) => !gone.has(row))
    this.#length -= lengthOf(rows)
  }

  async #deliver(shard: number, line: Line): Promise<void> {
    line.busy = true
    try {
      while (this.#filled(shard, line) && (await this.#call(shard, line)));
    } catch (error) {
      line.failures += 1
      log('delivery_failed', { shard, waiting: line.rows.length, ...errorFacts(error) })
    } finally {
      line.busy = false
      if (line.rows.length === 0 && !line.more && this.#lines.get(shard) === line) this.#lines.delete(shard)
    }
  }

  /** Whether something waits. */
  #filled(shard: number, line: Line): boolean {
    if (line.rows.length > 0 || !line.more) return line.rows.length > 0
    this.#hold(line, this.#world.rows(shard, PAGE_LENGTH))
    line.more = line.rows.length > 0
    return line.more
  }

  /** False when the receiver took nothing. */
  async #call(shard: number, line: Line): Promise<boolean> {
    const own = this.#world.address()
    const deliveries = line.rows.slice(0, MAX_PER_CALL).map(({ number, delivery }) => ({ number, delivery }))
    const again = line.failures >= SUSPICIOUS ? ({ again: true } as const) : {}
    const request = { v: PROTOCOL_VERSION, to: { ...own, shard }, from: own.shard, deliveries, ...again }
    const reply = await this.#world.shard(shard).deliver(request)
    if (!reply.ok) {
      log('delivery_refused', { shard, code: reply.code })
      return false
    }
    const { watermark } = reply.value
    const applied = line.rows.filter((row) => row.number <= watermark)
    this.#release(line, applied)
    if (applied.length > 0) {
      line.failures = 0
      this.#world.applied(shard, watermark)
    }
    const gap = (line.rows[0]?.number ?? 0) > watermark + 1
    if (gap) this.#world.gap(shard, watermark)
    return applied.length > 0 && !gap
  }
}

function lengthOf(rows: readonly Waiting[]): number {
  return rows.reduce((sum, { length }) => sum + length, 0)
}
