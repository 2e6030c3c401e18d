/**
 * The next moment something is due, per key. Rebuilt at a wake. Attempts of activities stand in a line per task queue, and
 * everything else in one of its own: however much of one line is due, the others are served beside it.
 */
import { Heap } from './heap.ts'

interface Due {
  readonly key: string
  readonly at: number
}

export class Deadlines {
  readonly #runs = newLine()
  readonly #attempts = new Map<string, Heap<Due>>()

  get earliest(): number {
    let earliest = this.#runs.first?.at ?? Infinity
    for (const line of this.#attempts.values()) earliest = Math.min(earliest, line.first?.at ?? Infinity)
    return earliest
  }

  get size(): number {
    let { size } = this.#runs
    for (const line of this.#attempts.values()) size += line.size
    return size
  }

  /** When it is due; undefined when it never is. Not of attempts. */
  at(key: string): number | undefined {
    return this.#runs.get(key)?.at
  }

  /** Infinity removes the key. `taskQueue` of an attempt, and always the same. */
  set(key: string, at: number, taskQueue?: string): void {
    const line = this.#line(taskQueue)
    if (at === Infinity) line.delete(key)
    else line.set({ key, at })
  }

  delete(key: string, taskQueue?: string): void {
    this.#line(taskQueue).delete(key)
  }

  /** Up to `most` keys that are due at `now`, taken out, in the order of their time: every line's share of them. */
  takeDue(now: number, most: number): string[] {
    const taken: Due[] = []
    const take = (line: Heap<Due>): boolean => {
      if (taken.length === most || (line.first?.at ?? Infinity) > now) return false
      const due = line.shift()
      if (due) taken.push(due)
      return true
    }
    let lines = [...this.#attempts.values()]
    do {
      // Timers take turns with each task queue.
      lines = lines.filter((line) => {
        take(this.#runs)
        return take(line)
      })
    } while (lines.length > 0)
    while (take(this.#runs));
    return taken.toSorted(byTime).map(({ key }) => key)
  }

  clear(): void {
    this.#runs.clear()
    for (const line of this.#attempts.values()) line.clear()
  }

  #line(taskQueue: string | undefined): Heap<Due> {
    if (taskQueue === undefined) return this.#runs
    const line = this.#attempts.get(taskQueue) ?? newLine()
    this.#attempts.set(taskQueue, line)
    return line
  }
}

function newLine(): Heap<Due> {
  return new Heap(byTime)
}

function byTime(one: Due, other: Due): number {
  return one.at - other.at
}
