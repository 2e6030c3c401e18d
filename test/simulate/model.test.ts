/** The model of a run: one outcome where nothing races. */
import { describe, expect, test } from 'vitest'
import { untouched } from './facts.ts'
import type { Facts } from './facts.ts'
import type { Instruction, Program } from './instructions.ts'
import { outcomesOf, permits } from './model.ts'
import { fits, onlyValue } from './pattern.ts'
import type { Value } from './program.ts'

const CALM = untouched(false)
const FAULTY = untouched(true)

function programOf(...body: Instruction[]): Program {
  return { id: 'p', body, handles: [], updateSleepsMs: 0, cleansUp: false, failsRuns: 0 }
}

function completed(...seen: Value[]): { status: string; result: Value } {
  return { status: 'completed', result: [{ program: 'p', seen, handled: [] }] }
}

const work = { do: 'activity', key: 'a', fails: 1 } as const
const FAILED = 'error: activity_failed'
const late = { ...work, maxAttempts: 9, takesMs: 9_000, startToCloseMs: 1_000 }
const sleep = { do: 'sleep', ms: 5 } as const
const child = {
  do: 'child',
  program: { ...programOf(work), id: 'p' },
  policy: 'terminate',
  cancellation: 'wait',
} as const
const told = (...seen: readonly Value[]): Value => [{ program: 'p', seen, handled: [] }]

describe('one value', () => {
  const cases: { what: string; facts: Facts; does: Instruction; gives: Value }[] = [
    { what: 'an activity that is tried for ever', facts: FAULTY, does: work, gives: 'a' },
    { what: 'one with enough attempts', facts: CALM, does: { ...work, maxAttempts: 2 }, gives: 'a' },
    { what: 'one with too few', facts: FAULTY, does: { ...work, maxAttempts: 1 }, gives: FAILED },
    { what: 'one whose failure is final', facts: CALM, does: { ...work, fatal: true }, gives: FAILED },
    { what: 'one that is always late', facts: CALM, does: late, gives: FAILED },
    {
      what: 'a signal that nobody sends',
      facts: FAULTY,
      does: { do: 'signal', name: 'paid', timeoutMs: 1 },
      gives: null,
    },
    { what: 'a timer', facts: FAULTY, does: sleep, gives: 'slept' },
    { what: 'both of two', facts: FAULTY, does: { do: 'all', parts: [work, sleep] }, gives: ['a', 'slept'] },
    { what: 'a child', facts: FAULTY, does: { ...child, until: 'ended' }, gives: told('a') },
  ]

  test.each(cases)('$what', ({ facts, does, gives }) => {
    const outcomes = outcomesOf(programOf(does), facts)
    expect(onlyValue(outcomes.completed)).toEqual({ value: told(gives) })
    expect([...outcomes.others, outcomes.open]).toEqual([false])
    expect(permits(outcomes, completed('else'))).toBe(false)
    expect(permits(outcomes, null)).toBe(false)
  })
})

function mayFailInScope(does: Instruction): boolean {
  const scope = programOf({ do: 'scope', parts: [does], timeoutMs: 5 })
  return permits(outcomesOf(scope, CALM), completed([FAILED]))
}

describe('several', () => {
  test('an attempt that was lost may have been the last', () => {
    const outcomes = outcomesOf(programOf({ ...work, maxAttempts: 2 }), FAULTY)
    expect(onlyValue(outcomes.completed)).toBeNull()
    expect(permits(outcomes, completed('a'))).toBe(true)
    expect(permits(outcomes, completed('error: activity_failed'))).toBe(true)
    expect(permits(outcomes, completed('b'))).toBe(false)
  })

  test('either of a race, and no third', () => {
    const outcomes = outcomesOf(programOf({ do: 'race', parts: [work, { do: 'sleep', ms: 5 }] }), CALM)
    expect(['a', 'slept', 'b'].map((value) => permits(outcomes, completed(value)))).toEqual([
      true,
      true,
      false,
    ])
  })

  test('the attempt under way is the last of one that is cancelled and waited for', () => {
    expect(
      [work, { ...work, fails: 0 }, { ...work, cancellation: 'try' as const }].map(mayFailInScope),
    ).toEqual([true, false, false])
  })

  test('a child that its parent may leave ends by its policy', () => {
    const call = { ...child, program: { ...child.program, id: 'c' }, until: 'started' } as const
    const { children } = outcomesOf(programOf(call), CALM)
    expect([...(children.get('c')?.others ?? [])].toSorted()).toEqual(['cancelled', 'terminated'])
  })

  test('whoever began it, a child of a known id may be cancelled by others', () => {
    const known = {
      ...child,
      program: { ...child.program, id: 'c' },
      workflowId: 'c',
      until: 'ended',
    } as const
    const parent = { ...child, program: programOf(known), until: 'ended' } as const
    const facts = { ...CALM, of: () => ({ ...CALM, cancel: true }) }
    const { children } = outcomesOf(programOf(parent), facts)
    expect([...(children.get('c')?.others ?? [])]).toContain('cancelled')
  })

  test('a wait that nobody ends stays open, and only that', () => {
    const waits = outcomesOf(programOf({ do: 'signal', name: 'paid' }), CALM)
    expect(permits(waits, null)).toBe(true)
    expect(permits(waits, completed('m1'))).toBe(false)
  })
})

describe('messages', () => {
  const messages = { some: ['m1', 'm2'], others: ['x1'], atMost: 3 }

  test.each([
    [[], true],
    [['m2', 'm1'], true],
    [['x1', 'x1'], true],
    [['m1', 'm1'], false],
    [['m3'], false],
    [['m1', 'm2', 'x1', 'x1'], false],
  ])('%j: %s', (value, fit) => {
    expect(fits(messages, value)).toBe(fit)
  })
})
