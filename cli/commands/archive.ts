/** `perdure archive`: the tiers behind the shards. */
import type { CommandUnknownOpts } from '@commander-js/extra-typings'
import type { ArchiveTable } from '../../shared/archive-reader.ts'
import type { LeaseStats, ShardArchiveStats } from '../../shared/stats.ts'
import { apiAnswer } from '../api.ts'
import { CliError } from '../error.ts'
import type { Invocation } from '../invocation.ts'
import { ask } from '../server.ts'
import { dated } from '../show.ts'

export function addArchive(root: CommandUnknownOpts, it: Invocation): void {
  const archive = root.command('archive').description('the tiers behind the shards')
  addStatus(archive, it)
  addSnapshots(archive, it)
  addPass(archive, it)
  addRebuild(archive, it)
}

/** By `scheduler-do/http/live.ts`. */
interface Archive {
  /** Null where the scheduler has no archiver. */
  tables: ArchiveTable[] | null
  archiver: LeaseStats
  shards: (ShardArchiveStats & { shard: number })[]
}

const SHARDS = [
  'shard',
  'warm runs',
  'cold runs',
  'waiting batches',
  'waiting runs',
  'held runs',
  'to delete',
]

function addStatus(archive: CommandUnknownOpts, it: Invocation): void {
  archive
    .command('status')
    .description('the last pass, the tables of the cold tier, and what waits for them')
    .action(async () => {
      const { tables, archiver, shards } = await apiAnswer<Archive>(it, 'archive')
      it.record({ tables, archiver, shards })
      const last =
        archiver.endedAt === null ? 'no pass has ended yet' : `last pass ended ${dated(archiver.endedAt)}`
      it.say(tables === null ? 'the scheduler has no archiver (binding ARCHIVE_SERVICE)' : last)
      for (const { name, records, fileCount, bytes } of tables ?? [])
        it.say(`${name}: ${records} records in ${fileCount} files, ${bytes} bytes`)
      it.say('')
      it.table(
        SHARDS.map((name) => ({ name, align: 'right' })),
        shards.map(({ shard, warmRuns, coldRuns, waiting, heldRuns, pendingDeletions }) =>
          [shard, warmRuns, coldRuns, waiting.batches, waiting.runs, heldRuns, pendingDeletions].map(String),
        ),
      )
    })
}

function addSnapshots(archive: CommandUnknownOpts, it: Invocation): void {
  archive
    .command('snapshots')
    .description('the snapshots of the tables of the cold tier: what time travel can name')
    .action(async () => {
      const { tables } = await apiAnswer<Archive>(it, 'archive')
      const snapshots = (tables ?? []).flatMap(({ name, snapshots: of }) =>
        of.map((one) => ({ table: name, ...one })),
      )
      const columns = ['table', 'snapshot', 'committed', 'operation', 'records', 'current'].map((name) => ({
        name,
      }))
      it.rows(snapshots, columns, ({ table, snapshotId, committedAt, operation, summary, current }) => [
        table,
        snapshotId,
        dated(committedAt),
        operation,
        summary['total-records'] ?? '',
        current ? 'current' : '',
      ])
    })
}

/** What the archiver may take, and a little: its own budget is less. */
const PASS_MS = 120_000

function addPass(archive: CommandUnknownOpts, it: Invocation): void {
  archive
    .command('pass')
    .description('have the archiver make one pass now, ahead of its cron')
    .action(async () => {
      const summary = await answer<Record<string, number>>(it, 'pass', {})
      it.tell(
        summary,
        Object.entries(summary)
          .map(([name, value]) => `${name} ${value}`)
          .join(', '),
      )
    })
}

/** By `archiver/restoring.ts`. */
interface Rebuilt {
  shards: number
  batches: number
  runs: number
  cursor?: string
}

function addRebuild(archive: CommandUnknownOpts, it: Invocation): void {
  archive
    .command('rebuild')
    .description('give shards that lost their storage the locators of their archived runs back')
    .action(async () => {
      const total = { shards: 0, batches: 0, runs: 0 }
      for (let shard = 0, shards = 1; shard < shards; shard++) {
        let cursor: string | undefined
        do {
          const rebuilt: Rebuilt = await answer(it, 'rebuild', { namespace: it.namespace, shard, cursor })
          shards = total.shards = rebuilt.shards
          total.batches += rebuilt.batches
          total.runs += rebuilt.runs
          cursor = rebuilt.cursor
        } while (cursor !== undefined)
        it.note(`shard ${shard}: ${total.batches} batches, ${total.runs} runs so far`)
      }
      it.tell(total, JSON.stringify(total))
    })
}

async function answer<T>({ server }: Invocation, what: string, body: object): Promise<T> {
  const text = await ask(server, `/archive/${what}`, { body, patienceMs: PASS_MS })
  if (text !== null) return JSON.parse(text) as T // our own archiver's
  throw new CliError('server_failed', `${server.url} has no archiver that may be asked`, {
    fix: 'bind ARCHIVE_SERVICE to it, and give it an API_TOKEN',
  })
}
