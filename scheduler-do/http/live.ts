/** How a namespace is: figures, metrics, and what its archive consists of. */
import * as z from 'zod/mini'
import type { ArchiveTable } from '../../shared/archive-reader.ts'
import type { Json } from '../../shared/payload.ts'
import { shardName } from '../../shared/protocol.ts'
import type { Reply } from '../../shared/protocol.ts'
import { refusalError } from '../../shared/refusal.ts'
import { MAX_STATEMENT_LENGTH } from '../../shared/sql.ts'
import type { SqlResult } from '../../shared/sql.ts'
import { namespaceStats } from '../../shared/stats.ts'
import type { LeaseStats, NamespaceStats, ShardArchiveStats, ShardStats } from '../../shared/stats.ts'
import { PROMETHEUS_TYPE, prometheusText } from '../prometheus.ts'
import { said, whole } from '../shapes.ts'
import type { Shape } from '../shapes.ts'
import { shardsOf } from './namespaces.ts'
import type { Asked } from './namespaces.ts'
import { problemResponse, refusal } from './problem.ts'
import { route } from './route.ts'

const optional = z.exactOptional
const count = whole(0)
const at = said(z.int(), { description: 'Epoch milliseconds.' })
const counts = z.record(z.string(), count)

const waiting = z.object({ batches: count, runs: count, bytes: count, since: optional(at) })
const lease: Shape<LeaseStats> = said(
  z.object({ fence: count, heldUntil: z.nullable(at), beganAt: z.nullable(at), endedAt: z.nullable(at) }),
  { id: 'ArchiveLease' },
)
const taskQueues = z.record(
  z.string(),
  said(z.object({ pending: count, running: count, delayed: count, oldestDueAt: optional(at) }), {
    id: 'TaskQueueStats',
  }),
)
const shardArchive: Shape<ShardArchiveStats> = said(
  z.object({
    warmRuns: count,
    coldRuns: count,
    lastBatch: count,
    cooledBatch: count,
    openBatches: count,
    waiting,
    heldRuns: count,
    pendingDeletions: count,
    garbageKeys: count,
  }),
  { id: 'ShardArchiveStats' },
)
const shardStats: Shape<ShardStats> = said(
  z.object({
    shard: count,
    since: at,
    runs: counts,
    openRuns: count,
    blockedRuns: count,
    liveRuns: count,
    databaseBytes: count,
    turns: count,
    turnDurations: optional(z.object({ counts: z.array(count), sumMs: count })),
    rowsWritten: count,
    inputsWaiting: count,
    refused: count,
    sequence: count,
    cdcLag: z.nullable(count),
    events: counts,
    taskQueues,
    archive: shardArchive,
  }),
  { id: 'ShardStats' },
)
const stats: Shape<NamespaceStats> = said(
  z.object({
    namespace: z.string(),
    runs: counts,
    blockedRuns: count,
    taskQueues,
    tiers: z.object({ hot: count, warm: count, cold: count }),
    archiver: z.object({
      fence: count,
      heldUntil: z.nullable(at),
      beganAt: z.nullable(at),
      endedAt: z.nullable(at),
      waiting,
      heldRuns: count,
    }),
    shards: z.array(shardStats),
  }),
  { id: 'Stats' },
)
const texts = z.record(z.string(), z.string())
const table: Shape<ArchiveTable> = said(
  z.object({
    name: z.string(),
    location: z.string(),
    updatedAt: at,
    records: count,
    bytes: count,
    fileCount: count,
    files: z.array(
      z.object({ location: z.string(), day: optional(z.string()), records: count, bytes: count }),
    ),
    snapshots: z.array(
      z.object({
        snapshotId: z.string(),
        committedAt: at,
        operation: z.string(),
        current: z.boolean(),
        summary: texts,
      }),
    ),
    properties: texts,
  }),
  { id: 'ArchiveTable' },
)

/** What the archive of a namespace consists of. */
export interface Archive {
  tables: ArchiveTable[] | null
  archiver: LeaseStats
  shards: (ShardArchiveStats & { shard: number })[]
  /** Whether it can be asked by SQL here. */
  sql: boolean
}

