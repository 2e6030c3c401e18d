import { describe, expect, test } from 'vitest'
import { SeededRandom } from '../../shared/replay/random.ts'

const many = (random: SeededRandom, count: number) => Array.from({ length: count }, () => random.next())

describe('the random numbers of a run', () => {
  test('are the same for the same run id, and others for another', () => {
    expect(many(new SeededRandom('01A'), 50)).toEqual(many(new SeededRandom('01A'), 50))
    expect(many(new SeededRandom('01A'), 5)).not.toEqual(many(new SeededRandom('01B'), 5))
    expect(many(new SeededRandom('ab'), 5)).not.toEqual(many(new SeededRandom('ba'), 5))
  })

  test('never change between releases: histories were recorded with them', () => {
    const random = new SeededRandom('01HZX5T3QJ8F7V2N4M6K8P0R2S')
    expect(many(random, 3)).toEqual([0.6454128580911472, 0.12444379031964459, 0.4626339983796175])
    expect(random.uuid()).toBe('d046b976-c50f-4835-8e86-e7fdb7169cfe')
  })

  test('lie in [0, 1) and are spread evenly', () => {
    const drawn = many(new SeededRandom('spread'), 20_000)
    expect(drawn.every((number) => number >= 0 && number < 1)).toBe(true)
    for (let tenth = 0; tenth < 10; tenth += 1) {
      const share = drawn.filter((number) => Math.floor(number * 10) === tenth).length
      expect(Math.abs(share - 2_000)).toBeLessThan(200)
    }
  })

  test('make version 4 UUIDs that do not repeat', () => {
    const random = new SeededRandom('uuids')
    const uuids = Array.from({ length: 1_000 }, () => random.uuid())
    expect(new Set(uuids).size).toBe(1_000)
    for (const uuid of uuids)
      expect(uuid).toMatch(/^[\da-f]{8}-[\da-f]{4}-4[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/)
  })

  test('fill bytes, as many as asked for', () => {
    const bytes = new Uint8Array(64)
    new SeededRandom('bytes').fillBytes(bytes.subarray(8, 56))
    expect(bytes.subarray(0, 8)).toEqual(new Uint8Array(8))
    expect(bytes.subarray(56)).toEqual(new Uint8Array(8))
    expect(new Set(bytes.subarray(8, 56)).size).toBeGreaterThan(20)
  })
})
