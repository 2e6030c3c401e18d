/** What a simulating process tells of its seeds, a line of JSON each, and what it all comes to. */

export interface SeedReport {
  readonly seed: number
  /** Null: everything held. */
  readonly failure: string | null
  readonly steps: number
  readonly faults: Readonly<Record<string, number>>
  /** Places at which something was lost, and how often. */
  readonly crashPoints: Readonly<Record<string, number>>
  /** Of all that happened, in order. */
  readonly hash: string
  readonly ms: number
  /** The shortest story that still fails: what happens in it, and the arguments that repeat it. */
  readonly shortest?: {
    readonly failure: string
    readonly actions: readonly string[]
    readonly command: string
  }
}

export interface Totals {
  seeds: number
  passed: number
  failed: number
  steps: number
  faults: number
  crashPoints: number
}

export class Tally {
  readonly faults = new Map<string, number>()
  readonly crashPoints = new Map<string, number>()
  readonly #reports: SeedReport[] = []

  add(report: SeedReport): void {
    this.#reports.push(report)
    addAll(this.faults, report.faults)
    addAll(this.crashPoints, report.crashPoints)
  }

  get totals(): Totals {
    const failed = this.#reports.filter(({ failure }) => failure !== null).length
    return {
      seeds: this.#reports.length,
      passed: this.#reports.length - failed,
      failed,
      steps: sum(this.#reports.map(({ steps }) => steps)),
      faults: sum(this.faults.values()),
      crashPoints: this.crashPoints.size,
    }
  }
}

function addAll(to: Map<string, number>, counts: Readonly<Record<string, number>>): void {
  for (const [name, count] of Object.entries(counts)) to.set(name, (to.get(name) ?? 0) + count)
}

function sum(numbers: Iterable<number>): number {
  let total = 0
  for (const number of numbers) total += number
  return total
}
