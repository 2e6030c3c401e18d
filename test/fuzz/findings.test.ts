/** What fuzzing has found, each with the smallest input that showed it. docs/design/fuzzing.md lists them. */
import { describe, expect, test } from 'vitest'
import { HttpScheduler } from '../../activity-worker/http.ts'
import { CatalogRefusal } from '../../archiver/iceberg/catalog.ts'
import { parseJson } from '../../archiver/iceberg/json.ts'
import { RestCatalog } from '../../archiver/iceberg/rest.ts'
import { compileRecord } from '../../archiver/iceberg/shape.ts'
import { readConfig } from '../../scheduler-do/config.ts'
import { checked } from '../../scheduler-do/shapes.ts'
import * as wire from '../../scheduler-do/wire.ts'
import { TaskTokens } from '../../scheduler-do/task-tokens.ts'
import { calendarOf } from '../../scheduler-do/schedules/calendar.ts'
import { rangesOf, timesOf } from '../../scheduler-do/schedules/checks.ts'
import { timesAfter } from '../../shared/core/calendar.ts'
import { deserializeError, serializeError } from '../../shared/core/failure.ts'
import { askedDelayMs } from '../../shared/core/retry.ts'
import { toEpochMs, toMs } from '../../shared/duration.ts'
import type { Duration } from '../../shared/duration.ts'
import { WorkflowError } from '../../shared/errors.ts'
import { idTime } from '../../shared/ids.ts'
import { listQuery } from '../../shared/listing.ts'
import { decodePayload, encodePayload } from '../../shared/payload.ts'
import type { Json } from '../../shared/payload.ts'
import { retryRules } from '../../shared/retry-policy.ts'
import { startDraft } from '../../shared/start.ts'
import { checkedTraceparent } from '../../shared/trace.ts'
import { recordedEvent } from '../../testing/event.ts'

const refused = (path: string) => expect.objectContaining({ code: 'invalid_argument', path })
/** Has no form as text: `String` of it throws. */
const textless = (): object => ({ toString: null, valueOf: null })

function nested(levels: number): Json {
  let json: Json = 1
  for (let i = 0; i < levels; i++) json = [json]
  return json
}

describe('a payload', () => {
  test('behind a codec, of which no base64 is left, is refused', () => {
    const payload = { $type: 'encoded', value: '!', workflowId: 'order-1', field: 'input' }
    expect(() => decodePayload(payload)).toThrow(expect.objectContaining({ code: 'payload_unsupported' }))
  })

  test('that travels by reference keeps what it needs, whatever else stands beside it', () => {
    const reference = { $type: 'ref', key: 'k', size: 9 }
    const value = decodePayload({ ...reference, beside: nested(100_000) })
    expect(encodePayload(value, 'input')).toEqual(reference)
  })

  test('of an error whose stack is no text is refused', () => {
    const payload = { $type: 'Error', value: { name: 'Error', message: '', stack: false } }
    expect(() => decodePayload(payload)).toThrow(expect.objectContaining({ code: 'payload_unsupported' }))
  })
})

describe('a failure that no release has written is an error all the same', () => {
  const plain = { name: 'E', message: 'm', code: 'application_error' }
  test.each<[string, unknown]>([
    ['nothing', null],
    ['a text', 'boom'],
    ['a list as its message', { ...plain, message: [textless()] }],
    ['no cause', { ...plain, cause: null }],
    ['a number as its cause', { ...plain, cause: 5 }],
    ['no facts', { ...plain, facts: null }],
    ['queries without a name', { ...plain, code: 'query_not_registered', facts: { known: [textless()] } }],
    ['compensations', { ...plain, code: 'compensation_failed', facts: { failures: [textless()] } }],
  ])('%s', (_, failure) => {
    const error = deserializeError(failure as never)
    expect(error).toBeInstanceOf(WorkflowError)
    expect([typeof error.message, typeof error.stack]).toEqual(['string', 'string'])
  })
})

test('a failure that is nested deep is told as deep as a payload goes', () => {
  let deep: Json = 1
  for (let i = 0; i < 100_000; i++) deep = { name: 'E', code: 'timeout', cause: deep }
  for (const thrown of [deep, new Error('m', { cause: deep })]) {
    const { message, cause } = serializeError(thrown)
    expect((cause?.message ?? message).length).toBeLessThan(3_000)
    expect(cause?.message).toContain('{"name":"E","code":"timeout","cause":"..."}')
  }
})

