/** Every verb of a shard, asked with what it must refuse: with a code and the path, and nothing is written. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Payload } from '../../shared/payload.ts'
import type { Reply } from '../../shared/protocol.ts'
import type { Told } from '../../shared/together.ts'
import { workflow } from '../../shared/index.ts'
import { served } from './served.ts'
import type { Served } from './served.ts'

const waits = workflow('waits', async (ctx) => await ctx.waitForSignal('never'))

let engine: Served
beforeAll(async () => {
  engine = await served({ workflows: [waits] })
  await ask('start', start)
})
afterAll(() => engine.platform.end())

type Verbs = Record<string, (request: unknown, tell?: unknown) => Promise<Reply<unknown>>>

async function ask(verb: string, request: unknown, tell: unknown = () => {}): Promise<Reply<unknown>> {
  const service = engine.platform.service() as unknown as Verbs // asked with anything
  return await (verb === 'together' ? service[verb]!(request, tell) : service[verb]!(request))
}

const to = { namespace: 'default', shard: 0, shards: 2 }
const run = { to, workflowId: 'known-0' }
const start = { ...run, workflowType: 'waits', idReuse: 'allow', idConflict: 'fail', requestId: 'r' }
const list = { to, orderBy: '-startedAt', limit: 10 }
const task = { runId: 'r', seq: 1, attempt: 1 }
const tasks = { v: 1, to, claimId: 'c' }
const schedule = {
  to,
  scheduleId: 's',
  requestId: 'q',
  spec: { every: 60_000 },
  policy: {},
  action: { workflowId: 's', workflowType: 'waits', idReuse: 'allow', idConflict: 'fail' },
  paused: true,
}

/** What each verb takes. */
const good: Record<string, object> = {
  start,
  startMany: { to, starts: [] },
  together: { to, calls: [] },
  target: run,
  signal: { ...run, name: 'hello', signalId: '1' },
  update: { ...run, updateId: '1', name: 'none', waitMs: 0 },
  updateResult: { ...run, updateId: '1', waitMs: 0 },
  cancel: { ...run, workflowId: 'unknown' },
  terminate: { ...run, workflowId: 'unknown' },
  pause: { ...run, workflowId: 'unknown' },
  resume: { ...run, workflowId: 'unknown' },
  reset: { ...run, workflowId: 'unknown', toEvent: 1, reason: '', requestId: 'x' },
  delete: { ...run, runId: 'unknown' },
  result: { ...run, waitMs: 0, follow: true },
  query: { ...run, name: 'none', args: [] },
  describe: run,
  history: { ...run, fromEvent: 1 },
  list,
  count: { to },
  claim: { ...tasks, tasks: [{ ...task, deliveries: 1, needInput: true }] },
  renew: { ...tasks, tasks: [task] },
  settle: { ...tasks, tasks: [{ ...task, outcome: { kind: 'cancelled' } }] },
  undeliverable: { v: 1, to, tasks: [task] },
  report: { to, taskToken: 'x.y' },
  createSchedule: { ...schedule, scheduleId: 'another' },
  changeSchedule: { to, scheduleId: 'none', requestId: 'q', change: { kind: 'trigger' } },
  describeSchedule: { to, scheduleId: 'none' },
  listSchedules: { to, after: '' },
}

function deep(levels: number): Payload {
  let value: Payload = 1
  for (let level = 0; level < levels; level += 1) value = [value]
  return value
}

const tags = Array.from({ length: 300 }).reduce<Payload>(
  (value) => ({ $type: 'Object', value: value ?? 1 }),
  1,
)
const badPayloads: [what: string, payload: unknown, code?: string][] = [
  ['too deep', deep(65)],
  ['too deep by its tags', tags],
  ['no JSON', new Map([[1, 2]])],
  ['a gap', { a: undefined }],
  ['no number', NaN],
  ['a bigint', [1n]],
  ['too large', 'x'.repeat(128 * 1024), 'payload_too_large'],
  ['a tag that is none', { $type: 'Order', value: 1 }],
  ['a tag without its value', [{ at: { $type: 'Date' } }]],
  ['a tag whose value is none', { $type: 'Uint8Array', value: 'ä' }],
  ['a whole payload within another', [{ $type: 'encoded', value: '', workflowId: 'w', field: 'input' }]],
]

