import { describe, expect, test } from 'vitest'
import type { Calendar } from '../../shared/core/calendar.ts'
import {
  advanceSchedule,
  backfillSchedule,
  MAX_WAITING,
  newScheduleState,
  pauseSchedule,
  reportToSchedule,
  triggerSchedule,
  unpauseSchedule,
} from '../../shared/core/schedule.ts'
import type { Overlap, ScheduleEffect, ScheduleInHand } from '../../shared/core/schedule.ts'
import { noon } from './runs.ts'
import { MINUTE, SECOND } from './tasks.ts'

const DAY = 24 * 60 * MINUTE

/** Every minute, `lateMs` after it. */
function minutes(lateMs = 0): Calendar {
  const next = (after: number) => {
    const at = (Math.floor(after / MINUTE) + 1) * MINUTE
    return { at, dueAt: at + lateMs }
  }
  return { next, jitterMs: lateMs + 1 }
}

/** A schedule of every minute, made at noon. */
class Story {
  #now = noon
  readonly #schedule: Omit<ScheduleInHand, 'now'>

  constructor(
    overlap: Overlap,
    rules: { catchUpMs?: number; pauseOnFailure?: boolean; lateMs?: number } = {},
  ) {
    const { catchUpMs = DAY, pauseOnFailure = false, lateMs } = rules
    const state = newScheduleState(noon, { paused: false })
    this.#schedule = { rules: { overlap, catchUpMs, pauseOnFailure }, calendar: minutes(lateMs), state }
    advanceSchedule(this.hand)
  }

