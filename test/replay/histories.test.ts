/** Histories recorded by earlier releases, one event a line after a header: today's code must still replay them. */
import { describe, expect, test } from 'vitest'
import { provideAsyncContext } from '../../shared/replay/ambient.ts'
import { emptyState, evolve } from '../../shared/core/state.ts'
import { asyncContext, replayed } from './driver.ts'
import { definitionOf, names, recorded } from './recordings.ts'

provideAsyncContext(asyncContext)

describe('a recorded history replays with the code of today', () => {
  test.each(names)('%s', async (name) => {
    const { header, history } = recorded(name)
    const definition = definitionOf(header)
    const coroutine = await replayed(definition, history, header)
    const state = history.reduce(evolve, emptyState(header.workflowId, header.runId))
    expect(coroutine.violation).toBeNull()
    expect(coroutine.lastEventId).toBeGreaterThan(0)
    expect(coroutine.closing).toBeNull()
    expect(state.lastEventId).toBe(history.length)
  })
})

test('between them they hold 44 kinds of events', () => {
  const kinds = new Set(names.flatMap((name) => recorded(name).history.map((event) => event.type)))
  expect(kinds.size).toBe(44)
})
