import { describe, expect, test } from 'vitest'
import type { Command } from '../../shared/core/decide.ts'
import type { CommandEvent } from '../../shared/core/events.ts'
import { describeCommand, sameCommand } from '../../shared/replay/match.ts'
import { failure, noon, open, rules } from '../core/runs.ts'

function asked(event: CommandEvent, changes: object = {}): Command {
  const { at: _, ...command } = event
  return { ...command, ...changes }
}

const others: CommandEvent[] = [
  { type: 'activity_cancel_requested', at: noon, seq: 1 },
  { type: 'step_cancel_requested', at: noon, seq: 2 },
  { type: 'timer_cancelled', at: noon, seq: 3 },
  { type: 'child_cancel_requested', at: noon, seq: 4, reason: 'r' },
  { type: 'patch_recorded', at: noon, patchId: 'p' },
  { type: 'update_completed', at: noon, updateId: 'u', result: 1 },
  { type: 'update_failed', at: noon, updateId: 'u', error: failure },
  { type: 'memo_upserted', at: noon, memo: { a: 1 } },
  { type: 'search_attributes_upserted', at: noon, searchAttributes: { a: 1 } },
  { type: 'workflow_completed', at: noon, result: 1 },
  { type: 'workflow_failed', at: noon, error: failure },
  { type: 'workflow_cancelled', at: noon, error: failure },
]
const all: CommandEvent[] = [...Object.values(open), ...others]

describe('a command', () => {
  test.each(all.map((event) => [event.type, event] as const))(
    '%s is the same as itself only',
    (_type, event) => {
      expect(all.filter((other) => sameCommand(event, asked(other)))).toEqual([event])
    },
  )

  test('with another number is another', () => {
    for (const event of all.filter((one) => 'seq' in one))
      expect(sameCommand(event, asked(event, { seq: 99 }))).toBe(false)
  })

  test.each<[string, CommandEvent, object]>([
    ['an activity', open.activity, { activityType: 'x' }],
    ['a step', open.step, { name: 'x' }],
    ['a child’s type', open.child, { workflowType: 'x' }],
    ['a child’s id', open.child, { workflowId: 'x' }],
    ['a signal to another', open.signal, { name: 'x' }],
    ['the workflow that is cancelled', open.cancel, { workflowId: 'x' }],
    ['an update', { type: 'update_completed', at: noon, updateId: 'u' }, { updateId: 'x' }],
    ['a patch', { type: 'patch_recorded', at: noon, patchId: 'p' }, { patchId: 'x' }],
  ])('under another name is another: %s', (_title, event, renamed) => {
    expect(sameCommand(event, asked(event, renamed))).toBe(false)
  })

  test.each<[string, CommandEvent, object]>([
    ['input', open.activity, { input: 2 }],
    ['options', open.activity, { ...rules, timeouts: { startToCloseMs: 1 } }],
    ['task queue', open.activity, { taskQueue: 'x' }],
    ['fire time', open.timer, { fireAt: 0 }],
    ['result', { type: 'workflow_completed', at: noon, result: 1 }, { result: 2 }],
    ['memo', { type: 'memo_upserted', at: noon, memo: { a: 1 } }, { memo: {} }],
    ['reason', { type: 'child_cancel_requested', at: noon, seq: 4 }, { reason: 'x' }],
  ])('with another %s is the same: what was recorded was done', (_title, event, changed) => {
    expect(sameCommand(event, asked(event, changed))).toBe(true)
  })

  test('is described by kind, name and number', () => {
    expect(all.slice(0, 6).map(describeCommand)).toEqual([
      'activity_scheduled reserve (call 1)',
      'step_scheduled fetch (call 2)',
      'timer_started (call 3)',
      'child_requested part child-1 (call 4)',
      'external_signal_requested paid (call 5)',
      'external_cancel_requested other (call 6)',
    ])
    expect(others.slice(4, 6).map(describeCommand)).toEqual(['patch_recorded p', 'update_completed u'])
  })
})
