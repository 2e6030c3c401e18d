import { runInDurableObject } from 'cloudflare:test'
import { describe, expect, test } from 'vitest'
import { WorkflowClient, defineActivity, query, signal, workflow } from '../../shared/index.ts'
import type { EngineNamespace } from '../../shared/index.ts'
import { shardOf } from '../../shared/shard.ts'
import { register } from '../workers/registry.ts'
import { PLACES, contradictions, loseAll, loseAt, resultOf, shardObject } from './loss.ts'
import { SHARDS, client, recorded, typesOf, world } from './world.ts'

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
const sleeper = workflow('sleeper', async (ctx) => ctx.sleep('1d'))
register(double, lostChild, lostParent, sleeper)

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
        const kept = (await typesOf(handle)).toSorted()
        expect({ workflowId, result, kept }).toEqual({ workflowId, result: answer, kept: types })
        await expect(handle.query(seen)).resolves.toBe(10)
        const runs = await client.list({ idPrefix: workflowId, workflowType: 'lostParent' })
        expect(runs.map(({ runId }) => runId)).toEqual([handle.runId])
        expect(await contradictions()).toEqual([])
        if (!loss.lost) break
      }
    },
  )

  const afterwards: [string, () => Promise<void>][] = [
    ['the object lives on', async () => {}],
    ['the object is lost with it', () => loseAll()],
  ]

  test.each(afterwards)(
    '82 turn/evicted mid-turn: the answer is lost on its way, %s, and the retried caller gets the same',
    async (name, then) => {
      const lossy = new WorkflowClient(losingEachAnswerOnce(then))
      const workflowId = `answer lost: ${name}`
      const handle = await lossy.start(lostParent, { workflowId, input: 5 })
      await handle.signal(approve, 'ann')
      await expect(resultOf(handle)).resolves.toEqual(answer)
      expect(await recorded(handle, 'signal_received')).toHaveLength(1)
      const runs = await client.list({ idPrefix: workflowId, workflowType: 'lostParent' })
      expect(runs.map(({ runId }) => runId)).toEqual([handle.runId])
      const second = await lossy.start(lostParent, { workflowId, input: 5 })
      await second.cancel('enough')
      expect(await recorded(second, 'workflow_cancel_requested')).toEqual([{ reason: 'enough' }])
    },
  )

  test('82 turn/evicted mid-turn: an object lost within its alarm, whose fallback is far, is armed anew by what wakes it', async () => {
    const { startedAt, workflowId } = await (
      await client.start(sleeper, { workflowId: 'sleeper' })
    ).describe()
    const shard = () => shardObject(shardOf(workflowId, SHARDS))
    await runInDurableObject(shard(), (_object, { storage }) =>
      storage.setAlarm(Date.now() + 30 * 86_400_000),
    )
    await loseAll()
    await client.count()
    const armedAt = await runInDurableObject(shard(), (_object, { storage }) => storage.getAlarm())
    expect(armedAt).toBeLessThanOrEqual(startedAt.getTime() + 86_400_000)
    await client.terminate(workflowId)
  })
})

/** The scheduler behind a connection that carries every request, and loses the first answer to each kind. */
function losingEachAnswerOnce(then: () => Promise<void>): EngineNamespace {
  const lost = new Set<string>()
  const lossy = (stub: object): object =>
    new Proxy(stub, {
      get: (target, verb: string) => async (request: unknown) => {
        const answer: unknown = await Reflect.apply(Reflect.get(target, verb), target, [request])
        if (verb === 'shardCount' || lost.has(verb)) return answer
        lost.add(verb)
        await then()
        throw new Error('Network connection lost.')
      },
    })
  return {
    idFromName: (name) => world.SCHEDULER.idFromName(name),
    get: (id) => lossy(world.SCHEDULER.get(id) as object), // a stub
  }
}
