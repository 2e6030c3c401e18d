import { describe, expect, test } from 'vitest'
import { signal, workflow } from '../../shared/define.ts'
import { WorkflowClient } from '../../shared/index.ts'
import type { SearchAttributes, WorkflowContext } from '../../shared/index.ts'
import { pass } from '../archiver/passes.ts'
import { register } from '../workers/registry.ts'
import { client, evict, recorded, typesOf, until, world } from './world.ts'

interface Patch {
  memo?: Record<string, unknown>
  attributes?: SearchAttributes
}

const patch = signal<Patch>('patch')
const end = signal('end')

/** Says of itself what it is told to. */
const told = async (ctx: WorkflowContext, first: Patch) => {
  const refused: string[] = []
  const apply = ({ memo, attributes }: Patch): void => {
    try {
      if (memo) ctx.upsertMemo(memo)
      if (attributes) ctx.upsertSearchAttributes(attributes)
    } catch (error) {
      refused.push((error as { path: string }).path)
    }
  }
  apply(first)
  ctx.setSignalHandler(patch, apply)
  await ctx.waitForSignal(end)
  return refused
}
const staysHot = workflow('upsertTold', told)
const staysWarm = workflow('staysWarm', told)
const goesCold = workflow('goesCold', told)
register(staysHot, staysWarm, goesCold)

async function fieldsOf(workflowId: string): Promise<Required<Patch>[]> {
  const [listed] = await client.list({ idPrefix: workflowId })
  const shown = [await client.describe(workflowId), listed!]
  return shown.map(({ memo, searchAttributes: attributes }) => ({ memo, attributes }))
}

test('66 search_attributes/set, upsert: set at start or later, they are the same in describe and list; empty unsets', async () => {
  const workflowId = 'upsert-66'
  const handle = await client.start(staysHot, {
    workflowId,
    memo: { note: 'as started', count: 1 },
    searchAttributes: { region: 'eu', total: 1, labels: ['a'] },
    input: { memo: { count: 2 }, attributes: { total: 2, stage: 'first' } },
  })
  const first = {
    memo: { note: 'as started', count: 2 },
    attributes: { region: 'eu', total: 2, labels: ['a'], stage: 'first' },
  }
  expect(await fieldsOf(workflowId)).toEqual([first, first])
  await evict()
  const at = new Date('2026-12-24T12:00:00Z')
  await handle.signal(patch, { memo: { note: null, at, list: [] }, attributes: { labels: [], region: null } })
  await handle.signal(patch, { attributes: { stage: 'second', promisedFor: at } })
  const last = {
    memo: { count: 2, at, list: [] },
    attributes: { total: 2, stage: 'second', promisedFor: at },
  }
  expect(await fieldsOf(workflowId)).toEqual([last, last])
  const found = async (searchAttributes: SearchAttributes) => {
    const page = await client.list({ idPrefix: workflowId, searchAttributes })
    return page.length
  }
  expect([await found({ stage: 'second' }), await found({ stage: 'first' })]).toEqual([1, 0])
  expect([await found({ region: null }), await found({ total: 2 })]).toEqual([1, 1])
  await evict()
  expect(await fieldsOf(workflowId)).toEqual([last, last])
  expect(await recorded(handle, 'memo_upserted')).toEqual([
    { memo: { count: 2 } },
    { memo: { note: null, at, list: [] } },
  ])
  await handle.signal(end)
  await handle.result()
  expect(await fieldsOf(workflowId)).toEqual([last, last])
})

test('66 search_attributes/set, upsert: what they cannot be is refused by its path, and nothing of it is recorded', async () => {
  const service = new WorkflowClient(world.WORKFLOWS) // it has a bucket for the large one
  const handle = await service.start(staysHot, { workflowId: 'upsert-66-refused', input: {} })
  await handle.signal(patch, { attributes: { fine: 1, 'not a name': 1 } })
  await handle.signal(patch, { memo: { large: 'x'.repeat(131_072) } })
  for (const key of ['a', 'b', 'c', 'd', 'e'])
    await handle.signal(patch, { memo: { [key]: 'x'.repeat(120_000) } })
  await handle.signal(patch, { memo: {}, attributes: {} })
  await handle.signal(end)
  expect(await handle.result()).toEqual(['searchAttributes.not a name', 'memo.large', 'memo'])
  const info = await handle.describe()
  expect([Object.keys(info.memo), info.searchAttributes]).toEqual([['a', 'b', 'c', 'd'], {}])
  expect(await typesOf(handle)).not.toContain('search_attributes_upserted')
  expect(await recorded(handle, 'memo_upserted')).toHaveLength(4)
})

describe.each([
  ['warm', staysWarm],
  ['cold', goesCold],
] as const)('archived, %s', (tier, type) => {
  test('66 search_attributes/set, upsert: the latest are kept', async () => {
    const workflowId = `upsert-66-${tier}`
    const handle = await client.start(type, {
      workflowId,
      memo: { note: 'as started', gone: 1 },
      searchAttributes: { total: 1 },
      input: { memo: { note: 'later', gone: null }, attributes: { total: null, stage: 'last' } },
    })
    await handle.signal(end)
    await handle.result()
    await until(async () => {
      await pass()
      return (await client.list({ idPrefix: workflowId, tiers: [tier] })).length === 1
    })
    const last = { memo: { note: 'later' }, attributes: { stage: 'last' } }
    expect(await fieldsOf(workflowId)).toEqual([last, last])
  })
})
