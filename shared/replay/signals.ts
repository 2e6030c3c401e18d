/** The inbox of a run: signals wait here in order of arrival until code asks for them by name. */
import type { Payload } from '../payload.ts'

export interface ReceivedSignal {
  readonly signalId: string
  readonly name: string
  /** As recorded. */
  readonly payload: Payload
  /** What the code sees. */
  readonly content: Payload
  readonly at: number
}

export interface SignalWaiter {
  readonly name: string
  receive(signal: ReceivedSignal): void
}

export class SignalInbox {
  readonly #unread = new Map<string, ReceivedSignal[]>()
  readonly #waiters = new Map<string, SignalWaiter[]>()
  readonly #handlers = new Map<string, (signal: ReceivedSignal) => void>()

  /** Hands the signal to whoever has waited longest for its name, else to its handler, or keeps it. */
  deliver(signal: ReceivedSignal): void {
    const { name } = signal
    const waiter = this.#waiters.get(name)?.shift()
    const handler = this.#handlers.get(name)
    if (waiter) waiter.receive(signal)
    else if (handler) handler(signal)
    else push(this.#unread, name, signal)
  }

  /** `handler` takes what is unread of that name, in order, and what comes when nobody waits for it. */
  handle(name: string, handler: (signal: ReceivedSignal) => void): void {
    this.#handlers.set(name, handler)
    for (let signal = this.take(name); signal; signal = this.take(name)) handler(signal)
  }

  /** The oldest unread signal of that name, taken out of the inbox. */
  take(name: string): ReceivedSignal | undefined {
    return this.#unread.get(name)?.shift()
  }

  wait(waiter: SignalWaiter): void {
    push(this.#waiters, waiter.name, waiter)
  }

  forget(waiter: SignalWaiter): void {
    const waiters = this.#waiters.get(waiter.name)
    const index = waiters?.indexOf(waiter) ?? -1
    if (index >= 0) waiters?.splice(index, 1)
  }

  unread(): ReceivedSignal[] {
    return this.#unread.size === 0 ? [] : [...this.#unread.values()].flat()
  }
}

function push<T>(lists: Map<string, T[]>, name: string, item: T): void {
  const list = lists.get(name)
  if (list) list.push(item)
  else lists.set(name, [item])
}
