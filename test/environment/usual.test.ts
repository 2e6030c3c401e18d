/** Requests that are taken without going through the shape of all that they may say. */
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import * as z from 'zod/mini'
import * as requests from '../../scheduler-do/requests.ts'
import { checked } from '../../scheduler-do/shapes.ts'
import { workflowRoutes } from '../../scheduler-do/http/workflows.ts'
import { isUsualClaim, isUsualSettlement, isUsualStart, isUsualStartBody } from '../../scheduler-do/usual.ts'
import * as wire from '../../scheduler-do/wire.ts'
import { startDraft } from '../../shared/start.ts'
import { to } from './shard.ts'

const usual = {
  v: 1,
  to,
  ...startDraft('order', { workflowId: 'order-1', taskQueue: 'orders', input: { items: [1, 'two', null] } }),
  waitMs: 20_000,
}

test('what a client sends that asks for nothing special is usual, with an input or without', () => {
  const { input: _, ...without } = usual
  expect([usual, without].map(isUsualStart)).toEqual([true, true])
  expect(checked(requests.start, usual)).toBe(usual)
})

const text = fc.oneof(
  fc.constantFrom('order', '', 'a/b', '\0', '\ud800', 'n'.repeat(200), 'n'.repeat(201), 'ä'.repeat(501)),
  fc.constantFrom('allow', 'allow-failed-only', 'reject', 'fail', 'use-existing', 'at random'),
)
const number = fc.oneof(fc.constantFrom(0, 1, -1, 0.5, NaN, Infinity, 2 ** 53), fc.nat())
const json = fc.oneof(fc.jsonValue(), fc.constant('x'.repeat(200_000)), fc.constant({ at: new Date(0) }))
const address = fc.record(
  { namespace: text, shard: number, shards: number, more: json },
  { requiredKeys: [] },
)
const any = fc.oneof(text, number, json, address, fc.constantFrom(undefined, null))
const names = [...Object.keys(requests.start.shape), 'v', 'unknown', '__proto__']

const [{ body: startBody = z.never() } = {}] = workflowRoutes.filter(({ id }) => id === 'startWorkflow')
const { v: _, to: __, ...usualBody } = usual

test('what a client sends over HTTP is usual, too', () => {
  expect([usualBody, { workflowType: 'order' }].map(isUsualStartBody)).toEqual([true, true])
  expect(checked(startBody, usualBody)).toBe(usualBody)
})

const shapes = [
  [requests.start, isUsualStart, usual],
  [startBody, isUsualStartBody, usualBody],
] as const
test.each(shapes)('whatever is usual, the shape takes as it is, less the version', (shape, isUsual, from) => {
  let taken = 0
  const changes = fc.array(fc.tuple(fc.constantFrom(...names), fc.option(any, { nil: 'left out' })), {
    maxLength: 3,
  })
  fc.assert(
    fc.property(changes, (changed) => {
      const request = Object.fromEntries(
        [...Object.entries(from), ...changed].filter(([, value]) => value !== 'left out'),
      )
      if (!isUsual(request)) return
      taken += 1
      const { v: ___, ...said } = request
      expect(z.safeParse(shape, request)).toEqual({ success: true, data: said })
    }),
    { numRuns: 1_000 },
  )
  expect(taken).toBeGreaterThan(100)
})

test.each([
  ['a list', []],
  ['nothing', null],
  ['a start without its id', { ...usual, workflowId: undefined }],
  ['one that lacks a field', { to }],
  ['one of another policy', { ...usual, idConflict: 'use-existing' }],
])('%s is for the shape to judge', (_what, request) => {
  expect(isUsualStart(request)).toBe(false)
})

const key = { runId: 'r', seq: 1, attempt: 1 }
const head = { v: 1, to, claimId: 'c' }
const claim = { ...head, tasks: [{ ...key, deliveries: 1, needInput: false }] }
const completed = (outcome: object) => ({
  ...head,
  tasks: [{ ...key, outcome: { kind: 'completed', ...outcome } }],
})
const settlement = completed({ result: { done: [1] } })
const kinds = [
  ['claim', { shape: wire.claim, isUsual: isUsualClaim, usual: claim }],
  ['settlement', { shape: wire.settle, isUsual: isUsualSettlement, usual: settlement }],
] as const
const kind = fc.constantFrom('completed', 'failed', 'given_back', '')
const outcome = fc.record({ kind, result: any, more: any }, { requiredKeys: [] })
/** Paths of what may be changed. */
const places = [
  ...['v', 'to', 'claimId', 'tasks', 'unknown', '__proto__'].map((name) => [name]),
  ...['runId', 'seq', 'attempt', 'deliveries', 'needInput', 'outcome', 'heartbeat', 'unknown'].map((name) => [
    'tasks',
    0,
    name,
  ]),
  ...['kind', 'result', 'error', 'unknown'].map((name) => ['tasks', 0, 'outcome', name]),
  ...['namespace', 'shard', 'shards', 'unknown'].map((name) => ['to', name]),
]

describe.each(kinds)('a %s', (_kind, { shape, isUsual, usual: whole }) => {
  test('of tasks that are as most are is usual', () => {
    expect(isUsual(whole)).toBe(true)
    expect(checked<object>(shape, whole)).toBe(whole)
  })

  test('that is usual the shape takes as it is', () => {
    let taken = 0
    const changes = fc.array(
      fc.tuple(
        fc.constantFrom(...places),
        fc.option(fc.oneof(any, outcome, fc.boolean()), { nil: 'left out' }),
      ),
      { maxLength: 3 },
    )
    fc.assert(
      fc.property(changes, (changed) => {
        const request = structuredClone<object>(whole)
        for (const [path, value] of changed) change(request, path, value)
        if (!isUsual(request)) return
        taken += 1
        expect(z.safeParse(shape, request)).toEqual({ success: true, data: request })
      }),
      { numRuns: 2_000 },
    )
    expect(taken).toBeGreaterThan(200)
  })

  test.each([
    ['a list', []],
    ['nothing', null],
    ['one without tasks', head],
    ['one of no list of tasks', { ...whole, tasks: {} }],
    ['one of a task that is nothing', { ...whole, tasks: [null] }],
    ['one of too many tasks', { ...whole, tasks: Array.from({ length: 1_001 }, () => whole.tasks[0]) }],
    ['one with a heartbeat', { ...whole, tasks: [{ ...whole.tasks[0], heartbeat: {} }] }],
  ])('that is %s is for the shape to judge', (_what, request) => {
    expect(isUsual(request)).toBe(false)
  })
})

test('a task that was completed without a result is settled as usual, one that failed is not', () => {
  const failed = { kind: 'failed', error: { name: 'Error', message: '', code: 'application_error' } }
  expect(isUsualSettlement(completed({}))).toBe(true)
  expect(isUsualSettlement({ ...head, tasks: [{ ...key, outcome: failed }] })).toBe(false)
})

/** Sets what is at the path, or takes it out, as far as there is one. */
function change(request: object, path: readonly (string | number)[], value: unknown): void {
  const [name, ...rest] = path
  if (name === undefined) return
  const inner: unknown = Reflect.get(request, name)
  if (rest.length > 0) {
    if (typeof inner === 'object' && inner !== null) change(inner, rest, value)
  } else if (value === 'left out') Reflect.deleteProperty(request, name)
  else Object.defineProperty(request, name, { value, enumerable: true, writable: true, configurable: true })
}
