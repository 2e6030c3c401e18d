import { describe, expect, test } from 'vitest'
import { filterOf, searchOf, toggled, withValues } from '../../dashboard/api/filter.ts'

describe('the filter of the list', () => {
  test('comes back from the address as it went there, and nothing else does', () => {
    const filter = {
      status: ['running', 'paused'],
      idPrefix: ['order/1 & 2%'],
      searchAttributes: ['{"a":"ü"}'],
    }
    expect(filterOf(searchOf(filter))).toEqual(filter)
    expect(filterOf('status=running&tab=events&limit=9')).toEqual({ status: ['running'] })
  })

  test('has a value or lacks it', () => {
    const both = toggled(toggled({}, 'status', 'failed'), 'status', 'running')
    expect(both).toEqual({ status: ['failed', 'running'] })
    expect(toggled(toggled(both, 'status', 'failed'), 'status', 'running')).toEqual({})
  })

  test('has no empty values', () => {
    expect(withValues({ taskQueue: ['orders'] }, 'taskQueue', [''])).toEqual({})
  })
})
