/** Which snapshots of a table may be forgotten. */
import type { Snapshot, SnapshotRef, TableMetadata } from './metadata.ts'

export interface Retention {
  /** Younger snapshots are kept. A branch may have an age of its own. */
  readonly olderThanMs: number
  /** Of each branch, however old: 1 by default. A branch may have a number of its own. */
  readonly keepAtLeast?: number
  /** Of the table, however young: 300. Its metadata is read and written whole by every commit, 800 bytes of it each. */
  readonly keepAtMost?: number
}

/** Oldest first. What a branch or a tag names is never among them. */
export function expirable(metadata: TableMetadata, retention: Retention, now: number): Snapshot[] {
  const { olderThanMs, keepAtLeast = 1, keepAtMost = 300 } = retention
  const needed = new Set<bigint>()
  const young = new Set<bigint>()
  const oldestFirst = metadata.snapshots.toSorted((a, b) => a['sequence-number'] - b['sequence-number'])
  for (const snapshot of oldestFirst) {
    if (snapshot['timestamp-ms'] >= now - olderThanMs) young.add(snapshot['snapshot-id'])
  }
  for (const ref of refsOf(metadata)) {
    const line = lineOf(metadata, ref)
    const least = ref['min-snapshots-to-keep'] ?? keepAtLeast
    for (const { 'snapshot-id': id } of line.slice(0, Math.max(1, least))) needed.add(id)
    const age = ref['max-snapshot-age-ms'] ?? olderThanMs
    for (const one of line) if (one['timestamp-ms'] >= now - age) young.add(one['snapshot-id'])
  }
  const kept = oldestFirst.filter(({ 'snapshot-id': id }) => needed.has(id) || young.has(id))
  const tooMany = kept
    .filter(({ 'snapshot-id': id }) => !needed.has(id))
    .slice(0, Math.max(0, kept.length - keepAtMost))
  const isKept = new Set(kept)
  for (const snapshot of tooMany) isKept.delete(snapshot)
  return oldestFirst.filter((snapshot) => !isKept.has(snapshot))
}

/** All refs, and the current snapshot as one: metadata need not have a ref for it. */
function refsOf(metadata: TableMetadata): SnapshotRef[] {
  const current = metadata['current-snapshot-id']
  const refs = Object.values(metadata.refs)
  return current === undefined ? refs : [...refs, { type: 'branch', 'snapshot-id': current }]
}

/** The snapshot of a tag; that of a branch and its ancestors. */
function lineOf({ snapshots }: TableMetadata, ref: SnapshotRef): Snapshot[] {
  const byId = new Map(snapshots.map((snapshot) => [snapshot['snapshot-id'], snapshot]))
  const line = new Set<Snapshot>() // a set, since the parents of a damaged table may go round
  let next = byId.get(ref['snapshot-id'])
  while (next !== undefined && !line.has(next)) {
    line.add(next)
    const parent = next['parent-snapshot-id']
    next = ref.type === 'tag' || parent === undefined ? undefined : byId.get(parent)
  }
  return [...line]
}