  get hand(): ScheduleInHand {
    return { ...this.#schedule, now: this.#now }
  }

  get state() {
    return this.#schedule.state
  }

  at(minute: number): string[] {
    this.#now = noon + minute * MINUTE
    return shown(advanceSchedule(this.hand))
  }

  started(number: number): string[] {
    const report = { kind: 'started', run: run(number) } as const
    return shown(reportToSchedule(this.hand, { number, scheduledAt: this.#now }, report))
  }

  closed(number: number, status: 'completed' | 'failed' | 'cancelled' | 'timed_out' = 'completed'): string[] {
    const report = { kind: 'closed', run: run(number), status } as const
    const effects = reportToSchedule(this.hand, { number, scheduledAt: this.#now }, report)
    return shown([...effects, ...advanceSchedule(this.hand)])
  }

  refused(number: number): string[] {
    const report = { kind: 'refused', code: 'unknown_workflow', message: 'no such thing' } as const
    return shown(reportToSchedule(this.hand, { number, scheduledAt: this.#now }, report))
  }
}

function run(number: number) {
  return { workflowId: `w-${number}`, runId: `r-${number}` }
}

/** `1@3`: start number 1, for the third minute. */
function shown(effects: readonly ScheduleEffect[]): string[] {
  return effects.map((effect) => {
    if (effect.kind === 'end') return `${effect.policy} ${effect.run.workflowId}`
    return `${effect.number}@${(effect.at - noon) / MINUTE}${effect.manual ? ' by hand' : ''}`
  })
}

describe('a time that comes while a run is open', () => {
  test('skip: is nothing', () => {
    const story = new Story('skip')
    expect(story.at(1)).toEqual(['1@1'])
    expect([...story.at(2), ...story.at(3)]).toEqual([])
    expect(story.closed(1)).toEqual([])
    expect(story.at(4)).toEqual(['2@4'])
  })

  test('buffer-one: the first waits, the others are nothing', () => {
    const story = new Story('buffer-one')
    expect([...story.at(1), ...story.at(2), ...story.at(3)]).toEqual(['1@1'])
    expect(story.closed(1)).toEqual(['2@2'])
    expect(story.closed(2)).toEqual([])
  })

  test('buffer-all: every one waits its turn', () => {
    const story = new Story('buffer-all')
    expect([...story.at(1), ...story.at(2), ...story.at(3)]).toEqual(['1@1'])
    expect([...story.closed(1), ...story.closed(2), ...story.closed(3)]).toEqual(['2@2', '3@3'])
  })

  test('buffer-all: so many wait and no more', () => {
    const story = new Story('buffer-all')
    for (let minute = 1; minute <= MAX_WAITING + 50; minute += 1) story.at(minute)
    expect(story.state.waiting).toHaveLength(MAX_WAITING)
  })

  test.each([
    ['cancel-other', 'cancel'],
    ['terminate-other', 'terminate'],
  ] as const)('%s: the open one is ended, and the last one begins', (overlap, verb) => {
    const story = new Story(overlap)
    expect(story.at(1)).toEqual(['1@1'])
    story.started(1)
    expect(story.at(2)).toEqual([`${verb} w-1`])
    expect(story.at(3)).toEqual([])
    expect(story.closed(1, 'cancelled')).toEqual(['2@3'])
  })

  test('cancel-other: a run that is not yet known to have started is cancelled once it is', () => {
    const story = new Story('cancel-other')
    expect([...story.at(1), ...story.at(2)]).toEqual(['1@1'])
    expect(story.started(1)).toEqual(['cancel w-1'])
  })

  test('allow-all: begins', () => {
    const story = new Story('allow-all')
    expect([...story.at(1), ...story.at(2), ...story.at(3)]).toEqual(['1@1', '2@2', '3@3'])
    expect(story.state.open).toEqual([])
  })
})

describe('a time that was missed', () => {
  test('is made up for within the window, and no longer', () => {
    const story = new Story('allow-all', { catchUpMs: 10 * MINUTE })
    expect(story.at(30)).toEqual(Array.from({ length: 11 }, (_, index) => `${index + 1}@${20 + index}`))
    expect(story.at(30)).toEqual([])
  })

  test('is made up for a hundred at a time', () => {
    const story = new Story('allow-all')
    expect(story.at(250)).toHaveLength(100)
    expect(story.state.dueAt).toBeLessThanOrEqual(story.hand.now)
    expect(story.at(250)).toHaveLength(100)
    expect(story.at(250)).toHaveLength(50)
    expect(story.state.dueAt).toBe(noon + 251 * MINUTE)
  })

  test('is nothing under skip when one before it begins, however many there are', () => {
    const story = new Story('skip', { catchUpMs: 400 * DAY })
    expect(story.at(300 * 24 * 60)).toEqual(['1@1'])
    expect(story.state.dueAt).toBe(noon + (300 * 24 * 60 + 1) * MINUTE)
  })

  test('comes at its jitter, which passing over others does not lose', () => {
    const story = new Story('skip', { lateMs: 50 * SECOND })
    expect(story.at(1)).toEqual([])
    expect(story.at(1.9)).toEqual(['1@1'])
    story.at(3.5) // the second is passed over, the third has not come yet
    expect(story.closed(1)).toEqual([])
    expect(story.at(3.9)).toEqual(['2@3'])
  })

  test('comes once, whatever the clock does', () => {
    const story = new Story('allow-all')
    expect(story.at(2)).toEqual(['1@1', '2@2'])
    expect(story.at(1)).toEqual([])
    expect(story.at(2)).toEqual([])
    expect(story.at(3)).toEqual(['3@3'])
  })
})

describe('a paused schedule', () => {
  test('lets its times pass, and does not make up for them', () => {
    const story = new Story('buffer-all')
    story.at(1)
    story.at(2)
    pauseSchedule(story.hand)
    expect(story.at(5)).toEqual([])
    expect(story.state.dueAt).toBeNull()
    expect(story.closed(1)).toEqual([])
    unpauseSchedule(story.hand)
    expect(story.at(5)).toEqual([])
    expect(story.at(6)).toEqual(['2@6'])
  })

  test('keeps a time that had not come to its jitter', () => {
    const story = new Story('skip', { lateMs: 50 * SECOND })
    story.at(3.1)
    story.closed(1)
    pauseSchedule(story.hand)
    story.at(3.2)
    unpauseSchedule(story.hand)
    expect(story.at(3.9)).toEqual(['2@3'])
  })

  test('runs what is asked for by hand', () => {
    const story = new Story('skip')
    story.at(1)
    pauseSchedule(story.hand)
    expect(triggerSchedule(story.hand) && triggerSchedule(story.hand)).toBe(true)
    pauseSchedule(story.hand)
    const [first, second] = [...story.closed(1), ...story.closed(2)]
    expect([first, second]).toEqual(['2@1 by hand', expect.stringMatching(/^3@1\.0+\d+ by hand$/)])
  })

  test('notes: a change brings its own or none, a repeated one leaves it', () => {
    const { hand, state } = new Story('skip')
    const noted = (change: () => void) => {
      change()
      return state.note
    }
    expect(noted(() => pauseSchedule(hand, 'one'))).toBe('one')
    expect(noted(() => pauseSchedule(hand))).toBe('one')
    expect(noted(() => pauseSchedule(hand, 'two'))).toBe('two')
    expect(noted(() => unpauseSchedule(hand))).toBeUndefined()
    expect(noted(() => unpauseSchedule(hand, 'three'))).toBe('three')
    expect(noted(() => pauseSchedule(hand))).toBeUndefined()
  })
})

describe('what a run comes to', () => {
  test.each(['failed', 'timed_out'] as const)('%s pauses, where that is asked for', (status) => {
    const story = new Story('buffer-all', { pauseOnFailure: true })
    story.at(1)
    story.at(2)
    expect(story.closed(1, status)).toEqual([])
    expect(story.state).toMatchObject({ paused: true, note: `workflow w-1 ended as ${status}`, waiting: [] })
  })

  test('nothing else pauses', () => {
    const story = new Story('skip', { pauseOnFailure: true })
    story.at(1)
    story.closed(1, 'cancelled')
    const other = new Story('skip')
    other.at(1)
    other.closed(1, 'failed')
    expect([story.state.paused, other.state.paused]).toEqual([false, false])
  })

  test('a start that is refused is remembered, and the next one begins in a turn of its own', () => {
    const story = new Story('buffer-all')
    story.at(1)
    story.at(2)
    expect(story.refused(1)).toEqual([])
    expect(story.state).toMatchObject({ refused: { code: 'unknown_workflow' }, dueAt: story.hand.now })
    expect(story.at(2)).toEqual(['2@2'])
  })

  test('the last ten runs are known, in the order of their starts', () => {
    const story = new Story('allow-all')
    story.at(12)
    for (const number of [2, 1, 3, 5, 4, 12, 6, 7, 8, 9, 11, 10]) story.started(number)
    expect(story.state.recent.map(({ number }) => number)).toEqual([3, 4, 5, 6, 7, 8, 9, 10, 11, 12])
  })

  test('a report of a run that is not waited for changes nothing', () => {
    const story = new Story('skip')
    story.at(1)
    expect([...story.closed(7), ...story.at(2)]).toEqual([])
    story.closed(1)
    expect(story.closed(1)).toEqual([])
  })
})

describe('a backfill', () => {
  const ranges = [
    { from: noon - 9 * MINUTE, to: noon - 7 * MINUTE },
    { from: noon - 3.5 * MINUTE, to: noon - 0.5 * MINUTE },
  ]

  test('runs every time of its ranges one after another, after what waits', () => {
    const story = new Story('buffer-one')
    story.at(1)
    story.at(2)
    backfillSchedule(story.hand, ranges)
    const begun = [...story.at(2)]
    for (let number = 1; number <= 8; number += 1) begun.push(...story.closed(number))
    expect(begun).toEqual(['2@2', '3@-9', '4@-8', '5@-7', '6@-3', '7@-2', '8@-1'])
    expect(story.state).toMatchObject({ backfills: [], open: [] })
  })

  test('runs them at once where runs may overlap, paused or not, a hundred at a time', () => {
    const story = new Story('allow-all')
    pauseSchedule(story.hand)
    backfillSchedule(story.hand, [{ from: noon - 150 * MINUTE, to: noon - MINUTE }])
    expect(story.at(0)).toHaveLength(100)
    expect(story.state.dueAt).toBe(noon)
    expect(story.at(0)).toHaveLength(50)
    expect(story.at(0)).toEqual([])
    expect(story.state.dueAt).toBeNull()
  })
})
