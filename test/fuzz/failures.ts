/** Failures: whatever was thrown as a value, and values that no failure was. */
import * as fc from 'fast-check'
import { decodeFailure } from '../../shared/codec.ts'
import { deserializeError, serializeError } from '../../shared/core/failure.ts'
import {
  ActivityError,
  ApplicationError,
  CancelledError,
  CompensationError,
  NonDeterminismError,
  QueryNotRegisteredError,
  SignalTimeoutError,
  TimeoutError,
  WorkflowAlreadyStartedError,
  WorkflowError,
  WorkflowFailedError,
} from '../../shared/errors.ts'
import type { SerializedError } from '../../shared/errors.ts'
import type { Json } from '../../shared/payload.ts'
import { refusalError } from '../../shared/refusal.ts'
import { hostileJson, hostileText, hostileValue } from './hostile.ts'
import { mutatedJson } from './mutated.ts'
import { awaitedVerdict, holds, target } from './target.ts'
import type { Target } from './target.ts'

const run = { workflowId: 'order-1', runId: '01RUN', status: 'failed' as const }
const plain = fc.tuple(hostileText, hostileValue).map(([message, details]) => {
  const error = new Error(message)
  return Object.assign(error, { details, code: 5 })
})
const application = fc
  .tuple(hostileText, hostileText, hostileValue)
  .map(
    ([message, type, details]) =>
      new ApplicationError(message, { type, details, retryAfter: message as never }),
  )

const ours: fc.Arbitrary<Error> = fc.tuple(fc.nat(9), fc.oneof(plain, application)).map(([which, cause]) => {
  const made: readonly (() => Error)[] = [
    () => new ActivityError('charge', 3, cause),
    () => new TimeoutError('heartbeat', 'late', cause),
    () => new SignalTimeoutError('paid'),
    () => new CancelledError('why'),
    () => new CompensationError([cause, new Error('second')], cause),
    () => new WorkflowFailedError(run, cause),
    () => new WorkflowAlreadyStartedError('order-1', '01RUN'),
    () => new NonDeterminismError(7, { expected: 'a', actual: 'b' }),
    () => new QueryNotRegisteredError('none', ['status']),
    () => new AggregateError([cause, 1], 'many', { cause }),
  ]
  return made[which]!()
})
const thrown = fc.oneof(hostileValue, plain, application, ours)

const same = (content: Uint8Array): Promise<Uint8Array> => Promise.resolve(content)
const coding = { codec: { encode: same, decode: same }, failures: true }

/** F2 says: below 1 MB. */
const MOST_BYTES = 1_000_000

const serialized: fc.Arbitrary<Json> = fc
  .oneof(plain, application, ours)
  .map((error) => structuredClone(JSON.parse(JSON.stringify(serializeError(error)))) as Json)

export const failureTargets: readonly Target[] = [
  target({ name: 'failure-serialize' }, thrown, (one) => {
    const failure = serializeError(one)
    const json = JSON.stringify(failure)
    holds(Buffer.byteLength(json) < MOST_BYTES, `a failure of ${json.length} characters`)
    const back = deserializeError(JSON.parse(json) as SerializedError)
    holds(back instanceof WorkflowError && back.code === failure.code, `comes back as ${back.code}`)
    holds(back.message === failure.message, 'the message comes back')
    return 'accepted'
  }),
  target(
    { name: 'failure-deserialize', weight: 150 },
    fc.oneof(mutatedJson(serialized), hostileJson),
    (json) => {
      const error = deserializeError(json as unknown as SerializedError)
      holds(error instanceof WorkflowError, 'every failure is an error of ours')
      holds(typeof error.message === 'string' && typeof error.stack === 'string', 'its texts are texts')
      serializeError(error)
      return 'accepted'
    },
  ),
  target({ name: 'failure-codec', weight: 40 }, mutatedJson(serialized).filter(isFields), (json) =>
    awaitedVerdict(async () => {
      deserializeError(await decodeFailure(coding, json as unknown as SerializedError))
    }),
  ),
  target(
    { name: 'refusal', weight: 40 },
    fc.record({
      code: fc.constantFrom(
        'workflow_already_started',
        'query_not_registered',
        'invalid_argument',
        'internal',
      ),
      facts: mutatedJson(fc.constant<Json>({ runId: '01RUN', known: ['a'], path: 'input' })).filter(isFields),
      error: mutatedJson(serialized).filter(isFields),
    }),
    ({ code, facts, error }) => {
      const refusal = { ok: false, code, message: 'm', facts, error }
      holds(refusalError(refusal as never) instanceof WorkflowError, 'every refusal is an error of ours')
      return 'accepted'
    },
  ),
]

function isFields(json: Json): boolean {
  return typeof json === 'object' && json !== null && !Array.isArray(json)
}
