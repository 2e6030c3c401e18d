/**
 * The shapes of Iceberg's JSON at the edge: metadata files, and what clients of the REST protocol send. What the shape
 * does not name is kept in metadata, since other engines wrote it; an update or requirement it does not know is refused.
 */
import { en } from 'zod/locales'
import * as z from 'zod/mini'
import { _default as defaulted } from 'zod/mini'
import type { CommitRequest, Requirement, TableName, Update } from './catalog.ts'
import type {
  IcebergSchema,
  NestedField,
  PartitionSpec,
  Snapshot,
  SnapshotRef,
  SortOrder,
  TableMetadata,
} from './metadata.ts'

type Shape<T> = z.ZodMiniType<T>

/** Stands where a client left it to the catalog to assign an id. */
export const UNASSIGNED = -1

const { localeError } = en()

/** `value` as the shape has it. Otherwise `refuse`, which throws, is told where it differs first, and how. */
export function narrowed<T>(shape: Shape<T>, value: unknown, refuse: (problem: string) => never): T {
  const result = shape.safeParse(value, { error: localeError })
  if (result.success) return result.data
  const issue = result.error.issues[0]
  const path = issue?.path.map(String).join('.') ?? ''
  return refuse(path === '' ? String(issue?.message) : `${path}: ${issue?.message}`)
}

const int = z.int()
const text = z.string()
const texts = z.record(text, text)
const snapshotId = z.pipe(
  z.union([z.bigint(), int]),
  z.transform((id) => BigInt(id)),
)

/** A struct, list or map is an object: carried for other engines, never looked into but for its field ids. */
const type = z.custom<string>(
  (value) => typeof value === 'string' || (typeof value === 'object' && value !== null && 'type' in value),
  'Invalid input: expected a type',
)
const field: Shape<NestedField> = z.looseObject({
  id: int,
  name: text,
  required: z.boolean(),
  type,
  doc: z.exactOptional(text),
})
const schema: Shape<IcebergSchema> = z.looseObject({
  type: defaulted(z.literal('struct'), 'struct'),
  'schema-id': defaulted(int, 0),
  'identifier-field-ids': z.exactOptional(z.array(int)),
  fields: z.array(field),
})
const spec: Shape<PartitionSpec> = z.looseObject({
  'spec-id': defaulted(int, UNASSIGNED),
  fields: z.array(
    z.looseObject({ 'source-id': int, 'field-id': defaulted(int, UNASSIGNED), name: text, transform: text }),
  ),
})
const order: Shape<SortOrder> = z.looseObject({
  'order-id': int,
  fields: z.array(
    z.looseObject({
      transform: text,
      'source-id': int,
      direction: z.enum(['asc', 'desc']),
      'null-order': z.enum(['nulls-first', 'nulls-last']),
    }),
  ),
})
const snapshot: Shape<Snapshot> = z.pipe(
  z.transform((value) => withoutNone(value, 'parent-snapshot-id')),
  z.looseObject({
    'snapshot-id': snapshotId,
    'parent-snapshot-id': z.exactOptional(snapshotId),
    'sequence-number': int,
    'timestamp-ms': int,
    'manifest-list': text,
    summary: z.catchall(z.object({ operation: z.enum(['append', 'replace', 'overwrite', 'delete']) }), text),
    'schema-id': z.exactOptional(int),
  }),
)
const refFields = {
  'snapshot-id': snapshotId,
  type: z.enum(['branch', 'tag']),
  'min-snapshots-to-keep': z.exactOptional(int),
  'max-snapshot-age-ms': z.exactOptional(int),
  'max-ref-age-ms': z.exactOptional(int),
}
const ref: Shape<SnapshotRef> = z.looseObject(refFields)

export const tableMetadata: Shape<TableMetadata> = z.pipe(
  z.transform((value) => withMain(withoutNone(value, 'current-snapshot-id'))),
  z.looseObject({
    'format-version': z.literal(2),
    'table-uuid': text,
    location: text,
    'last-sequence-number': int,
    'last-updated-ms': int,
    'last-column-id': int,
    schemas: z.array(schema),
    'current-schema-id': int,
    'partition-specs': z.array(spec),
    'default-spec-id': int,
    'last-partition-id': int,
    'sort-orders': z.array(order),
    'default-sort-order-id': int,
    properties: defaulted(texts, {}),
    'current-snapshot-id': z.exactOptional(snapshotId),
    snapshots: defaulted(z.array(snapshot), []),
    refs: defaulted(z.record(text, ref), {}),
    'snapshot-log': defaulted(z.array(z.looseObject({ 'snapshot-id': snapshotId, 'timestamp-ms': int })), []),
    'metadata-log': defaulted(z.array(z.looseObject({ 'metadata-file': text, 'timestamp-ms': int })), []),
  }),
)

/** Of a snapshot id, null and -1 say the same as its absence. */
function withoutNone(value: unknown, key: string): unknown {
  if (typeof value !== 'object' || value === null) return value
  const { [key]: id, ...others } = value as Record<string, unknown> // an object was just seen
  return id === undefined || id === null || id === -1 ? others : value
}

