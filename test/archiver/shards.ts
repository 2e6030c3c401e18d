import type { ArchiveSource } from '../../archiver/pass.ts'
import type {
  ArchiveBatch,
  ArchivedRun,
  ConfirmArchiveRequest,
  ProposeArchiveRequest,
  WarmLocator,
} from '../../shared/archive.ts'
import type { Reply } from '../../shared/protocol.ts'

/** What the archiver sees of the shards of one namespace: closed runs, one open batch each, and locators. */
export interface Shards extends ArchiveSource {
  readonly shards: readonly Shard[]
}

interface Shard {
  hot: ArchivedRun[]
  open: ArchiveBatch | null
  /** How many batches have been opened. */
  opened: number
  /** Of every run that was archived; a run archived twice is here twice. */
  readonly archived: { run: ArchivedRun; locator: WarmLocator }[]
  readonly confirmed: Set<string>
}

export function shardsWith(runs: readonly ArchivedRun[][], runsPerBatch: number): Shards {
  const shards = runs.map((hot): Shard => ({
    hot: [...hot],
    open: null,
    opened: 0,
    archived: [],
    confirmed: new Set(),
  }))
  const shardOf = ({ to }: { to: { shard: number } }): Shard => shards[to.shard]!
  return {
    shards,
    shardCount: () => Promise.resolve(shards.length),
    proposeArchive: (request) =>
      Promise.resolve(structuredClone(propose(shardOf(request), request, runsPerBatch))),
    confirmArchive: (request) => Promise.resolve(confirm(shardOf(request), structuredClone(request))),
  }
}

function propose(
  shard: Shard,
  { to }: ProposeArchiveRequest,
  runsPerBatch: number,
): Reply<ArchiveBatch | null> {
  if (shard.open === null && shard.hot.length > 0) {
    shard.opened++
    const batchId = `${to.shard}-${shard.opened}`
    shard.open = { batchId, namespace: to.namespace, shard: to.shard, runs: shard.hot.slice(0, runsPerBatch) }
  }
  return { ok: true, value: shard.open }
}

function confirm(shard: Shard, { batchId, locators }: ConfirmArchiveRequest): Reply<null> {
  if (shard.confirmed.has(batchId)) return { ok: true, value: null }
  const { open } = shard
  if (open?.batchId !== batchId)
    return { ok: false, code: 'invalid_argument', message: `${batchId} is not open` }
  for (const { runId, locator } of locators) {
    const run = open.runs.find(({ execution }) => execution.runId === runId)!
    shard.archived.push({ run, locator })
    shard.hot = shard.hot.filter(({ execution }) => execution.runId !== runId)
  }
  shard.confirmed.add(batchId)
  shard.open = null
  return { ok: true, value: null }
}