type Bad = [verb: string, change: object, path: string, code?: string | undefined]

const bad: Bad[] = [
  ...Object.keys(good).flatMap((verb): Bad[] => [
    [verb, { to: undefined }, 'to'],
    [verb, { to: { ...to, shard: -1 } }, 'to.shard'],
    [verb, { to: { ...to, shards: 0 } }, 'to.shards'],
    [verb, { to: { ...to, namespace: 'a/b' } }, 'to.namespace'],
    [verb, { to: { ...to, namespace: 'n'.repeat(201) } }, 'to.namespace'],
    [verb, { to: { ...to, namespace: 'a\ud800' } }, 'to.namespace'],
  ]),
  ...Object.keys(good)
    .filter((verb) => 'workflowId' in good[verb]!)
    .flatMap((verb): Bad[] => [
      [verb, { workflowId: '' }, 'workflowId'],
      [verb, { workflowId: 'x'.repeat(1_001) }, 'workflowId'],
      [verb, { workflowId: 'é'.repeat(501) }, 'workflowId'],
      [verb, { workflowId: '\ud800' }, 'workflowId'],
      [verb, { workflowId: { toString: 1 } }, 'workflowId'],
      [verb, { runId: '' }, 'runId'],
      [verb, { runId: '\udc00' }, 'runId'],
      [verb, { runId: ['x'] }, 'runId'],
    ]),
  ['start', { workflowType: 'w'.repeat(201) }, 'workflowType'],
  ['start', { workflowType: 'w\ud800' }, 'workflowType'],
  ['start', { taskQueue: '' }, 'taskQueue'],
  ['start', { taskQueue: '\udc00q' }, 'taskQueue'],
  ['start', { requestId: '\ud800' }, 'requestId'],
  ['start', { idReuse: 'always' }, 'idReuse'],
  ['start', { idConflict: '' }, 'idConflict'],
  ['start', { requestId: undefined }, 'requestId'],
  ['start', { executionTimeoutMs: -1 }, 'executionTimeoutMs'],
  ['start', { runTimeoutMs: Infinity }, 'runTimeoutMs'],
  ['start', { startDelayMs: 1.5 }, 'startDelayMs'],
  ['start', { priority: 1_001 }, 'priority'],
  ['start', { memo: 'text' }, 'memo'],
  ['start', { memo: { a: deep(65) } }, 'memo.a'],
  ['start', { memo: { a: 'x'.repeat(128 * 1024) } }, 'memo.a', 'payload_too_large'],
  ['start', { memo: { a: { $type: 'Order' } } }, 'memo.a'],
  ['start', { memo: { ['n'.repeat(201)]: 1 } }, `memo.${'n'.repeat(201)}`],
  ['start', { searchAttributes: [1] }, 'searchAttributes'],
  ['start', { traceparent: 't'.repeat(201) }, 'traceparent'],
  ['start', { retry: [] }, 'retry'],
  ['start', { waitMs: -1 }, 'waitMs'],
  ['start', { signal: { name: '', signalId: '1' } }, 'signal.name'],
  ...badPayloads.map(([, input, code]): Bad => ['start', { input }, 'input', code]),
  ...badPayloads.map(([, payload, code]): Bad => ['signal', { payload }, 'payload', code]),
  ['startMany', { starts: Array.from({ length: 501 }, () => start) }, 'starts'],
  ['startMany', { starts: 'many' }, 'starts'],
  ['together', { calls: Array.from({ length: 129 }, () => ({ verb: 'start', request: start })) }, 'calls'],
  ['together', { calls: 'many' }, 'calls'],
  ['together', { calls: [1] }, 'calls.0'],
  ['signal', { name: 7 }, 'name'],
  ['signal', { name: '\ud83d' }, 'name'],
  ['signal', { signalId: 's'.repeat(201) }, 'signalId'],
  ['update', { updateId: '' }, 'updateId'],
  ['update', { args: deep(65) }, 'args'],
  ['update', { args: [{ $type: 'Order' }] }, 'args'],
  ['update', { waitMs: NaN }, 'waitMs'],
  ['updateResult', { waitMs: '1' }, 'waitMs'],
  ['cancel', { reason: 'r'.repeat(2_001) }, 'reason'],
  ['terminate', { reason: 7 }, 'reason'],
  ['reset', { toEvent: 0 }, 'toEvent'],
  ['reset', { reason: undefined }, 'reason'],
  ['delete', { runId: undefined }, 'runId'],
  ['result', { waitMs: -1 }, 'waitMs'],
  ['result', { follow: 'yes' }, 'follow'],
  ['query', { args: Array.from({ length: 101 }, () => 1) }, 'args'],
  ['query', { args: [deep(65)] }, 'args.0'],
  ['query', { args: [{ $type: 'Order' }] }, 'args.0'],
  ['history', { fromEvent: 0 }, 'fromEvent'],
  ['history', { fromEvent: '1 or 1=1' }, 'fromEvent'],
  ['list', { limit: 1_000_000 }, 'limit'],
  ['list', { limit: 0 }, 'limit'],
  ['list', { orderBy: 'startedAt; drop table workflows' }, 'orderBy'],
  ['list', { status: ["running' or '1'='1"] }, 'status.0'],
  ['list', { status: 'running' }, 'status'],
  ['list', { tiers: ['hot', 'hot', 'hot', 'hot'] }, 'tiers'],
  ['list', { after: { at: 'x', runId: 'r' } }, 'after.at'],
  ['list', { startedAfter: 'yesterday' }, 'startedAfter'],
  ['list', { searchAttributes: 'x' }, 'searchAttributes'],
  ['list', { searchAttributes: { 'a"]': 1 } }, 'searchAttributes.a"]'],
  ['count', { searchAttributes: { "x' or 1=1 --": 1 } }, "searchAttributes.x' or 1=1 --"],
  ['count', { groupBy: 'input' }, 'groupBy'],
  ['count', { rest: { from: -1, to: 1 } }, 'rest.from'],
  ['claim', { tasks: Array.from({ length: 1_001 }, () => task) }, 'tasks'],
  ['claim', { tasks: [{ ...task, deliveries: 1, needInput: 1 }] }, 'tasks.0.needInput'],
  ['renew', { tasks: [{ ...task, seq: 0 }] }, 'tasks.0.seq'],
  ['renew', { tasks: [{ ...task, heartbeat: { details: deep(65) } }] }, 'tasks.0.heartbeat.details'],
  ['settle', { tasks: [{ ...task, outcome: { kind: 'exploded' } }] }, 'tasks.0.outcome.kind'],
  [
    'settle',
    { tasks: [{ ...task, outcome: { kind: 'failed', error: { name: 1 } } }] },
    'tasks.0.outcome.error',
  ],
  [
    'settle',
    { tasks: [{ ...task, outcome: { kind: 'completed', result: deep(65) } }] },
    'tasks.0.outcome.result',
  ],
  ['settle', { claimId: '' }, 'claimId'],
  ['settle', { claimId: '\udc00' }, 'claimId'],
  ['report', { taskToken: 't'.repeat(4_001) }, 'taskToken'],
  ['report', { details: deep(65) }, 'details'],
  ['createSchedule', { scheduleId: 's'.repeat(201) }, 'scheduleId'],
  ['createSchedule', { scheduleId: '\ud800' }, 'scheduleId'],
  ['createSchedule', { spec: 'daily' }, 'spec'],
  ['createSchedule', { spec: { cron: '* '.repeat(200) } }, 'spec.cron'],
  ['createSchedule', { paused: 'no' }, 'paused'],
  ['createSchedule', { note: 'n'.repeat(2_001) }, 'note'],
  ['createSchedule', { action: { ...schedule.action, workflowId: '' } }, 'action.workflowId'],
  ['createSchedule', { action: { ...schedule.action, input: deep(65) } }, 'action.input'],
  ['createSchedule', { action: { ...schedule.action, input: { $type: 'Order' } } }, 'action.input'],
  ['changeSchedule', { change: 'pause' }, 'change'],
  ['changeSchedule', { change: { kind: 'explode' } }, 'change'],
  ['listSchedules', { after: 'a'.repeat(201) }, 'after'],
]