/** Metadata older than refs has only the current snapshot, which is what `main` names. */
function withMain(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || !('current-snapshot-id' in value)) return value
  const main = { 'snapshot-id': value['current-snapshot-id'], type: 'branch' }
  const refs = 'refs' in value && typeof value.refs === 'object' ? value.refs : {}
  return { ...value, refs: { main, ...refs } }
}

const requirement: Shape<Requirement> = z.discriminatedUnion('type', [
  z.object({ type: z.literal('assert-create') }),
  z.object({ type: z.literal('assert-table-uuid'), uuid: text }),
  z.object({
    type: z.literal('assert-ref-snapshot-id'),
    ref: text,
    'snapshot-id': defaulted(z.nullable(snapshotId), null),
  }),
  z.object({ type: z.literal('assert-last-assigned-field-id'), 'last-assigned-field-id': int }),
  z.object({ type: z.literal('assert-current-schema-id'), 'current-schema-id': int }),
  z.object({ type: z.literal('assert-last-assigned-partition-id'), 'last-assigned-partition-id': int }),
  z.object({ type: z.literal('assert-default-spec-id'), 'default-spec-id': int }),
  z.object({ type: z.literal('assert-default-sort-order-id'), 'default-sort-order-id': int }),
])

const update: Shape<Update> = z.discriminatedUnion('action', [
  z.object({ action: z.literal('assign-uuid'), uuid: text }),
  z.object({ action: z.literal('upgrade-format-version'), 'format-version': int }),
  z.object({ action: z.literal('add-schema'), schema, 'last-column-id': z.exactOptional(int) }),
  z.object({ action: z.literal('set-current-schema'), 'schema-id': int }),
  z.object({ action: z.literal('add-spec'), spec }),
  z.object({ action: z.literal('set-default-spec'), 'spec-id': int }),
  z.object({ action: z.literal('add-sort-order'), 'sort-order': order }),
  z.object({ action: z.literal('set-default-sort-order'), 'sort-order-id': int }),
  z.object({ action: z.literal('add-snapshot'), snapshot }),
  z.object({ action: z.literal('set-snapshot-ref'), 'ref-name': text, ...refFields }),
  z.object({ action: z.literal('remove-snapshot-ref'), 'ref-name': text }),
  z.object({ action: z.literal('remove-snapshots'), 'snapshot-ids': z.array(snapshotId) }),
  z.object({ action: z.literal('set-location'), location: text }),
  z.object({ action: z.literal('set-properties'), updates: texts }),
  z.object({ action: z.literal('remove-properties'), removals: z.array(text) }),
])

const changes = { requirements: defaulted(z.array(requirement), []), updates: z.array(update) }
export const commitRequest: Shape<CommitRequest> = z.object(changes)

export interface TransactionRequest {
  readonly 'table-changes': readonly (CommitRequest & { readonly identifier: TableName })[]
}

export const transactionRequest: Shape<TransactionRequest> = z.object({
  'table-changes': z.array(
    z.object({ ...changes, identifier: z.object({ namespace: z.array(text), name: text }) }),
  ),
})

export interface NamespaceRequest {
  readonly namespace: readonly string[]
  readonly properties: Readonly<Record<string, string>>
}

export const namespaceRequest: Shape<NamespaceRequest> = z.object({
  namespace: z.array(text),
  properties: defaulted(texts, {}),
})

export interface TableRequest {
  readonly name: string
  readonly location?: string | null
  readonly schema: IcebergSchema
  readonly 'partition-spec'?: PartitionSpec | null
  readonly 'write-order'?: SortOrder | null
  readonly 'stage-create'?: boolean | null
  readonly properties: Readonly<Record<string, string>>
}

export const tableRequest: Shape<TableRequest> = z.object({
  name: text,
  location: z.exactOptional(z.nullable(text)),
  schema,
  'partition-spec': z.exactOptional(z.nullable(spec)),
  'write-order': z.exactOptional(z.nullable(order)),
  'stage-create': z.exactOptional(z.nullable(z.boolean())),
  properties: defaulted(texts, {}),
})

export interface LoadedAnswer {
  readonly 'metadata-location': string
  readonly metadata: unknown
}

export const loadedAnswer: Shape<LoadedAnswer> = z.object({
  'metadata-location': text,
  metadata: z.unknown(),
})

export interface ConfigAnswer {
  readonly defaults: Readonly<Record<string, string>>
  readonly overrides: Readonly<Record<string, string>>
}

export const configAnswer: Shape<ConfigAnswer> = z.object({
  defaults: defaulted(texts, {}),
  overrides: defaulted(texts, {}),
})

export interface ErrorAnswer {
  readonly error: { readonly message: string; readonly type: string }
}

export const errorAnswer: Shape<ErrorAnswer> = z.object({
  error: z.object({ message: defaulted(text, ''), type: defaulted(text, '') }),
})
