import { describe, expect, test } from 'vitest'
import { growth } from '../../bench/soak/trend.ts'

const noise = [4, -3, 1, -5, 3, 0, -2, 5, -4, 2]

describe('what a row of measurements gains from its first to its last', () => {
  test.each([
    ['is flat', noise.map((one) => 100 + one)],
    ['falls', noise.map((one, at) => 200 + one - 10 * at)],
    ['is noise', [100, 400, 50, 300, 20, 350, 80, 200]],
    ['has one outlier', [100, 100, 100, 100, 100, 900, 100, 100]],
    ['is too short to say', [1, 100]],
  ])('is nothing where it %s', (_name, values) => {
    expect(growth(values)).toBe(0)
  })

  test('is a part of the mean, less what chance explains', () => {
    expect(growth([100, 110, 120, 130, 140])).toBe(0.333)
    const noisy = growth(noise.map((one, at) => 100 + one + 10 * at))
    expect(noisy).toBeGreaterThan(0.5)
    expect(noisy).toBeLessThan(0.62)
  })
})
