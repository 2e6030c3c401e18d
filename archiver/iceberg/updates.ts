/**
 * What a commit requires and what it changes, by the rules of the REST protocol. Pure: no clock, no ids, no bucket.
 *
 * U1 A commit whose requirements do not hold is a `CommitConflict`; one that asks for what cannot be is a `CatalogRefusal`.
 * U2 Ids of schemas, specs, sort orders and partition fields are given by the catalog: the largest so far plus one, or,
 *    when the very same thing was added before, that one's. -1 means the one this commit added last.
 * U3 `last-updated-ms`, `last-sequence-number`, `last-column-id` and `last-partition-id` never decrease.
 */
import { unreachable } from '../../shared/core/unreachable.ts'
import { CatalogRefusal, CommitConflict } from './catalog.ts'
import type { Requirement, TableDefinition, Update } from './catalog.ts'
import { addOrder, addSchema, addSpec, currentOf } from './columns.ts'
import type { TableMetadata } from './metadata.ts'
import { addSnapshot, removeRef, removeSnapshots, setRef, withoutPassing } from './refs.ts'
import { withoutSlash } from './names.ts'

/** Metadata in the middle of a commit, with what later updates of the same commit may refer to. */
export interface Draft {
  readonly metadata: TableMetadata
  readonly now: number
  readonly lastSchemaId?: number
  readonly lastSpecId?: number
  readonly lastOrderId?: number
  readonly addedSnapshots: ReadonlySet<bigint>
}

export interface Applied {
  readonly metadata: TableMetadata
  /** Metadata files that fell out of the log. */
  readonly dropped: readonly string[]
}

/** The metadata of a table that holds nothing yet. */
export function newMetadata(
  definition: TableDefinition,
  { uuid, location, now }: { uuid: string; location: string; now: number },
): TableMetadata {
  const empty: TableMetadata = {
    'format-version': 2,
    'table-uuid': uuid,
    location,
    'last-sequence-number': 0,
    'last-updated-ms': now,
    'last-column-id': 0,
    schemas: [],
    'current-schema-id': 0,
    'partition-specs': [],
    'default-spec-id': 0,
    'last-partition-id': 999, // the first field of a spec is 1000
    'sort-orders': [],
    'default-sort-order-id': 0,
    properties: {},
    snapshots: [],
    refs: {},
    'snapshot-log': [],
    'metadata-log': [],
  }
  const steps: readonly Update[] = [
    { action: 'add-schema', schema: definition.schema },
    { action: 'set-current-schema', 'schema-id': -1 },
    { action: 'add-spec', spec: definition.spec },
    { action: 'set-default-spec', 'spec-id': -1 },
    { action: 'add-sort-order', 'sort-order': definition.order },
    { action: 'set-default-sort-order', 'sort-order-id': -1 },
    { action: 'set-properties', updates: definition.properties },
  ]
  return steps.reduce(step, { metadata: empty, now, addedSnapshots: new Set<bigint>() }).metadata
}

/** Throws a `CommitConflict` unless all of `requirements` hold for the table, which is null when it does not exist. */
export function checkRequirements(
  metadata: TableMetadata | null,
  requirements: readonly Requirement[],
): void {
  for (const requirement of requirements) {
    const { required, found } = compared(metadata, requirement)
    if (required !== found)
      throw new CommitConflict(
        `${requirement.type}: ${String(required)} is required, ${String(found)} is current`,
      )
  }
}

/** `previousLocation` is the file that holds `metadata`; it goes into the log. */
export function applyUpdates(
  metadata: TableMetadata,
  updates: readonly Update[],
  { now, previousLocation }: { now: number; previousLocation: string },
): Applied {
  const after = withoutPassing(updates.reduce(step, { metadata, now, addedSnapshots: new Set<bigint>() }))
  const entry = { 'metadata-file': previousLocation, 'timestamp-ms': metadata['last-updated-ms'] }
  const log = [...metadata['metadata-log'], entry]
  const fallen = log.splice(0, Math.max(0, log.length - logLimit(after)))
  return {
    metadata: {
      ...after,
      'last-updated-ms': Math.max(now, after['last-updated-ms']),
      'metadata-log': log,
    },
    dropped: fallen.map((old) => old['metadata-file']),
  }
}

type Comparable = string | number | bigint | null