const archive: Shape<Archive> = said(
  z.object({
    tables: said(z.nullable(z.array(table)), {
      description: 'Those that exist; null where the scheduler has no binding ARCHIVE_SERVICE.',
    }),
    archiver: lease,
    shards: z.array(z.intersection(shardArchive, z.object({ shard: count }))),
    sql: said(z.boolean(), { description: 'Whether it can be asked by SQL here.' }),
  }),
  { id: 'Archive' },
)

const statement = z.string().check(z.minLength(1), z.maxLength(MAX_STATEMENT_LENGTH))
const rows: Shape<SqlResult> = said(
  z.object({
    columns: z.array(z.object({ name: z.string(), type: z.string() })),
    rows: z.array(z.array(z.custom<Json>())),
    truncated: said(z.boolean(), { description: 'There are more rows than these.' }),
    tookMs: count,
  }),
  { id: 'SqlResult' },
)
const ELSEWHERE =
  'SQL runs where perdure dev does; elsewhere npx perdure sql, or another engine, asks the archive'

export const liveRoutes = [
  route({
    method: 'get',
    path: '/stats',
    scope: 'read',
    id: 'namespaceStats',
    summary: 'Figures of the namespace, and of each of its shards',
    description: 'What is counted is counted since the shard woke; everything else is as it is now.',
    answer: stats,
    serve: async (asked) => ({ ok: true, value: await statsOf(asked) }),
  }),
  route({
    method: 'get',
    path: '/archive',
    scope: 'read',
    id: 'archive',
    summary: 'Snapshots and files of the cold tables, and what waits for them',
    description: 'Only metadata is read. Of each table 1,000 files are named.',
    answer: archive,
    serve: async (asked) => ({ ok: true, value: await archiveOf(asked) }),
  }),
  route({
    method: 'post',
    path: '/archive/sql',
    scope: 'admin',
    id: 'archiveSql',
    summary: 'Ask the runs of every tier by SQL, where perdure dev runs',
    description: 'One query of DuckDB, of all namespaces: 1,000 rows, 4 MiB and 20 seconds at most.',
    body: said(z.object({ statement }), { id: 'Sql' }),
    example: { statement: 'SELECT status, count(*) AS runs FROM all_executions GROUP BY ALL' },
    answer: rows,
    serve: async ({ config, body }) => {
      if (config.sqlUrl === null) return problemResponse(refusal('not_configured', ELSEWHERE), 404)
      const sent = { method: 'POST', body: JSON.stringify(body) }
      const answer = await config.runtime.fetch(config.sqlUrl, sent)
      return new Response(answer.body, answer)
    },
  }),
  route({
    method: 'get',
    path: '/metrics',
    root: true,
    scope: 'read',
    id: 'metrics',
    summary: 'The figures as Prometheus reads them',
    answer: z.string(),
    media: 'text/plain',
    serve: async (asked) => {
      const text = prometheusText(await statsOf(asked), asked.config.runtime.time.now())
      return new Response(text, { headers: { 'content-type': PROMETHEUS_TYPE } })
    },
  }),
]

async function statsOf({ config, namespace }: Asked): Promise<NamespaceStats> {
  const shards = await (await shardsOf(config, namespace)).all()
  const all = shards.map((to) => valueOf(config.shard(shardName(namespace, to.shard)).shardStats({ to })))
  return namespaceStats(namespace, await Promise.all(all), await leaseOf({ config, namespace }))
}

async function leaseOf({ config, namespace }: Asked): Promise<LeaseStats> {
  return await valueOf(config.shard(`${namespace}/archive`).leaseStats({ namespace }))
}

async function archiveOf(asked: Asked): Promise<Archive> {
  const [figures, tables] = await Promise.all([statsOf(asked), asked.config.archive?.tables() ?? null])
  const { fence, heldUntil, beganAt, endedAt } = figures.archiver
  return {
    tables,
    archiver: { fence, heldUntil, beganAt, endedAt },
    shards: figures.shards.map(({ shard, archive: own }) => ({ shard, ...own })),
    sql: asked.config.sqlUrl !== null,
  }
}

async function valueOf<T>(asked: Promise<Reply<T>>): Promise<T> {
  const reply = await asked
  if (reply.ok) return reply.value
  throw refusalError(reply)
}