test('a failure has no cause among its facts', () => {
  const failure = { name: 'E', message: 'm', code: 'application_error', facts: { cause: 5, extra: 5 } }
  const error = deserializeError(failure)
  expect(error).toMatchObject({ extra: 5 })
  expect(error.cause).toBeUndefined()
})

describe('a duration', () => {
  const digits = '1'.repeat(200_000)

  test('of very many digits is refused at once', { timeout: 5_000 }, () => {
    expect(() => toMs(`${digits}x` as Duration, 'timeout')).toThrow(refused('timeout'))
  })

  test('that a failure asks for holds up no shard', { timeout: 5_000 }, () => {
    const error = { name: 'E', message: 'm', code: 'application_error', facts: { retryAfter: `${digits}x` } }
    expect(askedDelayMs(error)).toBeUndefined()
  })

  test('or an instant that has no form as text is refused', () => {
    expect(() => toMs(textless() as never, 'sleep')).toThrow(refused('sleep'))
    expect(() => toEpochMs([textless()] as never, 'startTime')).toThrow(refused('startTime'))
  })
})

describe('an argument of another type than its own is refused by its path', () => {
  test.each<[string, string, () => unknown]>([
    ['a trace context', 'traceparent', () => checkedTraceparent(textless())],
    ['a filter', 'filter', () => listQuery(null as never)],
    ['a field without a name', 'filter', () => listQuery({ '': '' } as never)],
    ['a memo', 'memo', () => startDraft('order', { memo: null as never })],
    ['search attributes', 'searchAttributes', () => startDraft('order', { searchAttributes: null as never })],
    ['attempts', 'retry.maxAttempts', () => retryRules({ maxAttempts: [textless()] as never })],
    ['a retry policy', 'retry', () => retryRules(5 as never)],
    // As a text it matched every error whose name is a part of it; as a number it broke the turn of a shard.
    ['one error', 'retry.nonRetryableErrors', () => retryRules({ nonRetryableErrors: 'Declined' as never })],
    ['a number of errors', 'retry.nonRetryableErrors', () => retryRules({ nonRetryableErrors: 5 as never })],
    ['a request', 'request', () => checked(wire.renew, null)],
    ['a range', 'ranges[0]', () => rangesOf([null] as never, 0)],
  ])('%s', (_, path, check) => {
    expect(check).toThrow(refused(path))
  })
})

const QUEUE = { Q_QUEUE: { sendBatch: () => {} } }

describe('what a scheduler is made of is refused by its path', () => {
  const env = { SCHEDULER: { idFromName: () => '' } }
  test.each<[string, string, object, object?]>([
    ['a task queue', 'taskQueues.default', { taskQueues: { default: null } }],
    [
      'a rate',
      'taskQueues.q.ratePerSecond',
      { taskQueues: { q: { pull: true, ratePerSecond: [textless()] } } },
      {},
    ],
    [
      'tasks of no message',
      'taskQueues.q.tasksPerMessage',
      { taskQueues: { q: { tasksPerMessage: 101 } } },
      QUEUE,
    ],
    [
      'tasks that are taken',
      'taskQueues.q.tasksPerMessage',
      { taskQueues: { q: { pull: true, tasksPerMessage: 2 } } },
    ],
    ['a linger', 'cdc.linger', { cdc: { linger: [textless()] } }],
    ['a linger for longer than an alarm waits', 'cdc.linger', { cdc: { linger: '2s' } }],
    ['a version', 'versions.v1', { versions: { v1: {} } }],
    ['shards', 'SHARDS', {}, { SHARDS: textless() }],
    ['attributes', 'searchAttributes', { searchAttributes: null }],
  ])('%s', (...[, path, options, variables]) => {
    const read = () => readConfig({ workflows: [], ...options }, { ...env, ...variables }, {} as never)
    expect(read).toThrow(refused(path))
  })
})

const noReply = () => Promise.resolve(new Response('<title>A proxy</title>'))

test('an answer that is no reply of a scheduler is asked for again', async () => {
  const scheduler = new HttpScheduler({ url: 'http://s', token: 't', fetch: noReply }, 'default')
  const poll = scheduler.poll({ claimId: 'c', poller: 'p', limit: 1, waitMs: 0 })
  await expect(poll).rejects.toMatchObject({ code: 'overloaded' })
})

