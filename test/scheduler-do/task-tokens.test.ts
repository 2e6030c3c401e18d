import { describe, expect, test } from 'vitest'
import { TaskTokens } from '../../scheduler-do/task-tokens.ts'

const old = 'the-old-key-of-32-characters-000'
const fresh = 'the-new-key-of-32-characters-000'
const body = {
  to: { namespace: 'shop', shard: 3, shards: 8 },
  runId: '01RUN',
  seq: 4,
  attempt: 2,
  claimId: 'c-1',
}

describe('task tokens', () => {
  test('say what they were made of, and hold in a URL', () => {
    const token = new TaskTokens(old).sign(body)
    expect(token).toMatch(/^[\w-]+\.[\w-]+$/)
    expect(new TaskTokens(old).check(token)).toEqual(body)
  })

  test('K2: are signed with the first key and checked with all, so that keys can be changed', () => {
    const before = new TaskTokens(old).sign(body)
    const both = new TaskTokens(`${fresh}, ${old}`)
    expect(both.check(before)).toEqual(body)
    const during = both.sign(body)
    expect(new TaskTokens(fresh).check(during)).toEqual(body)
    expect(() => new TaskTokens(fresh).check(before)).toThrow(
      expect.objectContaining({ code: 'unauthorized' }),
    )
  })

  test('need a key of a length worth the name', () => {
    expect(() => new TaskTokens('secret')).toThrow(expect.objectContaining({ code: 'not_configured' }))
    const none = new TaskTokens(undefined)
    expect(none.configured).toBe(false)
    expect(() => none.sign(body)).toThrow(expect.objectContaining({ path: 'env.TASK_TOKEN_KEYS' }))
    const token = new TaskTokens(old).sign(body)
    expect(() => none.check(token)).toThrow(expect.objectContaining({ code: 'not_configured' }))
  })
})
