/**
 * Snapshots of a table and the branches and tags that name them.
 *
 * R1 `current-snapshot-id` is what the branch `main` names; both are absent together.
 * R2 A ref names a snapshot that is there. Snapshots that are removed take their refs along.
 * R3 `snapshot-log` says which snapshot was current from when on, in order, and without gaps: what lies before a
 *    snapshot that was removed is forgotten with it.
 */
import { CatalogRefusal } from './catalog.ts'
import type { Update } from './catalog.ts'
import type { Snapshot, SnapshotRef, TableMetadata } from './metadata.ts'
import type { Draft } from './updates.ts'

export function addSnapshot(draft: Draft, snapshot: Snapshot): Draft {
  const { metadata } = draft
  const problem = problemOf(metadata, snapshot)
  if (problem !== null) throw new CatalogRefusal(400, `snapshot ${snapshot['snapshot-id']}: ${problem}`)
  return {
    ...draft,
    addedSnapshots: new Set([...draft.addedSnapshots, snapshot['snapshot-id']]),
    metadata: {
      ...metadata,
      snapshots: [...metadata.snapshots, snapshot],
      'last-sequence-number': snapshot['sequence-number'],
      'last-updated-ms': Math.max(metadata['last-updated-ms'], snapshot['timestamp-ms']),
    },
  }
}

export function setRef(draft: Draft, update: Extract<Update, { action: 'set-snapshot-ref' }>): Draft {
  const { action: _, 'ref-name': name, ...ref } = update
  const { metadata } = draft
  const id = ref['snapshot-id']
  const snapshot = snapshotOf(metadata, id)
  if (snapshot === undefined) throw new CatalogRefusal(400, `ref ${name}: there is no snapshot ${id}`)
  const refs = { ...metadata.refs, [name]: ref }
  if (name !== MAIN) return { ...draft, metadata: { ...metadata, refs } }
  if (ref.type !== 'branch') throw new CatalogRefusal(400, 'main is a branch')
  if (metadata['current-snapshot-id'] === id) return { ...draft, metadata: { ...metadata, refs } }
  const at = draft.addedSnapshots.has(id) ? snapshot['timestamp-ms'] : draft.now
  const last = metadata['snapshot-log'].at(-1)?.['timestamp-ms'] ?? 0
  const entry = { 'snapshot-id': id, 'timestamp-ms': Math.max(at, last) }
  return {
    ...draft,
    metadata: {
      ...metadata,
      refs,
      'current-snapshot-id': id,
      'snapshot-log': [...metadata['snapshot-log'], entry],
    },
  }
}

export function removeRef(draft: Draft, name: string): Draft {
  const { [name]: _, ...refs } = draft.metadata.refs
  return { ...draft, metadata: withRefs(draft.metadata, refs) }
}

export function removeSnapshots(draft: Draft, ids: ReadonlySet<bigint>): Draft {
  const { metadata } = draft
  const refs = Object.entries(metadata.refs).filter(([, ref]) => !ids.has(ref['snapshot-id']))
  const log = metadata['snapshot-log']
  const removed = log.findLastIndex((entry) => ids.has(entry['snapshot-id']))
  const kept = {
    ...metadata,
    ...statisticsWithout(metadata, ids),
    snapshots: metadata.snapshots.filter((snapshot) => !ids.has(snapshot['snapshot-id'])),
    'snapshot-log': log.slice(removed + 1),
  }
  return { ...draft, metadata: withRefs(kept, Object.fromEntries(refs)) }
}

/** Snapshots that were current only between two updates of one commit never were: they are taken out of the log. */
export function withoutPassing({ metadata, addedSnapshots }: Draft): TableMetadata {
  const current = metadata['current-snapshot-id']
  const log = metadata['snapshot-log'].filter(
    ({ 'snapshot-id': id }) => id === current || !addedSnapshots.has(id),
  )
  return { ...metadata, 'snapshot-log': log }
}

const MAIN = 'main'
/** Clocks of two writers may differ by this much, as the reference implementation has it. */
const CLOCK_SKEW_MS = 60_000

function problemOf(metadata: TableMetadata, snapshot: Snapshot): string | null {
  const { 'sequence-number': sequence, 'parent-snapshot-id': parent, 'schema-id': schemaId } = snapshot
  if (snapshotOf(metadata, snapshot['snapshot-id']) !== undefined) return 'there is one of this id'
  if (sequence <= metadata['last-sequence-number'])
    return `its sequence number is ${sequence}, the table's last one is ${metadata['last-sequence-number']}`
  if (parent !== undefined && snapshotOf(metadata, parent) === undefined)
    return `there is no parent ${parent}`
  if (schemaId !== undefined && !metadata.schemas.some((schema) => schema['schema-id'] === schemaId))
    return `there is no schema ${schemaId}`
  if (snapshot['timestamp-ms'] < metadata['last-updated-ms'] - CLOCK_SKEW_MS)
    return `its timestamp ${snapshot['timestamp-ms']} is before the table's, ${metadata['last-updated-ms']}`
  return null
}

function snapshotOf(metadata: TableMetadata, id: bigint): Snapshot | undefined {
  return metadata.snapshots.find((snapshot) => snapshot['snapshot-id'] === id)
}

function withRefs(metadata: TableMetadata, refs: Record<string, SnapshotRef>): TableMetadata {
  if (Object.hasOwn(refs, MAIN)) return { ...metadata, refs }
  const { 'current-snapshot-id': _, ...others } = metadata
  return { ...others, refs, 'snapshot-log': [] }
}

/** Files of statistics that other engines made belong to one snapshot each. */
function statisticsWithout(metadata: object, ids: ReadonlySet<bigint>): Record<string, unknown> {
  const kept: Record<string, unknown> = {}
  for (const [key, files] of Object.entries(metadata)) {
    if (!STATISTICS.has(key) || !Array.isArray(files)) continue
    kept[key] = files.filter((file: { 'snapshot-id'?: number | bigint }) => {
      const id = file['snapshot-id']
      return id === undefined || !ids.has(BigInt(id))
    })
  }
  return kept
}

const STATISTICS = new Set(['statistics', 'partition-statistics'])
