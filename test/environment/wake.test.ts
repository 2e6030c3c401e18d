/** What a wake reads of the runs that are there. */
import { expect, test } from 'vitest'
import { recover } from '../../scheduler-do/recover.ts'
import { latestRunId } from '../../scheduler-do/store/ids.ts'
import { lastOpenSequence, runsToWake } from '../../scheduler-do/store/wake.ts'
import { idle, ring } from '../../scheduler-do/tick.ts'
import * as verbs from '../../scheduler-do/verbs.ts'
import { workflow } from '../../shared/index.ts'
import { startOf, testShard, to } from './shard.ts'

const rests = workflow('rests', async (ctx) => {
  await ctx.run('work', () => 'worked')
  await ctx.sleep('30d')
})
const works = workflow('works', async (ctx) => await ctx.run('work', () => new Promise(() => {})))

async function begun() {
  const { shard } = await testShard([rests, works])
  for (const id of ['rests', 'works']) await verbs.start(shard, startOf(id, id))
  await idle(shard)
  return { shard, runId: (id: string): string => latestRunId(shard.sql, id) ?? '' }
}

test('a run whose steps have ended is not loaded once the alarm has been: one whose step has not is', async () => {
  const { shard, runId } = await begun()
  await ring(shard)
  expect(runsToWake(shard.sql)).toMatchObject([{ runId: runId('works'), cause: 'step' }])
  shard.memory.clear()
  shard.steps.clear()
  recover(shard)
  await idle(shard)
  expect(['rests', 'works'].filter((id) => shard.memory.runs.peek(runId(id)))).toEqual(['works'])
})

test('the sequence of a woken shard goes on behind the last event of any run, open or closed', async () => {
  const { shard } = await begun()
  const { sequence } = shard.memory.positions
  recover(shard)
  expect(shard.memory.positions.sequence).toBe(sequence)
  await verbs.terminate(shard, { to, workflowId: 'works' })
  recover(shard)
  expect(shard.memory.positions.sequence).toBe(sequence + 1)
  expect(lastOpenSequence(shard.sql)).toBeLessThan(sequence)
})
