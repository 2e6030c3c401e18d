/** A start that is taken without going through the shape of all that a start may say. */
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import * as z from 'zod/mini'
import * as requests from '../../scheduler-do/requests.ts'
import { checked } from '../../scheduler-do/shapes.ts'
import { isUsualStart } from '../../scheduler-do/usual.ts'
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

test('whatever is usual, the shape takes as it is, less the version that was asked before', () => {
  let taken = 0
  const changes = fc.array(fc.tuple(fc.constantFrom(...names), fc.option(any, { nil: 'left out' })), {
    maxLength: 3,
  })
  fc.assert(
    fc.property(changes, (changed) => {
      const request = Object.fromEntries(
        [...Object.entries(usual), ...changed].filter(([, value]) => value !== 'left out'),
      )
      if (!isUsualStart(request)) return
      taken += 1
      const { v: _, ...said } = request
      expect(z.safeParse(requests.start, request)).toEqual({ success: true, data: said })
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
