import { describe, expect, test } from 'vitest'
import { Gate } from '../../scheduler-do/gate.ts'

function held(gate: Gate, bytes: number, log: string[]) {
  const { promise, resolve } = Promise.withResolvers<void>()
  const name = `${bytes}`
  const done = gate.hold(bytes, async () => {
    log.push(`in ${name}`)
    await promise
    log.push(`out ${name}`)
  })
  return { done, leave: resolve }
}

describe('the gate', () => {
  test('lets in as many bytes as fit, the others in the order in which they came', async () => {
    const gate = new Gate(10)
    const log: string[] = []
    const [six, three, five, one] = [6, 3, 5, 1].map((bytes) => held(gate, bytes, log))
    await Promise.resolve()
    expect(log).toEqual(['in 6', 'in 3']) // one would fit, and must not overtake five
    six!.leave()
    await six!.done
    three!.leave()
    five!.leave()
    one!.leave()
    await Promise.all([three!.done, five!.done, one!.done])
    expect(log.slice(0, 4)).toEqual(['in 6', 'in 3', 'out 6', 'in 5'])
  })

  test('lets in alone what is more than there is room for', async () => {
    const gate = new Gate(10)
    const log: string[] = []
    const all = held(gate, 99, log)
    const small = held(gate, 1, log)
    await Promise.resolve()
    expect(log).toEqual(['in 99'])
    all.leave()
    small.leave()
    await Promise.all([all.done, small.done])
    expect(log).toEqual(['in 99', 'out 99', 'in 1', 'out 1'])
  })

  test('is left by work that throws', async () => {
    const gate = new Gate(1)
    await expect(gate.hold(1, () => Promise.reject(new Error('broken')))).rejects.toThrow('broken')
    await expect(gate.hold(1, async () => 'next')).resolves.toBe('next')
  })
})
