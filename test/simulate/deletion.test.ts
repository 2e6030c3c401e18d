/** What must hold of deleted runs holds in a world that is whole, and is seen to be broken in one that is broken by hand. */
import { expect, test } from 'vitest'
import { program } from './breaches.ts'
import { calmWorld } from './calm.ts'
import { checkDeletions } from './deletion.ts'
import { drive } from './drive.ts'
import { recordedRuns, recordedShards } from './recorded.ts'
import type { Scenario } from './scenario.ts'
import type { DiskView } from './view.ts'

const naps = (id: string, ms: number) => program(id, [{ do: 'sleep', ms }])
const scenario: Scenario = {
  actions: [
    { kind: 'start', workflowId: 'a', program: naps('p1', 10), atMs: 0, by: 0 },
    { kind: 'start', workflowId: 'a', program: naps('p2', 20), atMs: 1_000, by: 0 },
    { kind: 'start', workflowId: 'b', program: naps('p3', 30), atMs: 1_000, by: 1 },
  ],
}

/** Of `a` the second run is deleted, and of `b` the only one; then `breach` on every disk. */
async function deleted(breach: (sql: DiskView['sql'], runIds: readonly string[]) => void): Promise<number> {
  const world = await calmWorld()
  try {
    const seen = await drive(world, scenario)
    const runs = recordedRuns(recordedShards(world)).toSorted((one, other) =>
      one.runId < other.runId ? -1 : 1,
    )
    const latest = ['a', 'b'].map((id) => runs.findLast(({ workflowId }) => workflowId === id)!)
    const calm = async (): Promise<void> => {
      await world.calm()
      await world.advance(5_000)
      for (const { sql } of world.disks())
        breach(
          sql,
          latest.map(({ runId }) => runId),
        )
    }
    const deletions = latest.map((run) => ({ run, afterMs: 1_000 }))
    await checkDeletions({ ...world, calm }, { scenario, seen }, deletions)
    return world
      .disks()
      .reduce((rows, { sql }) => rows + sql.exec('SELECT * FROM archive_deletions').toArray().length, 0)
  } finally {
    world.end()
  }
}

test('where both are gone, and the other is as it was, all of it holds', async () => {
  expect(await deleted(() => {})).toBe(2)
})

test.each<[string, Parameters<typeof deleted>[0], string]>([
  [
    'a row is left',
    (sql, [runId = '']) =>
      void sql.exec(`INSERT INTO workflow_signals VALUES (?, 's', 'a', 'go', NULL, 1)`, runId),
    'rows in workflow_signals',
  ],
  [
    'it waits for ever',
    (sql) => void sql.exec('UPDATE archive_deletions SET forget_at = NULL'),
    'is not purged',
  ],
  ['another is gone too', (sql) => void sql.exec('DELETE FROM history'), 'was not deleted'],
  ['the one before is forgotten', (sql) => void sql.exec('DELETE FROM workflow_ids'), 'I13 health'],
])('%s', async (_, breach, said) => {
  await expect(deleted(breach)).rejects.toThrow(said)
})
