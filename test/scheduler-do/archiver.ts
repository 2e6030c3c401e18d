/**
 * A small archiver: every step of a pass by RPC, objects as JSON in the real bucket. Its warm objects have one row per
 * event, a cold run is an object of its own, a segment is the list of its rows.
 */
import { WorkerEntrypoint } from 'cloudflare:workers'
import type {
  ArchiveApi,
  ArchiveBatch,
  ArchiveReader,
  ProposedRun,
  Purge,
  RunPage,
  RunPageRequest,
  SegmentRow,
  WarmLocator,
  WarmObject,
} from '../../shared/archive.ts'
import type { HistoryEvent } from '../../shared/core/events.ts'
import type { Reply, ShardAddress } from '../../shared/protocol.ts'

export interface Archive {
  service: ArchiveApi
  bucket: R2Bucket
}

/** What every request of a pass carries. */
export interface Fenced {
  to: ShardAddress
  fence: number
}

interface Row {
  workflowId: string
  runId: string
  closedAt: number
  event: HistoryEvent
}

export const LIMITS = { maxRuns: 100, maxBytes: 1_000_000 }
export const SHARDS = 2

export function shardTo(shard: number): ShardAddress {
  return { namespace: 'default', shard, shards: SHARDS }
}

export function valueOf<T>(reply: Reply<T>): T {
  if (reply.ok) return reply.value
  throw Object.assign(new Error(`${reply.code}: ${reply.message}`), { code: reply.code })
}

let holders = 0

/** Does all there is to do, in every tier, under a lease of its own. */
export async function runPass(archive: Archive): Promise<void> {
  const holder = `pass-${++holders}`
  const { fence } = await lease(archive, holder)
  for (let shard = 0; shard < SHARDS; shard += 1) {
    const to = shardTo(shard)
    while (await warm(archive, { to, fence }));
    await purge(archive, { to, fence })
    while (await cool(archive, { to, fence }));
    while (await expire(archive, { to, fence }));
    await collect(archive, { to, fence })
  }
  valueOf(await archive.service.releaseArchive({ namespace: 'default', holder }))
}

export async function lease(archive: Archive, holder: string, ttlMs = 60_000) {
  return valueOf(await archive.service.acquireArchive({ namespace: 'default', holder, ttlMs }))
}

/** One batch into the warm tier; null when there is none. */
export async function warm(archive: Archive, by: Fenced, limits = LIMITS): Promise<ArchiveBatch | null> {
  const batch = valueOf(await archive.service.proposeArchive({ ...by, ...limits }))
  if (!batch) return null
  const written = await write(archive, by, batch)
  valueOf(await archive.service.confirmArchive({ ...by, number: batch.number, ...written }))
  return batch
}

/** The batch's objects: one of all its runs, or for a run that comes by pages one of each page. */
export async function write(archive: Archive, by: Fenced, batch: ArchiveBatch) {
  const { namespace, shard, number } = batch
  const key = (part: number): string => `warm/${namespace}/${shard}/${number}-${part}.json`
  const [large] = batch.runs.filter(({ nextEvent }) => nextEvent !== undefined)
  if (large) {
    const objects: WarmObject[] = []
    for await (const rows of pages(archive, by, { number, run: large }))
      objects.push(await put(archive, key(objects.length), rows))
    const locator = objects.map((object) => pieceOf(object, 0, object.rows))
    return { objects, locators: [{ runId: large.runId, locator }] }
  }
  const rows = batch.runs.flatMap((run) => rowsIn(run, run.events))
  const object = await put(archive, key(0), rows)
  const locators = batch.runs.map(({ runId, historyLength }) => {
    const first = rows.findIndex((row) => row.runId === runId)
    return { runId, locator: [pieceOf(object, first, historyLength)] }
  })
  return { objects: [object], locators }
}

async function* pages(
  archive: Archive,
  by: Fenced,
  { number, run }: { number: number; run: ProposedRun },
): AsyncGenerator<Row[]> {
  let { events, nextEvent } = run
  for (;;) {
    yield rowsIn(run, events)
    if (nextEvent === undefined) return
    const page = { ...by, number, runId: run.runId, fromEvent: nextEvent, maxBytes: LIMITS.maxBytes }
    ;({ events, nextEvent } = valueOf(await archive.service.archivePage(page)))
  }
}

function rowsIn(run: ProposedRun, events: readonly string[]): Row[] {
  const { workflowId, runId, closedAt } = run
  const all = events.flatMap((text) => JSON.parse(text) as HistoryEvent[])
  return all.map((event) => ({ workflowId, runId, closedAt, event }))
}

async function put(archive: Archive, key: string, rows: unknown[]): Promise<WarmObject> {
  const stored = await archive.bucket.put(key, JSON.stringify(rows))
  if (!stored) throw new Error(`R2 took no object ${key}`)
  const closed = { minClosedAt: 0, maxClosedAt: 0 }
  return { object: key, etag: stored.etag, bytes: stored.size, rows: rows.length, ...closed }
}

function pieceOf({ object, etag }: WarmObject, rowOffset: number, rowCount: number): WarmLocator[number] {
  return { object, etag, rowGroupFirst: 0, rowGroupCount: 1, rowOffset, rowCount }
}

const coldKey = (namespace: string, runId: string): string => `cold/${namespace}/${runId}.json`

/** Warm batches into the cold tier; false when there is none. */
export async function cool(archive: Archive, by: Fenced): Promise<boolean> {
  const { batches } = valueOf(await archive.service.coldCandidates({ ...by, maxBytes: 1_000_000 }))
  for (const { objects } of batches) {
    const rows = (await Promise.all(objects.map(({ object }) => rowsOf(archive, object)))).flat()
    for (const [runId, own] of Map.groupBy(rows, (row) => row.runId))
      await put(archive, coldKey(by.to.namespace, runId), own)
  }
  const upTo = batches.at(-1)?.number
  if (upTo === undefined) return false
  valueOf(await archive.service.markCold({ ...by, upTo }))
  return true
}

