/** What crosses from one simulated Worker to another, as RPC of the platform carries it (docs/rfc/0010). */
import { expect, test } from 'vitest'
import { WorkflowError } from '../../shared/index.ts'
import { Calls, invoke } from '../../testing/simulated/calls.ts'
import { faultless } from '../../testing/simulated/faults.ts'
import { Timeline } from '../../testing/simulated/timeline.ts'
import { carried } from '../../testing/simulated/values.ts'

class Money {
  cents = 1
}

test('values arrive as copies', () => {
  const given = {
    at: new Date(0),
    seen: new Map([['a', new Set([1n])]]),
    bytes: new Uint8Array(2),
    none: undefined,
  }
  const arrived = carried(given)
  expect(arrived).toEqual(given)
  expect(arrived.seen).not.toBe(given.seen)
})

test.each<[string, unknown]>([
  ['a function', { fn: () => 1 }],
  ['an instance of a class', [new Money()]],
  ['one inside a Map', new Map([['price', new Money()]])],
  ['a symbol', Symbol('s')],
  ['a promise', { later: Promise.resolve(1) }],
])('%s is refused', (_, value) => {
  expect(() => carried(value)).toThrow(expect.objectContaining({ name: 'DataCloneError' }))
})

class Till {
  open = (): string => 'an own property'
  price(cents: number): { cents: number } {
    if (cents < 0) throw new WorkflowError('invalid_argument', 'no price', { path: 'cents' })
    return { cents }
  }
  refund(): Money {
    return new Money()
  }
}

function stub() {
  const till = new Till()
  const receiver = { receive: (method: string, args: unknown[]) => invoke(till, method, args) }
  return new Calls(new Timeline(0, 0), faultless).stub(receiver, null) as Record<
    keyof Till | 'close',
    (...args: unknown[]) => Promise<unknown>
  >
}

test('a request is answered; its error arrives with name, code and properties, of no class', async () => {
  const till = stub()
  expect(await till.price(7)).toEqual({ cents: 7 })
  const error = await till.price(-1).catch((thrown: unknown) => thrown)
  expect(error).not.toBeInstanceOf(WorkflowError)
  expect(error).toMatchObject({ message: 'no price', code: 'invalid_argument', path: 'cents', remote: true })
})

test('what is no method is not there, and a result that RPC does not carry is refused', async () => {
  const till = stub()
  await expect(till.close()).rejects.toThrow('The RPC receiver does not implement the method "close".')
  await expect(till.open()).rejects.toThrow('does not implement the method "open"')
  await expect(till.refund()).rejects.toMatchObject({ name: 'DataCloneError' })
  await expect(till.price(() => 1)).rejects.toMatchObject({ name: 'DataCloneError' })
})
