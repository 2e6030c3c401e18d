/** What lies in the tiers, read past the shards: the rows of every object, and who names which. */
import { executionColumns, historyColumns } from '../../../archiver/columns.ts'
import { embeddedTier } from '../../../archiver/config.ts'
import type { ColdTier, Table } from '../../../archiver/cold/tier.ts'
import { tableNames } from '../../../archiver/cold/tier.ts'
import { longsOf, stringsOf, textAt } from '../../../archiver/frame.ts'
import type { Frame } from '../../../archiver/frame.ts'
import { liveFiles } from '../../../archiver/iceberg/live.ts'
import { manifestsOfAll } from '../../../archiver/iceberg/reach.ts'
import { Warehouse } from '../../../archiver/iceberg/warehouse.ts'
import { decodeParquet } from '../../../archiver/parquet.ts'
import type { SegmentRow, WarmObject } from '../../../shared/archive.ts'
import type { HistoryEvent } from '../../../shared/core/events.ts'
import { addressOf } from '../recorded.ts'
import type { ArchiveView, DiskView, WorldView } from '../view.ts'
import { unarchived } from './rest.ts'

/** By run id. */
type Events = ReadonlyMap<string, readonly HistoryEvent[]>

export interface Tiers {
  /** By run id, every place where its shard says that it is. */
  readonly places: ReadonlyMap<string, readonly string[]>
  readonly warm: Events
  readonly cold: Events
  /** By run id, how many rows the table of executions has of it. */
  readonly executions: ReadonlyMap<string, number>
  /** Keys in R2 that nothing names; while they are young, the sweep leaves them. */
  readonly unnamed: readonly string[]
  /** Keys that are named and not there. */
  readonly missing: readonly string[]
  readonly unarchived: readonly string[]
  readonly surprises: readonly string[]
  readonly failed: number
}

export async function tiersOf(view: WorldView, archive: ArchiveView): Promise<Tiers> {
  const { bucket, keys, surprises, figures, aged } = archive
  const disks = view.disks().filter((disk) => addressOf(disk) !== null)
  const warmObjects = disks.flatMap((disk) => column<WarmObject[]>(disk, 'archive_batches', 'objects')).flat()
  const segments = disks.flatMap((disk) =>
    texts(disk, "SELECT object FROM archive_segments WHERE state = 'stored'"),
  )
  const cold = await coldOf(bucket)
  const named = new Set([...warmObjects.map(({ object }) => object), ...segments, ...cold.keys])
  const isKnown = knownRun(view, archive)
  const isLate = latePut(disks)
  const loose = keys().filter((key) => (aged || !isSwept(key)) && !named.has(key) && !isKnown(key))
  const objects = await Promise.all(loose.map((key) => bucket.head(key)))
  return {
    places: await placesOf(bucket, disks),
    warm: eventsOf(
      await framesOf(
        bucket,
        warmObjects.map(({ object }) => object),
      ),
    ),
    cold: eventsOf(cold.frames.history),
    executions: countsOf(cold.frames.executions),
    unnamed: loose.filter((_, at) => !isLate(objects[at] ?? null)),
    missing: [...named].filter((key) => !keys().includes(key)),
    unarchived: unarchived(view),
    surprises,
    failed: figures['failed'] ?? 0,
  }
}

function texts({ sql }: DiskView, statement: string): string[] {
  return sql
    .exec(statement)
    .toArray()
    .map((row) => String(Object.values(row)[0]))
}

function column<T>(disk: DiskView, table: string, name: string): T[] {
  return texts(disk, `SELECT ${name} FROM ${table}`).map((text) => JSON.parse(text) as T) // the engine writes them
}

/** How far apart two machines' clocks may be. */
const APART_MS = 10_000

/** Of a warm object that an overtaken pass put when the batch had been confirmed by another: it goes with the batch. */
function latePut(disks: readonly DiskView[]): (object: R2Object | null) => boolean {
  const warmedAt = new Map<string, number>()
  for (const disk of disks) {
    const { namespace, shard } = addressOf(disk) ?? {}
    const statement = 'SELECT number, warmed_at FROM archive_batches WHERE warmed_at IS NOT NULL'
    for (const row of disk.sql.exec(statement).toArray())
      warmedAt.set(`warm/${namespace}/${shard}/${Number(row['number'])}`, Number(row['warmed_at']))
  }
  return (object) => {
    const batch = object?.key.replace(/-\d+-\d+\.parquet$/, '') ?? ''
    return object !== null && object.uploaded.getTime() > (warmedAt.get(batch) ?? Infinity) - APART_MS
  }
}

