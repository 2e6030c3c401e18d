import { describe, expect, test } from 'vitest'
import { WorkflowClient } from '../../shared/index.ts'
import { positionOf, sequenceIn } from '../../shared/tail.ts'
import { cursorOf, positionsIn } from '../../shared/tailing.ts'
import { Namespace } from './namespace.ts'

describe('a cursor', () => {
  test('holds a position for each shard', () => {
    const numbers = [0, 35, 36, Number.MAX_SAFE_INTEGER]
    const cursor = cursorOf(numbers.map(positionOf))
    expect(cursor).toBe('0.z.10.2gosa7pa2gv')
    expect(positionsIn(cursor, 4).map(sequenceIn)).toEqual(numbers)
    expect(positionsIn(undefined, 3)).toEqual(['0', '0', '0'])
  })

  test.each(['', '1', '0.0.0', '0.0.0.0.0', '0.0.-1.0', '0..0.0', '0.0.0.zzzzzzzzzzz'])(
    'that is none is refused: %s',
    (cursor) => {
      expect(() => positionsIn(cursor, 4)).toThrow(
        expect.objectContaining({ code: 'invalid_argument', path: 'after' }),
      )
    },
  )
})

describe('a client that follows', () => {
  const silent = new Namespace({
    events: () => new Promise(() => {}),
    runEvents: () => new Promise(() => {}),
  })

  test.each([
    ['a run', (options: object) => new WorkflowClient(silent).getHandle('order-1').events(options)],
    ['a namespace', (options: object) => new WorkflowClient(silent).events(options)],
  ])('%s stops when it is told to, with the reason', async (_what, follow) => {
    const stop = new AbortController()
    const next = follow({ signal: stop.signal })[Symbol.asyncIterator]().next()
    await Promise.resolve()
    stop.abort(new Error('enough'))
    await expect(next).rejects.toThrow('enough')
    await expect(follow({ signal: stop.signal })[Symbol.asyncIterator]().next()).rejects.toThrow('enough')
  })

  test('a run from a number that is none is refused', async () => {
    const events = new WorkflowClient(silent).getHandle('order-1').events({ after: -1 })
    await expect(events[Symbol.asyncIterator]().next()).rejects.toMatchObject({
      code: 'invalid_argument',
      path: 'after',
    })
  })
})