async function rowsOf({ bucket }: Pick<Archive, 'bucket'>, key: string): Promise<Row[]> {
  const object = await bucket.get(key)
  if (!object) throw new Error(`R2 has no object ${key}`)
  return await object.json<Row[]>()
}

export async function expire(archive: Archive, by: Fenced, maxRuns = 100): Promise<boolean> {
  const expiry = valueOf(await archive.service.proposeExpiry({ ...by, maxRuns }))
  if (!expiry) return false
  const { segment, rows } = expiry
  const key = `segments/${by.to.namespace}/${by.to.shard}/${segment}.json`
  const { object, etag, bytes } = await put(archive, key, rows)
  valueOf(await archive.service.confirmExpiry({ ...by, segment, object, etag, bytes }))
  return true
}

let revisions = 0

/** Deleted runs out of warm objects, segments and the cold tier. */
export async function purge(archive: Archive, by: Fenced): Promise<Purge['runs']> {
  const { runs } = valueOf(await archive.service.proposePurge({ ...by, maxRuns: 100 }))
  if (runs.length === 0) return runs
  const gone = new Set(runs.map(({ runId }) => runId))
  const objects = []
  const locators: { runId: string; locator: WarmLocator }[] = []
  for (const was of new Set(runs.flatMap((run) => run.warm?.map(({ object }) => object) ?? []))) {
    const left = (await rowsOf(archive, was)).filter(({ runId }) => !gone.has(runId))
    const is = left.length > 0 ? await put(archive, `${was}.${++revisions}`, left) : null
    objects.push({ was, is })
    for (const [runId, own] of Map.groupBy(left, (row) => row.runId))
      if (is) locators.push({ runId, locator: [pieceOf(is, left.indexOf(own[0]!), own.length)] })
  }
  const segments = []
  for (const was of new Set(runs.flatMap((run) => run.segment?.object ?? []))) {
    const rows = await (await archive.bucket.get(was))!.json<SegmentRow[]>()
    const left = rows.filter(({ runId }) => !gone.has(runId))
    segments.push({ was, is: left.length > 0 ? await put(archive, `${was}.${++revisions}`, left) : null })
  }
  let coldGoneBy: number | null = null
  for (const runId of gone) {
    if (await archive.bucket.head(coldKey(by.to.namespace, runId))) coldGoneBy = COLD_GONE_BY
    await archive.bucket.delete(coldKey(by.to.namespace, runId))
  }
  const confirmed = { ...by, runIds: [...gone], objects, locators, segments, coldGoneBy }
  valueOf(await archive.service.confirmPurge(confirmed))
  return runs
}

/** When the snapshots of this cold tier expire. */
export const COLD_GONE_BY = Date.UTC(2100, 0, 1)

export async function collect(archive: Archive, by: Fenced): Promise<string[]> {
  const keys = valueOf(await archive.service.garbage({ ...by, maxKeys: 1_000 }))
  for (const key of keys) {
    const prefixed = /[/-]$/.test(key) ? await archive.bucket.list({ prefix: key }) : null
    await archive.bucket.delete(prefixed ? prefixed.objects.map((object) => object.key) : key)
  }
  valueOf(await archive.service.collected({ ...by, keys }))
  return keys
}

/** Every read that was asked for, newest last: `warm`, `cold` or `segment` and what of. */
export const reads: string[] = []

export class ArchiveService extends WorkerEntrypoint<{ ARCHIVE: R2Bucket }> implements ArchiveReader {
  async readRun(request: RunPageRequest): Promise<RunPage> {
    const { fromEvent, maxBytes, historyLength } = request
    const all = await this.#events(request)
    const events: HistoryEvent[] = []
    let bytes = 0
    for (const event of all.slice(fromEvent - 1)) {
      bytes += JSON.stringify(event).length
      if (events.length > 0 && bytes > maxBytes) break
      events.push(event)
    }
    const next = fromEvent + events.length
    return { events: encoded(events), ...(next <= historyLength && { nextEvent: next }) }
  }

  async readEnds(request: Omit<RunPageRequest, 'fromEvent' | 'maxBytes'>): Promise<RunPage> {
    const all = await this.#events(request)
    return { events: encoded(all.length > 1 ? [all[0]!, all.at(-1)!] : all) }
  }

  async readSegment({ object, etag }: { object: string; etag: string }): Promise<SegmentRow[]> {
    reads.push(`segment ${object}`)
    const found = await this.env.ARCHIVE.get(object)
    if (found?.etag !== etag) throw new Error(`R2 has no object ${object} with etag ${etag}`)
    return await found.json<SegmentRow[]>()
  }

  async #events(request: Omit<RunPageRequest, 'fromEvent' | 'maxBytes'>): Promise<HistoryEvent[]> {
    const { namespace, runId, warm: locator, historyLength } = request
    const bucket = this.env.ARCHIVE
    reads.push(`${locator ? 'warm' : 'cold'} ${runId}`)
    const pieces = locator?.map(async ({ object, rowOffset, rowCount }) =>
      (await rowsOf({ bucket }, object)).slice(rowOffset, rowOffset + rowCount),
    ) ?? [rowsOf({ bucket }, coldKey(namespace, runId))]
    const rows = (await Promise.all(pieces)).flat()
    if (rows.length !== historyLength || rows.some((row) => row.runId !== runId))
      throw new Error(`${rows.length} rows are not the ${historyLength} of run ${runId}`)
    return rows.map(({ event }) => event)
  }
}

function encoded(events: readonly HistoryEvent[]): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(events))
}
