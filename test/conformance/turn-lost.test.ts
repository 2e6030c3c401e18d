import { describe, expect, test } from 'vitest'
import { defineActivity, query, signal, workflow } from '../../shared/index.ts'
import { register } from '../workers/registry.ts'
import { PLACES, contradictions, loseAt, resultOf } from './loss.ts'
import { client, typesOf } from './world.ts'

const approve = signal<string>('approve')
const seen = query<number>('seen')

const double = defineActivity('double', async (n: number) => n * 2)
const lostChild = workflow('lostChild', async (ctx, n: number) => {
  const doubled = await ctx.activity(double, { input: n })
  return await ctx.run('add one', () => doubled + 1)
})
const lostParent = workflow('lostParent', async (ctx, n: number) => {
  let answered = 0
  ctx.setQueryHandler(seen, () => answered)
  const by = await ctx.waitForSignal(approve, { timeout: '1d' })
  const [own, childs] = await Promise.all([
    ctx.activity(double, { input: n }),
    ctx.executeChild(lostChild, { workflowId: `${ctx.workflowId}/child`, input: n }),
  ])
  answered = own
  await ctx.sleep(0)
  return { by, sum: own + childs }
})
register(double, lostChild, lostParent)

async function scenario(workflowId: string) {
  const handle = await client.start(lostParent, { workflowId, input: 5 })
  await handle.signal(approve, 'ann', { signalId: 'approval' })
  await handle.signal(approve, 'ann', { signalId: 'approval' })
  return { handle, result: await resultOf(handle) }
}

describe('82 turn/evicted mid-turn', () => {
  const answer = { by: 'ann', sum: 21 }

  test.each(PLACES)(
    '82 turn/evicted mid-turn: lost %s, the caller gets the same answer and no half of a turn is kept',
    async (place) => {
      const undisturbed = await scenario(`undisturbed ${place}`)
      expect(undisturbed.result).toEqual(answer)
      const types = (await typesOf(undisturbed.handle)).toSorted()
      for (let at = 0; ; at += 1) {
        const loss = await loseAt(place, at)
        const workflowId = `lost ${place} ${at}`
        const { handle, result } = await scenario(workflowId)
        const recorded = (await typesOf(handle)).toSorted()
        expect({ workflowId, result, recorded }).toEqual({ workflowId, result: answer, recorded: types })
        await expect(handle.query(seen)).resolves.toBe(10)
        const runs = await client.list({ idPrefix: workflowId, workflowType: 'lostParent' })
        expect(runs.map(({ runId }) => runId)).toEqual([handle.runId])
        expect(await contradictions()).toEqual([])
        if (!loss.lost) break
      }
    },
    60_000,
  )
})
