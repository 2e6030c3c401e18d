/** What callers write: durations, instants, names, ids, filters, cursors, attributes, starts. */
import { deepStrictEqual } from 'node:assert/strict'
import * as fc from 'fast-check'
import { attributePatch, encodedAttributes } from '../../shared/attributes.ts'
import { duration, toEpochMs, toMs } from '../../shared/duration.ts'
import type { Duration, Instant } from '../../shared/duration.ts'
import { idAfter, idTime, newId } from '../../shared/ids.ts'
import { cursorOf, listQuery, positionIn } from '../../shared/listing.ts'
import type { ListFilter } from '../../shared/listing.ts'
import {
  checkedChoice,
  checkedFields,
  checkedName,
  checkedPriority,
  checkedWorkflowId,
  nameOf,
} from '../../shared/names.ts'
import type { Json } from '../../shared/payload.ts'
import { retryRules } from '../../shared/retry-policy.ts'
import { startDraft } from '../../shared/start.ts'
import { checkedTraceparent, traceparent } from '../../shared/trace.ts'
import { declaredAttributes, hasAttributes, unfitAttribute } from '../../scheduler-do/attributes.ts'
import { hostileJson, hostileNumber, hostileText, hostileValue } from './hostile.ts'
import { mutatedJson, mutatedText } from './mutated.ts'
import { holds, target, verdictOf } from './target.ts'
import type { Target, Verdict } from './target.ts'

const number = fc.oneof(
  fc.nat().map(String),
  fc.double().map(String),
  fc.constantFrom('1.', '.5', '1e3', '1e400'),
)
const unit = fc.constantFrom('ms', 's', 'm', 'h', 'd', 'w', 'seconds', 'hours', 'weeks', 'y', 'S', '')
const durations = mutatedText(
  fc.tuple(number, fc.constantFrom('', ' ', '  '), unit).map((parts) => parts.join('')),
)
const instants = mutatedText(
  fc.oneof(
    fc.date({ noInvalidDate: true }).map((date) => date.toISOString()),
    fc.constantFrom('2026-02-29', '2026-12-01T09:00:00+02:00', '+010000-01-01', '2026-01-01T24:00Z'),
  ),
)
const runId = newId(1_767_268_800_000)

const filter: fc.Arbitrary<Json> = fc.constant({
  status: ['running', 'failed'],
  taskQueue: 'default',
  workflowType: 'order',
  idPrefix: 'order-',
  searchAttributes: { customer: 'c-1', total: 5, tags: ['a'] },
  startedAfter: '2026-01-01',
  closedBefore: 1_767_268_800_000,
  orderBy: 'closedAt',
  limit: 10,
  cursor: cursorOf({ at: 1_767_268_800_000, runId }, 'closedAt'),
  tiers: ['hot'],
})

const start: fc.Arbitrary<Json> = fc.constant({
  workflowId: 'order-1',
  taskQueue: 'default',
  idReuse: 'reject',
  idConflict: 'fail',
  executionTimeout: '1h',
  runTimeout: 5_000,
  startDelay: '2 days',
  memo: { note: 'n' },
  searchAttributes: { customer: 'c-1' },
  traceparent: traceparent(runId),
  priority: 5,
  version: 'v1',
  requestId: 'r-1',
  input: { id: 'order-1' },
  retry: { maxAttempts: 3 },
})

const retry: fc.Arbitrary<Json> = fc.constant({
  maxAttempts: 3,
  jitter: 0.5,
  backoffCoefficient: 2,
  initialInterval: '1s',
  maxInterval: '100s',
  backoff: 'linear',
  nonRetryableErrors: ['CardDeclined'],
})

const named: readonly ((given: unknown) => unknown)[] = [
  (given) => encodeURIComponent(checkedName(given, 'name')),
  (given) => checkedWorkflowId(given),
  (given) => checkedChoice(given, ['a', 'b'], 'choice'),
  (given) => checkedFields(given, 'fields'),
  (given) => checkedPriority(given as number),
  (given) => nameOf(given as string, 'workflow'),
  (given) => checkedTraceparent(given),
]

