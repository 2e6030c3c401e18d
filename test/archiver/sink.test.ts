import { expect, test } from 'vitest'
import { workflow } from '../../shared/define.ts'
import { advance, client, historyOf, idOn, until } from '../conformance/world.ts'
import { abort, rows } from '../scheduler-do/storage.ts'
import { changeEvents, faults, register } from '../workers/registry.ts'
import { closedRuns, pass, settled } from './passes.ts'

const goesCold = workflow('goesCold', async (ctx, input: string) => {
  await ctx.run('step', () => input)
  return input
})
register(goesCold)

const ids = [idOn(0, 'untold'), idOn(1, 'untold')]
const tiers = async (): Promise<string[]> =>
  await Promise.all(ids.map(async (id) => (await client.describe(id)).tier))

test('what the change-event sink has not taken is not archived, and is once it has', async () => {
  const told = [idOn(0, 'told'), idOn(1, 'told')]
  await settled(await closedRuns(goesCold, told))
  faults.sinkIsDown = true
  const runIds = await closedRuns(goesCold, ids)
  const histories = await Promise.all(ids.map((id) => historyOf(client.getHandle(id))))
  const first = await pass()
  expect(first.summary).toMatchObject({ runs: told.length, failed: 0 })
  // However long it takes, and though the shard is lost meanwhile.
  for (let again = 0; again < 3; again++) {
    await advance(3_600_000)
    await abort(again % 2)
    const { summary } = await pass()
    expect(summary).toMatchObject({ runs: 0, cooledBatches: 0, failed: 0 })
    expect(await tiers()).toEqual(['hot', 'hot'])
  }
  expect(changeEvents.filter(({ runId }) => runIds.includes(runId ?? ''))).toEqual([])

  faults.sinkIsDown = false
  await until(async () => {
    await pass()
    return (await tiers()).every((tier) => tier === 'cold')
  })
  await settled(runIds)
  for (const [index, runId] of runIds.entries()) {
    const events = changeEvents.filter((event) => event.runId === runId)
    const types = new Map(events.map((event) => [event.sequence, event.type as string]))
    const stored = histories[index]!.map(({ type }) => `workflow.${type.replace('workflow_', '')}`)
    expect(types.size).toBe(stored.length)
    expect([...types.values()].toSorted()).toEqual(stored.toSorted())
    expect(await rows(index, 'SELECT * FROM history WHERE run_id = ?', runId)).toEqual([])
    expect(await historyOf(client.getHandle(ids[index]!))).toEqual(histories[index])
  }
})
