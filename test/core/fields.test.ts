import { expect, test } from 'vitest'
import { given, noon, started } from './runs.ts'

test('memo and search attributes begin as the run does, and each upsert changes what it names', () => {
  const begun = { ...started, memo: { a: 1, b: 2 }, searchAttributes: { total: 1 } }
  const state = given(
    begun,
    { type: 'memo_upserted', at: noon, memo: { a: null, c: { d: 1 } } },
    { type: 'search_attributes_upserted', at: noon, searchAttributes: { total: 2, stage: 'paid' } },
    { type: 'search_attributes_upserted', at: noon, searchAttributes: { total: null } },
  )
  expect([state.memo, state.searchAttributes]).toEqual([{ b: 2, c: { d: 1 } }, { stage: 'paid' }])
  expect([begun.memo, begun.searchAttributes]).toEqual([{ a: 1, b: 2 }, { total: 1 }])
  expect([given(started).memo, given(started).searchAttributes]).toEqual([{}, {}])
})
