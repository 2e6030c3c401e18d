import { describe, expect, test } from 'vitest'
import { Versions } from '../../scheduler-do/versions.ts'
import type { VersionOptions } from '../../scheduler-do/versions.ts'
import { workflow } from '../../shared/define.ts'

const order = workflow('order', async () => 'current')
const old = workflow('order', async () => 'old')
const only = workflow('only-old', async () => 'old')
const pinned = workflow('pinned', { versioning: 'pinned' }, async () => {})
const ids = Array.from({ length: 1_000 }, (_, i) => `order-${i}`)

const versions = (options: Partial<VersionOptions> = {}): Versions =>
  new Versions({ workflows: [order], version: 'now', ...options }, 'release-1')

const chosen = (options: Partial<VersionOptions>, workflowId = 'order-1'): string => {
  const found = versions(options).choose({ workflowId, workflowType: 'order' })
  return found.ok ? found.version : found.code
}

const ramped = (percent: number): Set<string> => {
  const options = { versions: { next: [old] }, ramp: { version: 'next', percent } }
  return new Set(ids.filter((id) => chosen(options, id) === 'next'))
}

describe('the version of a run that starts', () => {
  test('is the current one, and the id of the Worker where it has no name', () => {
    expect(chosen({})).toBe('now')
    const unnamed = new Versions({ workflows: [order] }, 'release-1')
    expect(unnamed.choose({ workflowId: 'a', workflowType: 'order' })).toMatchObject({
      version: 'release-1',
      pinned: false,
    })
  })

  test('is that of a pinned parent where it has the workflow, else the current one', () => {
    const all = versions({ versions: { old: [old] } })
    const child = { workflowId: 'a', workflowType: 'order' }
    expect(all.choose({ ...child, inheritedVersion: 'old' })).toMatchObject({ version: 'old', pinned: true })
    expect(all.choose({ ...child, inheritedVersion: 'gone' })).toMatchObject({
      version: 'now',
      pinned: false,
    })
    expect(all.choose({ ...child, inheritedVersion: 'old', version: 'now' })).toMatchObject({
      version: 'now',
      pinned: true,
    })
  })
})

describe('a ramp', () => {
  test('takes its share of the ids, and keeps those it has when it grows', () => {
    const some = ramped(10)
    const more = ramped(40)
    expect(some.size / ids.length).toBeCloseTo(0.1, 1)
    expect(more.size / ids.length).toBeCloseTo(0.4, 1)
    expect([...some].every((id) => more.has(id))).toBe(true)
    expect([ramped(0).size, ramped(100).size]).toEqual([0, ids.length])
  })

  test('leaves alone what the next version does not have', () => {
    const all = versions({ versions: { next: [only] }, ramp: { version: 'next', percent: 100 } })
    expect(all.choose({ workflowId: 'a', workflowType: 'order' })).toMatchObject({ version: 'now' })
  })
})

describe('a run that goes on', () => {
  const all = versions({ versions: { old: [old, only] } })

  test('is run by its own version where it is pinned, else by the current one', () => {
    expect(all.of('a', { workflowType: 'order', version: 'old', pinned: true })).toEqual({
      ok: true,
      definition: old,
    })
    expect(all.of('a', { workflowType: 'order', version: 'old' })).toEqual({ ok: true, definition: order })
  })

  test('is told what is missing: the version, or the workflow in it', () => {
    expect(all.of('a', { workflowType: 'order', version: 'gone', pinned: true })).toMatchObject({
      code: 'unknown_version',
      known: ['old', 'now'],
    })
    expect(all.of('a', { workflowType: 'only-old', version: 'old' })).toMatchObject({
      code: 'unknown_workflow',
      known: ['order'],
    })
  })
})

test.each([
  { what: 'two workflows of one name', options: { workflows: [order, old] }, path: 'workflows' },
  { what: 'the same in another version', options: { versions: { old: [old, old] } }, path: 'versions.old' },
  { what: 'the current version once more', options: { versions: { now: [old] } }, path: 'versions' },
  { what: 'a ramp to nothing', options: { ramp: { version: 'next', percent: 1 } }, path: 'ramp.version' },
  {
    what: 'a ramp of more than all',
    options: { versions: { next: [old] }, ramp: { version: 'next', percent: 101 } },
    path: 'ramp.percent',
  },
])('$what is refused', ({ options, path }) => {
  expect(() => versions(options)).toThrow(expect.objectContaining({ code: 'invalid_argument', path }))
})

test('a pinned workflow needs a version with a name: no later Worker would carry the one of this Worker', () => {
  expect(() => new Versions({ workflows: [pinned] }, 'release-1')).toThrow(
    expect.objectContaining({ code: 'not_configured', path: 'version' }),
  )
  expect(() => versions({ workflows: [pinned] })).not.toThrow()
})
