import { describe, expect, test } from 'vitest'
import type { WorkflowContext } from '../../shared/context.ts'
import { query, signal, workflow } from '../../shared/define.ts'
import { pass } from '../archiver/passes.ts'
import { register } from '../workers/registry.ts'
import { client, historyOf, rejection, until } from './world.ts'

const go = signal<string>('go')
const stage = query<string>('stage')
const body = async (ctx: WorkflowContext, input: string) => {
  let now = 'waiting'
  ctx.setQueryHandler(stage, () => now)
  const word = await ctx.waitForSignal(go)
  now = `gone with ${word}`
  return { input, word }
}
const staysWarm = workflow('staysWarm', body)
const goesCold = workflow('goesCold', body)
register(staysWarm, goesCold)

const TIERS = [
  ['warm', staysWarm],
  ['cold', goesCold],
] as const

async function closed(workflowId: string, type: (typeof TIERS)[number][1]): Promise<void> {
  const handle = await client.start(type, { workflowId, input: 'in' })
  await handle.signal(go, 'luck')
  await handle.result()
}

function archived(workflowId: string, tier: 'warm' | 'cold') {
  return until(async () => {
    await pass()
    return (await client.list({ idPrefix: workflowId, tiers: [tier] })).length === 1
  })
}

describe.each(TIERS)('archived, %s', (tier, type) => {
  test('90 archive/between describe and result: both answer alike, and only the tier changes', async () => {
    const id = `between-${tier}`
    await closed(id, type)
    const handle = client.getHandle(id)
    const [described, history, result] = [
      await handle.describe(),
      await historyOf(handle),
      await handle.result(),
    ]
    expect(described.tier).toBe('hot')
    await archived(id, tier)
    expect(await handle.result()).toEqual(result)
    expect(await handle.describe()).toEqual({ ...described, tier })
    expect(await historyOf(handle)).toEqual(history)
  })

  test('91 archive/query: answered by replay; a signal is refused with the final status', async () => {
    const id = `asked-${tier}`
    await closed(id, type)
    await archived(id, tier)
    const handle = client.getHandle(id)
    expect(await handle.query(stage)).toBe('gone with luck')
    expect(await rejection(handle.query('nothing'))).toMatchObject({ code: 'query_not_registered' })
    const refused = await rejection(handle.signal(go, 'again'))
    expect(refused).toMatchObject({ code: 'workflow_closed' })
    expect(refused.message).toContain('completed')
    expect(await handle.query(stage)).toBe('gone with luck')
  })
})
