/** What `npm run simulate -- --planted` plants, and how it tells what was noticed. */
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { planted } from '../../scripts/conformance/plant.ts'
import { brokenIn, bugs } from '../../scripts/simulate/planted.ts'

test.each(bugs)('is one place of the source: $breach', (bug) => {
  const source = readFileSync(bug.file, 'utf8')
  expect(planted(source, bug)).not.toBe(source)
})

test('a bug is found by an invariant, and by no other error', () => {
  const failure = 'InvariantBroken: I1 inputs: run r has signal m1 more than once\n    at checkMessage'
  const broken = { invariant: 'I1 inputs', failure: failure.split('\n')[0] }
  expect(brokenIn({ failure })).toEqual(broken)
  expect(brokenIn({ failure: 'TypeError: state is undefined\n    at decide' })).toBe(null)
  expect(brokenIn({ failure: null })).toBe(null)
})
