/** What a shard knows of archived runs, broken by hand in a database with some; and what looking costs. */
import { afterEach, describe, expect, test } from 'vitest'
import { environmentWithPlatform } from '../../testing/environment.ts'
import { thaw } from './databases/dump.ts'
import { SHARDS, works, workflows } from './databases/scenario.ts'
import { findingsOf } from './health.ts'

const ended: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const end of ended.splice(0)) await end()
})

async function opened(statement: string) {
  const { at, disks } = thaw('test/databases/0.1.0')
  for (const shard of ['default/0', 'default/1']) disks.get(shard)!.database.exec(statement)
  const options = { workflows, activities: [works], shards: SHARDS, startTime: at }
  const made = await environmentWithPlatform(options, { disks })
  ended.push(() => made.env.dispose())
  return { ...made, disks }
}

describe('archived runs', () => {
  test.each([
    [`UPDATE archive_batches SET run_ids = '[]'`, ['batch 1 does not name it']],
    ['DELETE FROM archive_batches', ['it is in batch 1, which has no row']],
    [
      'UPDATE workflows SET warm = NULL WHERE archive_batch IS NOT NULL',
      ['its locator does not lead to its 2 events in batch 1'],
    ],
    [
      `INSERT INTO history SELECT run_id, 1, 1, 1, '[{}]' FROM workflows WHERE archive_batch IS NOT NULL`,
      ['it is archived and still has rows of history'],
    ],
    [
      'DELETE FROM workflows WHERE archive_batch IS NOT NULL',
      [
        'workflow_ids names a run that has no row',
        'archive_batches: batch 1 names the run, whose row does not say so',
      ],
    ],
  ])('and their batch agree, or it is told: %s', async (statement, whats) => {
    const { platform } = await opened(statement)
    const findings = await findingsOf(platform, { repair: true })
    expect([...new Set(findings.map(({ what }) => what))]).toEqual(whats)
    expect(findings.filter(({ repaired }) => repaired !== undefined)).toEqual([])
  })
})

describe('a shard that is well', () => {
  test('is looked over at a wake without a row written or an alarm armed', async () => {
    const { env, platform } = await environmentWithPlatform({ workflows, activities: [works], shards: 1 })
    ended.push(() => env.dispose())
    await env.client.start('sleeps', { workflowId: 'sleeper' })
    await env.settle()
    const { alarmAt } = platform.object('default/0').disk
    platform.object('default/0').lose('for a test')
    await env.settle()
    expect(await env.client.count({})).toBe(1)
    await env.settle()
    const stats = (await platform.service().stats('default', 0)) as { rowsWritten: number }
    expect([stats.rowsWritten, platform.object('default/0').disk.alarmAt]).toEqual([0, alarmAt])
  })
})
