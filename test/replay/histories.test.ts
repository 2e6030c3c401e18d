/** Histories recorded by earlier releases, one event a line after a header: today's code must still replay them. */
import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { processOrder, reserveLines } from '../../examples/orders/workflows.ts'
import type { HistoryEvent } from '../../shared/core/events.ts'
import { provideAsyncContext } from '../../shared/replay/ambient.ts'
import { emptyState, evolve } from '../../shared/core/state.ts'
import { asyncContext, replayed } from './driver.ts'
import { interpreter } from './programs.ts'
import { everything } from './everything.ts'

provideAsyncContext(asyncContext)

const folder = new URL('../histories/', import.meta.url)
const definitions = [processOrder, reserveLines, interpreter, everything]

interface Header {
  workflow: string
  workflowId: string
  runId: string
}

function recorded(name: string): { header: Header; history: HistoryEvent[] } {
  const [header, ...history] = readFileSync(new URL(name, folder), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as unknown)
  return { header: header as Header, history: history as HistoryEvent[] } // as they were recorded
}

describe('a recorded history replays with the code of today', () => {
  test.each(readdirSync(folder))('%s', async (name) => {
    const { header, history } = recorded(name)
    const definition = definitions.find((one) => one.name === header.workflow)!
    const coroutine = await replayed(definition, history, header)
    const state = history.reduce(evolve, emptyState(header.workflowId, header.runId))
    expect(coroutine.violation).toBeNull()
    expect(coroutine.lastEventId).toBeGreaterThan(0)
    expect(coroutine.closing).toBeNull()
    expect(state.lastEventId).toBe(history.length)
  })
})

test('between them they hold 31 kinds of events', () => {
  const kinds = new Set(
    readdirSync(folder).flatMap((name) => recorded(name).history.map((event) => event.type)),
  )
  expect(kinds.size).toBe(31)
})