describe('what a verb must not take', () => {
  test('is asked of each of them as it would be right', async () => {
    const malformed: string[] = []
    for (const [verb, request] of Object.entries(good)) {
      const reply = await ask(verb, request)
      if (!reply.ok && reply.message.includes('what it must be')) malformed.push(`${verb}: ${reply.message}`)
    }
    expect(malformed).toEqual([])
  })

  test('is refused with its code and path, and nothing is written', async () => {
    const before = await written()
    for (const [verb, change, path, code = 'invalid_argument'] of bad) {
      const request = { ...good[verb], ...change }
      const reply = await ask(verb, request).catch((error: unknown) => error)
      expect([verb, path, reply]).toMatchObject([verb, path, { ok: false, code, facts: { path } }])
    }
    expect(await written()).toEqual(before)
  })

  test('does not hide behind the others of a batch', async () => {
    const starts = [
      { ...start, workflowId: 'known-0', input: deep(65) },
      { ...start, priority: 'high' },
    ]
    const reply = await ask('startMany', { to, starts })
    expect(reply).toMatchObject({
      ok: true,
      value: [
        { ok: false, code: 'invalid_argument', facts: { path: 'input' } },
        { ok: false, code: 'invalid_argument', facts: { path: 'priority' } },
      ],
    })
  })

  test('does not hide behind the others of a call', async () => {
    const elsewhere = { ...start, to: { ...to, shard: 1 } }
    const calls = [
      { verb: 'start', request: { ...start, input: deep(65) } },
      { verb: 'start', request: elsewhere },
      { verb: 'result', request: { ...run, waitMs: -1, follow: true } },
      ...['evict', 'together', 'constructor', 'alarm', 7].map((verb) => ({ verb, request: run })),
    ]
    const told = new Map<number, Told[1]>()
    const tell = (answers: Told[]): void => answers.forEach(([place, one]) => void told.set(place, one))
    const reply = await ask('together', { to, calls }, tell)
    if (reply.ok) tell(reply.value as Told[])
    const refusals = calls
      .map((_, place) => told.get(place))
      .map((one) => (one?.ok ? one : [one?.code, one?.facts]))
    expect(refusals).toMatchObject([
      ['invalid_argument', { path: 'input' }],
      ['shard_count_mismatch', {}],
      ['invalid_argument', { path: 'waitMs' }],
      ...calls.slice(3).map(() => ['invalid_argument', { path: 'verb' }]),
    ])
  })

  test('is nobody who could be told', async () => {
    const calls = [{ verb: 'result', request: { ...run, waitMs: 0, follow: true } }]
    const reply = await ask('together', { to, calls }, 'nobody')
    expect(reply).toMatchObject({ ok: false, code: 'invalid_argument', facts: { path: 'tell' } })
  })

  test('is no field that only the engine gives', async () => {
    const parent = { workflowId: 'victim', runId: '0'.repeat(26), shard: 1, seq: 1, closePolicy: 'abandon' }
    const forged = { ...start, workflowId: 'forged-3', requestId: 'f', parent, schedule: { scheduleId: 's' } }
    const reply = await ask('start', { ...forged, workflowId: idHere('forged') })
    expect(reply).toMatchObject({ ok: true })
    const described = await ask('describe', { to, workflowId: idHere('forged') })
    expect(described).toMatchObject({ ok: true, value: { workflowType: 'waits' } })
    expect(JSON.stringify(described)).not.toMatch(/victim|scheduleId/)
  })
})

/** Of every shard, what lists and counts say. */
async function written(): Promise<unknown> {
  return [await ask('list', list), await ask('listSchedules', { to, after: '' })]
}

function idHere(prefix: string): string {
  return `${prefix}-0`
}