export const argumentTargets: readonly Target[] = [
  target(
    { name: 'duration', weight: 150 },
    fc.oneof(durations, hostileText, hostileNumber, hostileValue),
    (given) =>
      verdictOf(() => {
        const ms = toMs(given as Duration, 'sleep', { allowNegative: true })
        holds(Number.isSafeInteger(ms) && !Object.is(ms, -0), `${ms} ms`)
        holds(toMs(ms, 'sleep', { allowNegative: true }) === ms, 'a number of milliseconds is that duration')
        if (typeof given === 'string') duration(given)
      }),
  ),
  target(
    { name: 'instant', weight: 150 },
    fc.oneof(instants, hostileText, hostileNumber, hostileValue),
    (given) =>
      verdictOf(() => {
        const ms = toEpochMs(given as Instant, 'startTime')
        holds(Number.isInteger(ms) && !Object.is(ms, -0), `${ms} ms`)
        holds(toEpochMs(new Date(ms).toISOString(), 'startTime') === ms, 'its ISO form is the same instant')
      }),
  ),
  target({ name: 'name' }, fc.tuple(fc.nat(named.length - 1), hostileValue), ([which, given]) =>
    verdictOf(() => named[which]!(given)),
  ),
  target({ name: 'traceparent', weight: 40 }, mutatedText(fc.constant(traceparent(runId))), (text) =>
    verdictOf(() => {
      const [, trace, span] = checkedTraceparent(text).split('-')
      holds(!/^0+$/.test(trace!) && !/^0+$/.test(span!), 'ids of zeros are refused')
    }),
  ),
  target(
    { name: 'run-id' },
    fc.tuple(fc.nat(2 ** 40), fc.oneof(mutatedText(fc.constant(runId)), hostileText)),
    ([now, text]): Verdict => {
      const madeAt = idTime(text)
      if (madeAt === null) return 'refused'
      holds(Number.isSafeInteger(madeAt) && madeAt >= 0, `made at ${madeAt}`)
      if (/^Z+$/.test(text.slice(10))) return 'accepted'
      holds(
        idAfter(text.toUpperCase(), newId(now)) > text.toUpperCase(),
        'an id behind another sorts behind it',
      )
      return 'accepted'
    },
  ),
  target({ name: 'list-filter' }, fc.oneof(mutatedJson(filter), hostileValue), (given) =>
    verdictOf(() => {
      const query = listQuery(given as ListFilter)
      holds(query.limit >= 1 && query.limit <= 1_000, `a limit of ${query.limit}`)
    }),
  ),
  target(
    { name: 'list-cursor' },
    fc.oneof(
      mutatedText(fc.nat(2 ** 41).map((at) => cursorOf({ at, runId }, 'startedAt'))),
      hostileText,
      fc
        .array(fc.oneof(hostileText, hostileNumber), { maxLength: 4 })
        .map((parts) => btoa(escape(JSON.stringify(parts)))),
    ),
    (cursor) =>
      verdictOf(() => {
        const position = positionIn(cursor, 'startedAt')
        deepStrictEqual(positionIn(cursorOf(position, 'startedAt'), 'startedAt'), position)
      }),
  ),
  target(
    { name: 'search-attributes' },
    fc.tuple(
      fc.oneof(mutatedJson(fc.constant<Json>({ customer: 'c', total: 5, tags: ['a'] })), hostileValue),
      hostileJson,
    ),
    ([given, types]) =>
      verdictOf(() => {
        const fields = checkedFields(given, 'searchAttributes') as never
        const stored = encodedAttributes(fields)
        holds(hasAttributes(stored, stored, new Map()), 'a run has the attributes that it has')
        attributePatch(fields)
        unfitAttribute(declaredAttributes(checkedFields(types, 'searchAttributes') as never), stored)
      }),
  ),
  target({ name: 'start-options' }, fc.oneof(mutatedJson(start), hostileJson), (given) =>
    verdictOf(() => startDraft('order', checkedFields(given, 'options'))),
  ),
  target({ name: 'retry-policy' }, fc.oneof(mutatedJson(retry), hostileValue), (given) =>
    verdictOf(() => {
      const rules = retryRules(checkedFields(given, 'retry'))
      holds(Number.isFinite(rules.initialMs) && Number.isFinite(rules.maxMs), 'intervals are numbers')
    }),
  ),
]
