import { expect, test } from 'vitest'
import type { SearchAttributes } from '../../shared/attributes.ts'
import { signal, workflow } from '../../shared/define.ts'
import type { ListFilter } from '../../shared/listing.ts'
import { shardOf } from '../../shared/shard.ts'
import { cool, expire } from '../archiver/steps.ts'
import { rows } from '../scheduler-do/storage.ts'
import { passOn, toWarm } from '../scheduler-do/tiers.ts'
import { register } from '../workers/registry.ts'
import { client, evict, rejection, SHARDS } from './world.ts'

const end = signal('end')
const sought = workflow('expires', { messages: { end } }, async (ctx) => {
  await ctx.waitForSignal(end)
})
const parent = workflow('attributes-parent', async (ctx) => {
  await ctx.executeChild(atOnce, {
    workflowId: 'attributes-child',
    searchAttributes: { customerId: 'c-child' },
  })
  const unfit = ctx.startChild(atOnce, { workflowId: 'unfit', searchAttributes: { customerId: 5 } })
  return await unfit.then(
    () => 'started',
    (error: { message: string }) => error.message,
  )
})
const atOnce = workflow('attributes-at-once', async () => 'done')
const changing = workflow('attributes-changing', { messages: { end } }, async (ctx) => {
  await ctx.waitForSignal(end)
  ctx.upsertSearchAttributes({ customerId: 'c-after', labels: null })
  await ctx.sleep('1h')
})
register(sought, parent, atOnce, changing)

const promisedFor = new Date('2026-12-24T12:00:00Z')
const FACTS: Record<string, SearchAttributes> = {
  plain: { customerId: 'c-1', total: 12.5, express: true, promisedFor, labels: ['vip', 'a "b" \\ é 😀'] },
  other: { customerId: 'c-2', total: 1, express: false, labels: [] },
  numeral: { customerId: '1', region: 'eu', level: 1, open: true, regions: ['eu', 'us'] },
  quoted: { customerId: `c"'; DROP TABLE workflows; --`, region: '%', level: '1' },
  none: { customerId: null },
}

const CASES: [SearchAttributes, string[]][] = [
  [{ customerId: 'c-1' }, ['plain']],
  [{ customerId: `c"'; DROP TABLE workflows; --` }, ['quoted']],
  [{ customerId: '1' }, ['numeral']],
  [{ customerId: 'c-' }, []],
  [{ customerId: 'C-1' }, []],
  [{ customerId: null }, ['none']],
  [{ total: 12.5 }, ['plain']],
  [{ total: 1 }, ['other']],
  [{ total: '1' }, []],
  [{ express: true }, ['plain']],
  [{ express: false, customerId: 'c-2' }, ['other']],
  [{ express: false, customerId: 'c-1' }, []],
  [{ promisedFor }, ['plain']],
  [{ promisedFor: promisedFor.toISOString() }, []],
  [{ labels: 'vip' }, ['plain']],
  [{ labels: 'a "b" \\ é 😀' }, ['plain']],
  [{ labels: ['a "b" \\ é 😀', 'vip'] }, ['plain']],
  [{ labels: ['vip', 'c'] }, []],
  [{ labels: 'vi' }, []],
  [{ region: 'eu' }, ['numeral']],
  [{ region: ['eu'] }, []],
  [{ regions: 'eu' }, ['numeral']],
  [{ level: 1 }, ['numeral']],
  [{ level: '1' }, ['quoted']],
  [{ open: true }, ['numeral']],
  [{ region: 'Date' }, []],
  [{ region: '%' }, ['quoted']],
  [{ region: null, labels: null }, ['none', 'other']],
]

async function found(filter: ListFilter): Promise<string[]> {
  const page = await client.list({ idPrefix: 'sought-', ...filter })
  return page.map(({ workflowId }) => workflowId.slice('sought-'.length)).toSorted()
}

async function expectAll(tier: string): Promise<void> {
  for (const [searchAttributes, expected] of CASES) {
    const names = await found({ searchAttributes })
    const count = await client.count({ idPrefix: 'sought-', searchAttributes })
    expect({ tier, searchAttributes, names, count }).toEqual({
      tier,
      searchAttributes,
      names: expected,
      count: expected.length,
    })
  }
  for (const [name, searchAttributes] of Object.entries(FACTS)) {
    const info = await client.describe(`sought-${name}`)
    const set = Object.entries(searchAttributes).filter(([, value]) => value !== null && String(value) !== '')
    expect(info.searchAttributes).toEqual(Object.fromEntries(set))
    const [listed] = await client.list({ idPrefix: `sought-${name}` })
    expect(listed?.searchAttributes).toEqual(info.searchAttributes)
  }
}

