import { describe, expect, test } from 'vitest'
import type { Snapshot, SnapshotRef, TableMetadata } from '../../../archiver/iceberg/metadata.ts'
import { expirable, type Retention } from '../../../archiver/iceberg/retention.ts'

const day = 86_400_000
const now = 100 * day
const foreign = 6918293763128758246n

describe('a snapshot may be forgotten', () => {
  test('when it is old and no branch needs it', () => {
    expect(expired({ ids: [1n, 2n, 3n, 4n], ages: [9, 8, 6, 1] }, { olderThanMs: 7 * day })).toEqual([1n, 2n])
  })

  test('but not the current one, however old', () => {
    expect(expired({ ids: [1n, 2n], ages: [90, 80] }, { olderThanMs: day })).toEqual([1n])
  })

  test('but not the last few of a branch', () => {
    const table = { ids: [1n, 2n, 3n, 4n], ages: [9, 8, 7, 6] }
    expect(expired(table, { olderThanMs: day, keepAtLeast: 3 })).toEqual([1n])
  })

  test('but not one that a tag names', () => {
    const refs = { audit: { type: 'tag' as const, 'snapshot-id': 2n } }
    expect(expired({ ids: [1n, 2n, 3n], ages: [9, 8, 7], refs }, { olderThanMs: day })).toEqual([1n])
  })

  test('but not those of a branch that wants more of them', () => {
    const refs = { dev: { type: 'branch' as const, 'snapshot-id': 3n, 'min-snapshots-to-keep': 2 } }
    expect(expired({ ids: [1n, 2n, 3n, 4n], ages: [9, 8, 7, 6], refs }, { olderThanMs: day })).toEqual([1n])
  })

  test('but not those of a branch that keeps them longer', () => {
    const refs = { dev: { type: 'branch' as const, 'snapshot-id': 3n, 'max-snapshot-age-ms': 8.5 * day } }
    expect(expired({ ids: [1n, 2n, 3n, 4n], ages: [9, 8, 7, 6], refs }, { olderThanMs: day })).toEqual([1n])
  })

  test('when there are too many, the oldest first, however young', () => {
    const ids = Array.from({ length: 310 }, (_, i) => BigInt(i + 1))
    const table = { ids, ages: ids.map((_, i) => (310 - i) / 1_000) }
    expect(expired(table, { olderThanMs: 7 * day })).toEqual(ids.slice(0, 10))
    const audited = { ...table, refs: { audit: { type: 'tag' as const, 'snapshot-id': 1n } } }
    expect(expired(audited, { olderThanMs: 7 * day })).toEqual(ids.slice(1, 11))
  })

  test('by its id of 63 bits', () => {
    expect(expired({ ids: [foreign, foreign + 1n], ages: [9, 8] }, { olderThanMs: day })).toEqual([foreign])
  })
})

test('a table whose parents go round is no endless one', () => {
  const metadata = tableOf({ ids: [1n, 2n], ages: [9, 8] })
  const snapshots = metadata.snapshots.map((one) => ({
    ...one,
    'parent-snapshot-id': 3n - one['snapshot-id'],
  }))
  expect(expirable({ ...metadata, snapshots }, { olderThanMs: day }, now)).toHaveLength(1)
})

interface Given {
  /** Each the parent of the next. */
  readonly ids: readonly bigint[]
  /** In days. */
  readonly ages: readonly number[]
  readonly refs?: Readonly<Record<string, SnapshotRef>>
}

function expired(given: Given, retention: Retention): bigint[] {
  return expirable(tableOf(given), retention, now).map((snapshot) => snapshot['snapshot-id'])
}

function tableOf({ ids, ages, refs = {} }: Given): TableMetadata {
  const snapshots = ids.map((id, i): Snapshot => ({
    'snapshot-id': id,
    ...(i > 0 && { 'parent-snapshot-id': ids[i - 1]! }),
    'sequence-number': i + 1,
    'timestamp-ms': now - ages[i]! * day,
    'manifest-list': `list-${id}`,
    summary: { operation: 'append' },
  }))
  const current = ids.at(-1)!
  const main: SnapshotRef = { type: 'branch', 'snapshot-id': current }
  // What the rule reads of metadata; the rest says nothing about retention.
  return { snapshots, refs: { ...refs, main }, 'current-snapshot-id': current } as unknown as TableMetadata
}
