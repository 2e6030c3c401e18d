import { describe, expect, test } from 'vitest'
import { continuation, deadlineOf, nextAttempt, timedOutBy } from '../../shared/core/chain.ts'
import { decide } from '../../shared/core/decide.ts'
import type { HistoryEvent, WorkflowStarted } from '../../shared/core/events.ts'
import { DEFAULT_RETRY } from '../../shared/core/retry.ts'
import { failure, given, noon, open, started } from './runs.ts'

const at = noon + 5_000
const retry = { ...DEFAULT_RETRY, maxAttempts: 3 }
const received = (signalId: string): HistoryEvent => ({
  type: 'signal_received',
  at: noon,
  name: 'go',
  signalId,
})

describe('the run that continues as new', () => {
  const kept = { memo: { by: 'ann' }, searchAttributes: { region: 'eu' }, executionDeadlineAt: noon + 60_000 }

  test('keeps what is not its own, and knows where it comes from', () => {
    const state = given({ ...started, ...kept, attempt: 2, retry, input: 1 })
    const next = continuation(state, { type: 'workflow_continued_as_new', input: 2 }, at)
    expect(next).toEqual({
      type: 'start_workflow',
      workflowType: 'order',
      taskQueue: 'default',
      version: 'test',
      requestId: 'request-1',
      ...kept,
      retry,
      input: 2,
      firstRunId: '01RUN',
      previousRunId: '01RUN',
    })
  })

  test('without an input has none, and takes the options that were given', () => {
    const state = given({ ...started, ...kept, input: 1, firstRunId: '01FIRST' })
    const asked = { taskQueue: 'slow', runTimeoutMs: 5, startDelayMs: 7, memo: { by: 'bob' } }
    const next = continuation(state, { type: 'workflow_continued_as_new', ...asked }, at)
    expect(next).toMatchObject({
      taskQueue: 'slow',
      runTimeoutMs: 5,
      firstTurnAt: at + 7,
      memo: { by: 'bob' },
    })
    expect(next).toMatchObject({ firstRunId: '01FIRST', previousRunId: '01RUN' })
    expect(next).not.toHaveProperty('input')
  })

  test('has the children that are open and not abandoned, those of earlier runs too', () => {
    const earlier = { parentRunId: '01OLD', seq: 9, workflowId: 'c-9', parentClosePolicy: 'cancel' } as const
    const state = given({ ...started, children: [earlier] }, open.child, {
      ...open.child,
      seq: 5,
      parentClosePolicy: 'abandon',
    })
    expect(continuation(state, { type: 'workflow_continued_as_new' }, at)?.children).toEqual([
      earlier,
      { parentRunId: '01RUN', seq: 4, workflowId: 'child-1', parentClosePolicy: 'terminate' },
    ])
  })

  test('knows the last 100 signals of the run before', () => {
    const signals = Array.from({ length: 150 }, (_, i) => received(`s-${i}`))
    const next = continuation(given(started, ...signals), { type: 'workflow_continued_as_new' }, at)
    expect(next?.signalIds).toHaveLength(100)
    const state = given({ ...started, signalIds: next?.signalIds ?? [] })
    expect(decide(state, { type: 'signal_workflow', name: 'go', signalId: 's-149' }, at)).toEqual([])
    expect(decide(state, { type: 'signal_workflow', name: 'go', signalId: 's-3' }, at)).toHaveLength(1)
  })
})

describe('the next attempt', () => {
  const now = { now: at, draw: 0 }

  test('comes after its back-off, with the same input, and knows its number', () => {
    const state = given({ ...started, retry, attempt: 2, input: 1 })
    expect(nextAttempt(state, failure, now)).toMatchObject({ attempt: 3, firstTurnAt: at + 2_000, input: 1 })
  })

  test.each<[string, Partial<WorkflowStarted>]>([
    ['without a policy', {}],
    ['after the last one', { retry, attempt: 3 }],
    ['after a failure that the policy names', { retry: { ...retry, nonRetryable: ['CardDeclined'] } }],
    ['when it would begin after the execution deadline', { retry, executionDeadlineAt: at + 1_000 }],
  ])('does not come %s', (_, facts) => {
    expect(nextAttempt(given({ ...started, ...facts }), failure, now)).toBeNull()
  })

  test('does not have the children of the attempt before', () => {
    const next = nextAttempt(given({ ...started, retry }, open.child), failure, now)
    expect(next).not.toHaveProperty('children')
  })
})

describe('a delayed run', () => {
  const delayed = { ...started, firstTurnAt: noon + 9_000 }

  test('begins once, when its time has come or a start asks for it', () => {
    const begins = [{ type: 'start_delay_elapsed', at }]
    expect(decide(given(delayed), { type: 'fire_timer', seq: 0 }, at)).toEqual(begins)
    expect(decide(given(delayed), { type: 'end_start_delay' }, at)).toEqual(begins)
    const begun = given(delayed, { type: 'start_delay_elapsed', at })
    expect(decide(begun, { type: 'fire_timer', seq: 0 }, at)).toEqual([])
    expect(decide(begun, { type: 'end_start_delay' }, at)).toEqual([])
  })

  test('of a retry is not begun early', () => {
    expect(decide(given({ ...delayed, attempt: 2 }), { type: 'end_start_delay' }, at)).toEqual([])
  })
})

test.each<[Partial<WorkflowStarted>, number | undefined, string]>([
  [{}, undefined, 'execution'],
  [{ runTimeoutMs: 5 }, noon + 5, 'run'],
  [{ runTimeoutMs: 5, firstTurnAt: noon + 10 }, noon + 15, 'run'],
  [{ runTimeoutMs: 5, executionDeadlineAt: noon + 4 }, noon + 4, 'execution'],
  [{ runTimeoutMs: 5, executionDeadlineAt: noon + 6 }, noon + 5, 'run'],
])('a run with %j must have ended by the earlier of its deadlines', (facts, deadline, kind) => {
  expect(deadlineOf({ ...started, ...facts })).toBe(deadline)
  expect(timedOutBy({ ...started, ...facts })).toBe(kind)
})

describe('a child of an earlier run', () => {
  const parentRunId = '01OLD'
  const child = { parentRunId, seq: 4, workflowId: 'child-1', parentClosePolicy: 'terminate' } as const
  const state = () => given({ ...started, children: [child] })

  test('is known to have started, then to have ended, once each', () => {
    const confirm = { type: 'confirm_child', seq: 4, parentRunId, runId: '01C', shard: 1 } as const
    const close = { type: 'close_child', seq: 4, parentRunId, status: 'completed' } as const
    const begun = { type: 'carried_child_started', at, parentRunId, seq: 4, runId: '01C', shard: 1 } as const
    const ended = { type: 'carried_child_closed', at, parentRunId, seq: 4 } as const
    expect(decide(state(), confirm, at)).toEqual([begun])
    expect(decide(given({ ...started, children: [child] }, begun), confirm, at)).toEqual([])
    expect(decide(state(), close, at)).toEqual([ended])
    expect(decide(given({ ...started, children: [child] }, ended), close, at)).toEqual([])
  })

  test('is not taken for a call of this run with its number', () => {
    const close = { type: 'close_child', seq: 4, parentRunId, status: 'completed' } as const
    expect(decide(given(started, open.child), close, at)).toEqual([])
  })
})
