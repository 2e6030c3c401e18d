import { describe, expect, test } from 'vitest'
import { Deadlines } from '../../scheduler-do/deadlines.ts'
import { seeded } from '../conformance/world.ts'

/** The same answers from a plain list, sorted anew each time. */
class Sorted {
  readonly #entries = new Map<string, number>()

  get earliest(): number {
    return Math.min(Infinity, ...this.#entries.values())
  }

  get size(): number {
    return this.#entries.size
  }

  set(key: string, at: number): void {
    if (at === Infinity) this.#entries.delete(key)
    else this.#entries.set(key, at)
  }

  delete(key: string): void {
    this.#entries.delete(key)
  }

  /** The moments of the keys that are due; those of one moment come in any order. */
  due(now: number): [string, number][] {
    return [...this.#entries].filter(([, at]) => at <= now).toSorted((one, other) => one[1] - other[1])
  }
}

describe('deadlines', () => {
  test('are taken earliest first, up to now and no more than asked for', () => {
    const deadlines = new Deadlines()
    for (const [key, at] of Object.entries({ c: 30, a: 10, b: 20, d: 40 })) deadlines.set(key, at)
    expect(deadlines.earliest).toBe(10)
    expect(deadlines.takeDue(30, 2)).toEqual(['a', 'b'])
    expect(deadlines.takeDue(35, 9)).toEqual(['c'])
    expect(deadlines.takeDue(35, 9)).toEqual([])
    expect([deadlines.earliest, deadlines.size]).toEqual([40, 1])
  })

  test('have one entry a key: it moves, and goes with Infinity', () => {
    const deadlines = new Deadlines()
    deadlines.set('a', 10)
    deadlines.set('b', 20)
    deadlines.set('a', 30)
    expect([deadlines.earliest, deadlines.size]).toEqual([20, 2])
    deadlines.set('b', Infinity)
    deadlines.set('nobody', Infinity)
    deadlines.delete('nobody')
    expect([deadlines.earliest, deadlines.size]).toEqual([30, 1])
    deadlines.clear()
    expect([deadlines.earliest, deadlines.takeDue(99, 9)]).toEqual([Infinity, []])
  })

  test.each(Array.from({ length: 40 }, (_, seed) => seed))(
    'answer as a sorted list does: seed %i',
    (seed) => {
      const draw = seeded(seed)
      const deadlines = new Deadlines()
      const model = new Sorted()
      const answers: [unknown, unknown][] = []
      for (let step = 0; step < 800; step += 1) {
        const key = `k${Math.floor(draw() * 60)}`
        const choice = draw()
        if (choice < 0.65) {
          const at = draw() < 0.05 ? Infinity : Math.floor(draw() * 100)
          deadlines.set(key, at)
          model.set(key, at)
        } else if (choice < 0.9) {
          deadlines.delete(key)
          model.delete(key)
        } else {
          const now = Math.floor(draw() * 40)
          const due = model.due(now)
          const taken = deadlines.takeDue(now, Math.floor(draw() * 10))
          const moments = new Map(due)
          answers.push([taken.map((one) => moments.get(one)), due.slice(0, taken.length).map(([, at]) => at)])
          for (const one of taken) model.delete(one)
        }
        expect([deadlines.earliest, deadlines.size]).toEqual([model.earliest, model.size])
      }
      for (const [taken, expected] of answers) expect(taken).toEqual(expected)
      const rest = deadlines.takeDue(1_000, 1_000)
      expect(rest.toSorted()).toEqual(
        model
          .due(1_000)
          .map(([key]) => key)
          .toSorted(),
      )
    },
  )
})
