import { tableNames, type ColdTier } from '../../archiver/cold/tier.ts'

/** What the snapshots of each table say of the batches that they brought. */
export async function batchesIn({ catalog }: ColdTier): Promise<Record<'history' | 'executions', string[]>> {
  const of = async (table: 'history' | 'executions'): Promise<string[]> => {
    const loaded = await catalog.load(tableNames[table])
    return (loaded?.metadata.snapshots ?? []).flatMap(({ summary }) => summary['archive.batch-ids'] ?? [])
  }
  return { history: await of('history'), executions: await of('executions') }
}
