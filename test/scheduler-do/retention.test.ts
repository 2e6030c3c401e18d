import { describe, expect, test } from 'vitest'
import { Retention } from '../../scheduler-do/retention.ts'
import type { RetentionOptions } from '../../scheduler-do/retention.ts'

const DAY_MS = 86_400_000

describe('retention', () => {
  test('is a day hot, thirty days warm, and then cold', () => {
    expect(new Retention().of('any')).toEqual({ hotMs: DAY_MS, warmMs: 30 * DAY_MS, cold: true })
  })

  test('of a workflow type leaves out what is as for the others', () => {
    const retention = new Retention({
      hot: '1h',
      types: { brief: { hot: 0 }, kept: { cold: false, warm: '1d' } },
    })
    expect(retention.of('any')).toEqual({ hotMs: 3_600_000, warmMs: 30 * DAY_MS, cold: true })
    expect(retention.of('brief')).toEqual({ hotMs: 0, warmMs: 30 * DAY_MS, cold: true })
    expect(retention.of('kept')).toEqual({ hotMs: 3_600_000, warmMs: DAY_MS, cold: false })
    expect(retention.closedBefore(DAY_MS)).toEqual({
      at: DAY_MS - 3_600_000,
      types: { brief: DAY_MS, kept: DAY_MS - 3_600_000 },
    })
  })

  test.each<[unknown, string]>([
    [{ hot: '1 fortnight' }, 'retention.hot'],
    [{ hot: -1 }, 'retention.hot'],
    [{ warm: {} }, 'retention.warm'],
    [{ cold: 'no' }, 'retention.cold'],
    [{ lukewarm: 1 }, 'retention.lukewarm'],
    [{ types: [] }, 'retention.types'],
    [{ types: { order: null } }, 'retention.types.order'],
    [{ types: { order: { hot: 'soon' } } }, 'retention.types.order.hot'],
    [{ types: { order: { types: {} } } }, 'retention.types.order.types'],
    [null, 'retention'],
  ])('refuses %j by its path', (options, path) => {
    const made = (): Retention => new Retention(options as RetentionOptions)
    expect(made).toThrow(expect.objectContaining({ code: 'invalid_argument', path }))
  })
})
