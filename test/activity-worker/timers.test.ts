import { describe, expect, test } from 'vitest'
import { Timers } from '../../activity-worker/timers.ts'

/** A platform whose clock and whose timers are moved by hand. */
function platform() {
  let now = 1_000
  const armed = new Map<() => void, number>()
  const time = {
    now: () => now,
    after: (ms: number, ring: () => void) => {
      armed.set(ring, now + ms)
      return () => void armed.delete(ring)
    },
  }
  const pass = (ms: number): void => {
    now += ms
    for (const [ring, at] of armed)
      if (at <= now) {
        armed.delete(ring)
        ring()
      }
  }
  return { timers: new Timers(time), armed, pass, setBack: (ms: number) => void (now -= ms) }
}

describe('timers that share one', () => {
  test('ring each at its time, while the platform has one', () => {
    const { timers, armed, pass } = platform()
    const rung: string[] = []
    timers.after(200, () => rung.push('late'))
    timers.after(100, () => rung.push('soon'))
    timers.after(100, () => rung.push('soon too'))
    expect(armed.size).toBe(1)
    pass(99)
    expect(rung).toEqual([])
    pass(1)
    expect(rung).toEqual(['soon', 'soon too'])
    expect(armed.size).toBe(1)
    pass(100)
    expect(rung).toEqual(['soon', 'soon too', 'late'])
    expect(armed.size).toBe(0)
  })

  test('that are taken back do not ring, and the last of them leaves none', () => {
    const { timers, armed, pass } = platform()
    const rung: string[] = []
    const first = timers.after(100, () => rung.push('first'))
    const second = timers.after(200, () => rung.push('second'))
    first()
    pass(100)
    expect(rung).toEqual([])
    second()
    expect(armed.size).toBe(0)
    pass(100)
    expect(rung).toEqual([])
  })

  test('that are taken back by one that rings with them do not ring', () => {
    const { timers, pass } = platform()
    const rung: string[] = []
    timers.after(100, () => second())
    const second = timers.after(100, () => rung.push('second'))
    pass(100)
    expect(rung).toEqual([])
  })

  test('ring on time where the clock has been set back meanwhile', () => {
    const { timers, armed, setBack } = platform()
    const rung: string[] = []
    timers.after(100, () => rung.push('one'))
    setBack(3_600_000)
    for (const ring of armed.keys()) ring()
    expect(rung).toEqual(['one'])
  })
})
