/**
 * Live runs kept in memory, bounded by bytes over everything in the isolate: all Durable Objects of a process may
 * share one. An entry may be dropped at any moment; replay brings it back.
 */
interface Entry<T> {
  readonly value: T
  bytes: number
  /** Pinned entries have work in flight that only memory knows. */
  pinned: boolean
}

/** Shared by every cache of an isolate. */
export class MemoryBudget {
  readonly limit: number
  used = 0
  /** Of what is used: by entries that cannot be dropped. */
  pinned = 0
  readonly #owners = new Map<string, Account>()

  constructor(limit: number) {
    this.limit = limit
  }

  /** An object that wakes again in this isolate has lost what it held here before: nobody tells it when it is lost. */
  take(owner: string, account: Account): void {
    const before = this.#owners.get(owner)
    if (before === account) return
    before?.close()
    this.#owners.set(owner, account)
  }
}

/** What one cache takes of the budget. */
class Account {
  readonly #budget: MemoryBudget
  #used = 0
  #pinned = 0
  #open = true

  constructor(budget: MemoryBudget) {
    this.#budget = budget
  }

  add(used: number, pinned: number): void {
    this.#used += used
    this.#pinned += pinned
    if (!this.#open) return
    this.#budget.used += used
    this.#budget.pinned += pinned
  }

  close(): void {
    this.#budget.used -= this.#used
    this.#budget.pinned -= this.#pinned
    this.#open = false
  }
}

export class LiveCache<T> {
  readonly #entries = new Map<string, Entry<T>>()
  readonly #budget: MemoryBudget
  readonly #account: Account

  constructor(budget: MemoryBudget) {
    this.#budget = budget
    this.#account = new Account(budget)
  }

  /** Names the object that it belongs to, which has one cache at a time. */
  belongTo(owner: string): void {
    this.#budget.take(owner, this.#account)
  }

  get size(): number {
    return this.#entries.size
  }

  /** Whether what cannot be dropped takes all of the isolate's budget. */
  get overfull(): boolean {
    return this.#budget.pinned > this.#budget.limit
  }

  /** The entry, moved to the young end. */
  get(key: string): T | undefined {
    const entry = this.#entries.get(key)
    if (!entry) return undefined
    this.#entries.delete(key)
    this.#entries.set(key, entry)
    return entry.value
  }

  peek(key: string): T | undefined {
    return this.#entries.get(key)?.value
  }

  set(key: string, value: T, bytes: number): void {
    this.delete(key)
    this.#entries.set(key, { value, bytes, pinned: false })
    this.#account.add(bytes, 0)
  }

  update(key: string, change: { bytes: number; pinned: boolean }): void {
    const entry = this.#entries.get(key)
    if (!entry) return
    this.#account.add(change.bytes - entry.bytes, pinnedBytes(change) - pinnedBytes(entry))
    entry.bytes = change.bytes
    entry.pinned = change.pinned
  }

  delete(key: string): void {
    const entry = this.#entries.get(key)
    if (!entry) return
    this.#entries.delete(key)
    this.#account.add(-entry.bytes, -pinnedBytes(entry))
  }

  /** Drops the oldest unpinned entries while the isolate is over its budget. */
  trim(): void {
    if (this.#budget.used <= this.#budget.limit) return
    for (const [key, entry] of this.#entries) {
      if (this.#budget.used <= this.#budget.limit) return
      if (!entry.pinned) this.delete(key)
    }
  }

  values(): T[] {
    return Array.from(this.#entries.values(), (entry) => entry.value)
  }

  clear(): void {
    for (const key of this.#entries.keys()) this.delete(key)
  }
}

function pinnedBytes({ bytes, pinned }: { bytes: number; pinned: boolean }): number {
  return pinned ? bytes : 0
}
