/** The clock and the timers of whoever waits, as they are given to it: in a test environment both are the test's. */
export interface Time {
  /** Epoch milliseconds. */
  now(): number
  /** Calls `then` once, `ms` from now; what it gives takes that back. */
  after(ms: number, then: () => void): () => void
}

export const realTime: Time = {
  now: () => Date.now(),
  after: (ms, then) => {
    const timer = setTimeout(then, ms)
    return () => clearTimeout(timer)
  },
}

/** Resolves after `ms`, or as soon as `signal` is aborted. */
export function pause(time: Time, ms: number, signal?: AbortSignal): Promise<void> {
  if (signal?.aborted) return Promise.resolve()
  return new Promise((resolve) => {
    const end = (): void => {
      cancel()
      signal?.removeEventListener('abort', end)
      resolve()
    }
    const cancel = time.after(ms, end)
    signal?.addEventListener('abort', end, { once: true })
  })
}

/** Resolves when `done` does, or after `ms`. */
export async function within(time: Time, ms: number, done: Promise<unknown>): Promise<void> {
  const over = new AbortController()
  await Promise.race([done, pause(time, ms, over.signal)])
  over.abort()
}
