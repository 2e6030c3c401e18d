import { expect, test } from 'vitest'
import { signal, workflow } from '../../shared/define.ts'
import { register } from '../workers/registry.ts'
import { contradictions, loseAt, PLACES, resultOf } from './loss.ts'
import { client, recorded, typesOf } from './world.ts'

const note = signal<string>('note')
const go = signal('go')

/** Continues as new with a note unread, fails once, and then says what it was told. */
const linked = workflow('lost-linked', { messages: { note, go } }, async (ctx, run: number) => {
  if (run === 1) {
    await ctx.waitForSignal(go)
    ctx.continueAsNew(2, { retry: { maxAttempts: 2, initialInterval: 1 } })
  }
  if (ctx.attempt === 1) throw new Error('the first attempt')
  return [await ctx.waitForSignal(note), await ctx.run('step', () => ctx.attempt)]
})
register(linked)

async function scenario(workflowId: string) {
  const handle = await client.start(linked, { workflowId, input: 1 })
  await handle.signal(note, 'kept', { signalId: 'n-1' })
  await handle.pause('for a while')
  await handle.signal(go, undefined, { signalId: 'g-1' })
  await handle.resume()
  const result = await resultOf(handle)
  const again = await handle.reset({ toEvent: 2, reason: 'once more' })
  return { result, reset: await resultOf(again), handle }
}

test.each(PLACES)(
  '82 turn/evicted mid-turn: runs that take over from each other, lost %s: one of each, and no half of any',
  async (place) => {
    const undisturbed = await scenario(`chain ${place}`)
    expect(undisturbed.result).toEqual(['kept', 2])
    expect(undisturbed.reset).toEqual(['kept', 2])
    const types = await typesOf(undisturbed.handle)
    for (let at = 0; ; at += 1) {
      const loss = await loseAt(place, at)
      const workflowId = `chain lost ${place} ${at}`
      const { result, reset, handle } = await scenario(workflowId)
      expect({ workflowId, result, reset }).toEqual({ workflowId, result: ['kept', 2], reset: ['kept', 2] })
      expect(await typesOf(handle)).toEqual(types)
      const runs = await client.list({ idPrefix: workflowId, orderBy: 'startedAt' })
      expect(runs.map(({ status }) => status)).toEqual([
        'continued_as_new',
        'failed',
        'completed',
        'completed',
      ])
      for (const run of runs)
        expect(await recorded(client.getHandle(workflowId, run.runId), 'workflow_started')).toHaveLength(1)
      expect(await contradictions()).toEqual([])
      if (!loss.lost) break
    }
  },
)