test('an id of later than ids can say is none', () => {
  expect(idTime('7ZZZZZZZZZZZZZZZZZZZZZZZZZ')).toBe(2 ** 48 - 1)
  expect(idTime('80000000000000000000000000')).toBeNull()
})

test('an interval comes at the same times from wherever it is asked', () => {
  const start = -8_640_000_000_000_000
  const calendar = calendarOf('seed', timesOf({ every: '36500000d', startAt: start }))
  const [fourth, fifth] = timesAfter(calendar, 1_774_746_000_000, 3).slice(1)
  expect(fifth).toEqual({ at: start + 5 * 3_153_600_000_000_000, dueAt: expect.any(Number) })
  expect(calendar.next(fifth!.at - 1)).toEqual(fifth)
  expect(calendar.next(fourth!.at)).toEqual(fifth)
})

describe('the times of a cron', () => {
  const calendar = calendarOf('seed', timesOf({ cron: '0 12 * * 5', timeZone: '+05:30' }))

  test('end where dates do', { timeout: 5_000 }, () => {
    const late = timesOf({ cron: '0 12 * * 5', timeZone: '+05:30', startAt: 8_640_000_000_000_000 })
    expect(calendarOf('seed', late).next(0)).toBeNull()
    expect(calendar.next(8_639_999_999_999_999)).toBeNull()
  })

  test('begin where dates do', () => {
    const [range] = rangesOf([{ from: -8_640_000_000_000_000, to: 0 }], 0)
    expect(calendar.next(range!.from - 1)).toEqual({ at: expect.any(Number), dueAt: expect.any(Number) })
  })
})

const badPrefix = () => Promise.resolve(new Response('{"defaults":{"prefix":"\\ud800"},"overrides":{}}'))

describe('a catalog', () => {
  test('whose prefix can be in no URL is refused', async () => {
    const catalog = new RestCatalog({
      uri: 'http://c',
      warehouse: 'w',
      token: 't',
      fetch: badPrefix,
      timeoutMs: 5_000,
    })
    const loaded = catalog.load({ namespace: ['durable'], name: 'history' })
    await expect(loaded).rejects.toBeInstanceOf(CatalogRefusal)
  })

  test('whose metadata has a number beyond what a double holds is refused, not written as null', () => {
    expect(() => parseJson('{"a":1e400}')).toThrow(SyntaxError)
    expect(parseJson('{"a":1e300,"b":7213948571203948571}')).toEqual({ a: 1e300, b: 7213948571203948571n })
  })

  test.each([['x'.repeat(20_000)], [{ type: 'fixed', name: 'f', size: nested(100_000) }]])(
    'whose Avro schema has a type that nobody knows says so shortly',
    (type) => {
      const schema = { type: 'record', name: 'r', fields: [{ name: 'a', type }] }
      const refusal = expect.objectContaining({ fault: 'object_corrupt', message: expect.any(String) })
      expect(() => compileRecord(schema, 'x.avro')).toThrow(refusal)
      expect(() => compileRecord(schema, 'x.avro')).toThrow(/^.{20,1100}$/)
    },
  )
})

describe('a history', () => {
  test.each<[string, object, string]>([
    ['a failure that is missing', { type: 'activity_failed', at: 1, seq: 1, attempt: 1 }, 'error'],
    ['a call without a number', { type: 'timer_fired', at: 1, seq: 'x' }, 'seq'],
    ['a memo that is none', { type: 'memo_upserted', at: 1, memo: null }, 'memo'],
    ['no whole time', { type: 'timer_fired', at: Infinity, seq: 1 }, 'at'],
  ])('with %s is refused by its place', (_, event, field) => {
    expect(() => recordedEvent({ ...event }, 'history[3]')).toThrow(refused(`history[3].${field}`))
  })
})

test('a task token has one text: another one of the same bytes is refused', () => {
  const tokens = new TaskTokens('a-key-of-thirty-two-characters-or-more')
  const to = { namespace: 'default', shard: 0, shards: 8 }
  const token = tokens.sign({ to, runId: '01RUN', seq: 1, attempt: 1, claimId: 'claim-1' })
  // The last of 43 characters has two bits that are of no byte.
  const last = token.at(-1)!
  const digits = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
  const twin = token.slice(0, -1) + digits[digits.indexOf(last) ^ 1]
  for (const other of [twin, `${token}=`, `${token} `, token.replace('.', '. ')])
    expect(() => tokens.check(other)).toThrow(refused('taskToken'))
  expect(tokens.check(token)).toMatchObject({ seq: 1 })
})