function compared(
  metadata: TableMetadata | null,
  requirement: Requirement,
): { required: Comparable; found: Comparable } {
  switch (requirement.type) {
    case 'assert-create':
      return { required: null, found: metadata?.['table-uuid'] ?? null }
    case 'assert-table-uuid':
      return {
        required: requirement.uuid.toLowerCase(),
        found: metadata?.['table-uuid'].toLowerCase() ?? null,
      }
    case 'assert-ref-snapshot-id':
      return {
        required: requirement['snapshot-id'],
        found: refOf(metadata, requirement.ref),
      }
    case 'assert-last-assigned-field-id':
      return { required: requirement['last-assigned-field-id'], found: metadata?.['last-column-id'] ?? null }
    case 'assert-current-schema-id':
      return { required: requirement['current-schema-id'], found: metadata?.['current-schema-id'] ?? null }
    case 'assert-last-assigned-partition-id':
      return {
        required: requirement['last-assigned-partition-id'],
        found: metadata?.['last-partition-id'] ?? null,
      }
    case 'assert-default-spec-id':
      return { required: requirement['default-spec-id'], found: metadata?.['default-spec-id'] ?? null }
    case 'assert-default-sort-order-id':
      return {
        required: requirement['default-sort-order-id'],
        found: metadata?.['default-sort-order-id'] ?? null,
      }
    default:
      return unreachable(requirement)
  }
}

function refOf(metadata: TableMetadata | null, name: string): bigint | null {
  if (metadata === null || !Object.hasOwn(metadata.refs, name)) return null
  return metadata.refs[name]?.['snapshot-id'] ?? null
}

function step(draft: Draft, update: Update): Draft {
  switch (update.action) {
    case 'add-schema':
      return addSchema(draft, update.schema)
    case 'set-current-schema':
      return setCurrent(draft, 'current-schema-id', currentOf(draft, 'schema', update['schema-id']))
    case 'add-spec':
      return addSpec(draft, update.spec)
    case 'set-default-spec':
      return setCurrent(draft, 'default-spec-id', currentOf(draft, 'partition spec', update['spec-id']))
    case 'add-sort-order':
      return addOrder(draft, update['sort-order'])
    case 'set-default-sort-order':
      return setCurrent(
        draft,
        'default-sort-order-id',
        currentOf(draft, 'sort order', update['sort-order-id']),
      )
    case 'add-snapshot':
      return addSnapshot(draft, update.snapshot)
    case 'set-snapshot-ref':
      return setRef(draft, update)
    case 'remove-snapshot-ref':
      return removeRef(draft, update['ref-name'])
    case 'remove-snapshots':
      return removeSnapshots(draft, new Set(update['snapshot-ids']))
    default:
      return changeTable(draft, update)
  }
}

function setCurrent(
  draft: Draft,
  key: 'current-schema-id' | 'default-spec-id' | 'default-sort-order-id',
  id: number,
): Draft {
  return { ...draft, metadata: { ...draft.metadata, [key]: id } }
}

type TableUpdate = Extract<
  Update,
  {
    action: 'assign-uuid' | 'upgrade-format-version' | 'set-location' | 'set-properties' | 'remove-properties'
  }
>

function changeTable(draft: Draft, update: TableUpdate): Draft {
  const { metadata } = draft
  switch (update.action) {
    case 'assign-uuid':
      if (update.uuid.toLowerCase() === metadata['table-uuid'].toLowerCase()) return draft
      throw new CatalogRefusal(400, `the uuid of a table cannot change: it is ${metadata['table-uuid']}`)
    case 'upgrade-format-version':
      if (update['format-version'] === 2) return draft
      throw new CatalogRefusal(400, `only format version 2 is supported, not ${update['format-version']}`)
    case 'set-location':
      return { ...draft, metadata: { ...metadata, location: withoutSlash(update.location) } }
    case 'set-properties':
      return {
        ...draft,
        metadata: { ...metadata, properties: { ...metadata.properties, ...update.updates } },
      }
    case 'remove-properties': {
      const kept = Object.entries(metadata.properties).filter(([key]) => !update.removals.includes(key))
      return { ...draft, metadata: { ...metadata, properties: Object.fromEntries(kept) } }
    }
    default:
      return unreachable(update)
  }
}

function logLimit({ properties }: TableMetadata): number {
  const limit = Number(properties['write.metadata.previous-versions-max'] ?? 100)
  return Number.isSafeInteger(limit) ? Math.max(1, limit) : 100
}
