import { describe, expect, test } from 'vitest'
import type { RecordedRun } from '../../../scripts/interop/api.ts'
import { clientVerdict } from '../../../scripts/interop/client.ts'

function recorded(runId: string, tier: string, result: unknown = { ok: 1 }): RecordedRun {
  const execution: RecordedRun['execution'] = {
    workflowId: `order-${runId}`,
    runId,
    workflowType: 'processOrder',
    taskQueue: 'orders',
    status: 'completed',
    parent: null,
    startedAt: 1,
    closedAt: 2,
    historyEvents: 1,
    historyBytes: 10,
    input: null,
    result,
    error: null,
    memo: null,
    searchAttributes: null,
  }
  return { tier, execution, events: [{ eventId: 1, type: 'workflow_started', at: 1, data: { result } }] }
}

describe('runs read hot and again cold', () => {
  const hot = [recorded('a', 'hot'), recorded('b', 'hot')]
  const cold = [recorded('a', 'cold'), recorded('b', 'cold')]

  test('pass when nothing but the tier is another', () => {
    expect(clientVerdict(hot, cold)).toMatchObject({ checks: 2, rows: 2, ok: true, failed: [] })
  })

  test('fail when one is missing, or comes twice', () => {
    expect(clientVerdict(hot, cold.slice(1)).failed).toEqual(['order-a is gone', '1 of 2 runs'])
    expect(clientVerdict(hot, [...cold, recorded('b', 'cold')]).failed).toEqual(['3 of 2 runs'])
  })

  test('fail when one was not read in the tier it was meant to be in', () => {
    expect(clientVerdict(hot, [recorded('a', 'warm'), recorded('b', 'cold')]).ok).toBe(false)
    expect(clientVerdict(cold, cold).ok).toBe(false)
  })

  test('fail when a description or a history has changed', () => {
    const [other, b] = [recorded('a', 'cold', { ok: 2 }), recorded('b', 'cold')]
    expect(clientVerdict(hot, [other, b]).failed).toEqual(['order-a is described differently'])
    const sameButEvents = { ...recorded('a', 'cold'), events: [] }
    expect(clientVerdict(hot, [sameButEvents, b]).failed).toEqual(['order-a has another history'])
  })
})
