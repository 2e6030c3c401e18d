/** What the archiver has not done yet: nothing, once every closed run is in its last tier. */
import { addressOf } from '../recorded.ts'
import type { DiskView, WorldView } from '../view.ts'

/** One line per thing that a pass is to do. */
export function unarchived({ archive, disks }: WorldView): string[] {
  if (!archive) return []
  return disks().flatMap((disk) => (addressOf(disk) ? waiting(disk, archive.plan.cold) : []))
}

function waiting({ sql }: DiskView, cold: boolean): string[] {
  const kinds: Record<string, string> = {
    'closed run that is hot':
      'SELECT run_id FROM workflows WHERE completed_at IS NOT NULL AND archive_batch IS NULL',
    'batch that is open': "SELECT number FROM archive_batches WHERE state = 'open'",
    'run that is held': 'SELECT run_id FROM archive_holds',
    'key to delete': 'SELECT key FROM archive_garbage',
    'segment that is open': "SELECT number FROM archive_segments WHERE state = 'open'",
    ...(cold && { 'archived run that is not cold': 'SELECT run_id FROM workflows WHERE archive_batch > 0' }),
  }
  return Object.entries(kinds).flatMap(([kind, statement]) =>
    sql
      .exec(statement)
      .toArray()
      .map((row) => `${kind}: ${String(Object.values(row)[0])}`),
  )
}