test('66 search_attributes/set, upsert: set at start, the same in describe and list, and found by, in every tier', async () => {
  for (const [name, searchAttributes] of Object.entries(FACTS))
    await client.start(sought, { workflowId: `sought-${name}`, searchAttributes })
  const ids = Object.keys(FACTS).map((name) => `sought-${name}`)
  await expectAll('open')
  await evict()
  await expectAll('evicted')
  for (const id of ids) {
    await client.getHandle(id).signal(end)
    await client.getHandle(id).result()
  }
  await expectAll('closed')
  const passes = await Promise.all(Array.from({ length: SHARDS }, (_, shard) => passOn(shard)))
  for (const by of passes) await toWarm(by, ...ids.filter((id) => shardOf(id, SHARDS) === by.to.shard))
  await expectAll('warm')
  for (const by of passes) while (await cool(by));
  await expectAll('cold')
  for (const by of passes) while (await expire(by));
  const left = await Promise.all(passes.map((_, shard) => rows(shard, 'SELECT run_id FROM workflows')))
  expect(left.flat()).toEqual([])
  await expectAll('in segments')
})

test('66 search_attributes/set, upsert: a child has its own', async () => {
  const run = await client.start(parent, { workflowId: 'attributes-parent' })
  expect(await run.result()).toContain('searchAttributes.customerId must be a keyword')
  const [child, ...others] = await client.list({ searchAttributes: { customerId: 'c-child' } })
  expect(child?.workflowId).toBe('attributes-child')
  expect(others).toEqual([])
})

test('66 search_attributes/set, upsert: one of another type than declared, or of none, is refused by its path', async () => {
  const bad: SearchAttributes[] = [
    { customerId: 1 },
    { total: '1' },
    { labels: 'vip' },
    { promisedFor: 'soon' },
  ]
  for (const searchAttributes of bad) {
    const path = `searchAttributes.${Object.keys(searchAttributes)[0]}`
    const refused = client.start(atOnce, { workflowId: 'attributes-unfit', searchAttributes })
    expect(await rejection(refused)).toMatchObject({ code: 'invalid_argument', path })
  }
  const nameless = client.list({ searchAttributes: { '$."a"': 1 } })
  expect(await rejection(nameless)).toMatchObject({ code: 'invalid_argument' })
  expect(await client.count({ idPrefix: 'attributes-unfit' })).toBe(0)
})

async function idsWith(searchAttributes: SearchAttributes): Promise<string[]> {
  return (await client.list({ searchAttributes })).map(({ workflowId }) => workflowId)
}

test('66 search_attributes/set, upsert: what a run changes of its own is found as it is now, and not as it was', async () => {
  const run = await client.start(changing, {
    workflowId: 'attributes-changing',
    searchAttributes: { customerId: 'c-before', labels: ['open'] },
  })
  expect(await idsWith({ customerId: 'c-before', labels: 'open' })).toEqual(['attributes-changing'])
  await run.signal(end)
  await evict()
  expect(await idsWith({ customerId: 'c-before' })).toEqual([])
  expect(await idsWith({ labels: 'open' })).toEqual([])
  expect(await idsWith({ customerId: 'c-after', labels: null })).toEqual(['attributes-changing'])
})

async function plan(condition: string): Promise<string> {
  const steps = await rows(0, `EXPLAIN QUERY PLAN SELECT run_id FROM workflows WHERE ${condition}`)
  return JSON.stringify(steps)
}

test('66 search_attributes/set, upsert: those declared are found by an index, and only they have one', async () => {
  expect(await plan(`search_attributes -> '$."customerId"' = '"c-1"' ORDER BY run_id DESC`)).toMatch(
    /SEARCH workflows USING COVERING INDEX attribute_customerId(?!.*TEMP B-TREE)/,
  )
  expect(await plan(`search_attributes -> '$."region"' = '"eu"'`)).toContain('SCAN workflows')
  const indexes = await rows(0, `SELECT name FROM sqlite_master WHERE name LIKE 'attribute%' ORDER BY name`)
  expect(indexes.map(({ name }) => name)).toEqual(
    ['customerId', 'express', 'promisedFor', 'total'].map((name) => `attribute_${name}`),
  )
})