const isSwept = (key: string): boolean => key.startsWith('iceberg/') || key.startsWith('payload/')

/** Payloads lie where their run says, in whatever tier that is. */
function knownRun(view: WorldView, { ledger }: ArchiveView): (key: string) => boolean {
  const open = view
    .disks()
    .flatMap((disk) => (addressOf(disk) ? texts(disk, 'SELECT run_id FROM workflows') : []))
  return (key) => {
    const [room, , , runId = ''] = key.split('/')
    if (room === 'maintenance') return true
    return room === 'payload' && (open.includes(runId) || ledger.get(runId) !== undefined)
  }
}

async function placesOf(bucket: R2Bucket, disks: readonly DiskView[]): Promise<Map<string, string[]>> {
  const places = new Map<string, string[]>()
  const lies = (runId: string, place: string): void => {
    places.set(runId, [...(places.get(runId) ?? []), place])
  }
  for (const disk of disks) {
    const warm = new Set(texts(disk, 'SELECT run_id FROM workflows WHERE archive_batch IS NOT NULL'))
    for (const runId of warm) lies(runId, 'warm')
    for (const runId of texts(disk, 'SELECT DISTINCT run_id FROM history')) lies(runId, 'hot')
    for (const object of texts(disk, "SELECT object FROM archive_segments WHERE state = 'stored'"))
      for (const { runId } of await segmentOf(bucket, object)) lies(runId, 'cold')
  }
  return places
}

async function segmentOf(bucket: R2Bucket, key: string): Promise<SegmentRow[]> {
  const found = await bucket.get(key)
  return found ? await found.json<SegmentRow[]>() : []
}

async function framesOf(
  bucket: R2Bucket,
  keys: readonly string[],
  columns = historyColumns,
): Promise<Frame[]> {
  const frames: Frame[] = []
  for (const key of keys) {
    const found = await bucket.get(key)
    if (found) frames.push(decodeParquet(columns, new Uint8Array(await found.arrayBuffer())))
  }
  return frames
}

interface Cold {
  /** Of all that the tables reach. */
  readonly keys: readonly string[]
  readonly frames: Readonly<Record<Table, Frame[]>>
}

async function coldOf(bucket: R2Bucket): Promise<Cold> {
  const tier = embeddedTier(new Warehouse(bucket, 's3://perdure-archive'), 1)
  const history = await tableOf(tier, 'history')
  const executions = await tableOf(tier, 'executions')
  const frames = {
    history: await framesOf(bucket, history.files),
    executions: await framesOf(bucket, executions.files, executionColumns),
  }
  return { keys: [...history.keys, ...executions.keys], frames }
}

async function tableOf(
  { catalog, warehouse }: ColdTier,
  table: Table,
): Promise<{ keys: string[]; files: string[] }> {
  const loaded = await catalog.load(tableNames[table])
  if (!loaded) return { keys: [], files: [] }
  const { metadata, metadataLocation } = loaded
  const files: string[] = []
  for await (const { location } of liveFiles(metadata, warehouse)) files.push(warehouse.keyOf(location))
  const locations = [
    metadataLocation,
    `${metadata.location}/metadata/version-hint.text`,
    ...metadata['metadata-log'].map((entry) => entry['metadata-file']),
    ...metadata.snapshots.map((snapshot) => snapshot['manifest-list']),
    ...(await manifestsOfAll(warehouse, metadata.snapshots)).keys(),
  ]
  return { keys: [...locations.map((location) => warehouse.keyOf(location)), ...files], files }
}

/** Rows of a run in the order in which they are found. */
function eventsOf(frames: readonly Frame[]): Map<string, HistoryEvent[]> {
  const events = new Map<string, HistoryEvent[]>()
  for (const frame of frames)
    for (let row = 0; row < frame.rows; row += 1) {
      const text = (name: string): string => textAt(stringsOf(frame, name), row) ?? ''
      const at = Number((longsOf(frame, 'timestamp')[row] ?? 0n) / 1_000n)
      const event = { type: text('event_type'), at, ...(JSON.parse(text('event_data')) as object) }
      events.set(text('run_id'), [...(events.get(text('run_id')) ?? []), event as HistoryEvent]) // as they were archived
    }
  return events
}

function countsOf(frames: readonly Frame[]): Map<string, number> {
  const counts = new Map<string, number>()
  for (const frame of frames)
    for (let row = 0; row < frame.rows; row += 1) {
      const runId = textAt(stringsOf(frame, 'run_id'), row) ?? ''
      counts.set(runId, (counts.get(runId) ?? 0) + 1)
    }
  return counts
}
