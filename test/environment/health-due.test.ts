/** What falls due while a check looks. */
import { expect, test } from 'vitest'
import { submitDue } from '../../scheduler-do/due.ts'
import { health } from '../../scheduler-do/health/check.ts'
import { recover } from '../../scheduler-do/recover.ts'
import { writeFact } from '../../scheduler-do/store/meta.ts'
import { idle } from '../../scheduler-do/tick.ts'
import * as verbs from '../../scheduler-do/verbs.ts'
import { workflow } from '../../shared/index.ts'
import { startOf, testShard, to } from './shard.ts'

const sleeps = workflow('sleeps', async (ctx) => await ctx.sleep('1m'))

test('a timer of this very moment, which waits for its turn behind another, is no finding', async () => {
  const { shard, pass } = await testShard([sleeps])
  const runIds: string[] = []
  for (const workflowId of ['v', 'w']) {
    const reply = await verbs.start(shard, startOf('sleeps', workflowId))
    if (reply.ok) runIds.push(reply.value.runId)
  }
  // After a wake that suspects both runs, each has a turn of its own.
  writeFact(shard.sql, 'loading', { runIds, timesAlone: 0, release: shard.release })
  shard.memory.clear()
  recover(shard)
  await idle(shard)
  pass(60_000)
  submitDue(shard)
  const reply = await health(shard, { to })
  expect(shard.waiting).toBe(1)
  expect(reply).toMatchObject({ ok: true, value: { findings: [], runs: 2 } })
  await idle(shard)
  expect(shard.sql.all('SELECT status FROM workflows')).toEqual([
    { status: 'completed' },
    { status: 'completed' },
  ])
})
