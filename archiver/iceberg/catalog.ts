/**
 * Where a table's current metadata is found and swapped: the commit of the Iceberg REST protocol, whoever answers it.
 *
 * K1 A commit happens whole or not at all, and only if every requirement holds against what is current then.
 * K2 Of a commit that ends in `CommitUnknown` nobody knows whether it happened: load again and look, and delete no file
 *    that it named. Of one that ends in `CommitConflict` it is known that it did not.
 */
import { WorkflowError } from '../../shared/errors.ts'
import type {
  IcebergSchema,
  PartitionSpec,
  Snapshot,
  SnapshotRef,
  SortOrder,
  TableMetadata,
} from './metadata.ts'

export interface TableName {
  readonly namespace: readonly string[]
  readonly name: string
}

export interface LoadedTable {
  readonly metadata: TableMetadata
  readonly metadataLocation: string
}

export interface TableDefinition {
  readonly schema: IcebergSchema
  readonly spec: PartitionSpec
  readonly order: SortOrder
  readonly properties: Readonly<Record<string, string>>
}

export type Requirement =
  | { readonly type: 'assert-create' }
  | { readonly type: 'assert-table-uuid'; readonly uuid: string }
  | { readonly type: 'assert-ref-snapshot-id'; readonly ref: string; readonly 'snapshot-id': bigint | null }
  | { readonly type: 'assert-last-assigned-field-id'; readonly 'last-assigned-field-id': number }
  | { readonly type: 'assert-current-schema-id'; readonly 'current-schema-id': number }
  | { readonly type: 'assert-last-assigned-partition-id'; readonly 'last-assigned-partition-id': number }
  | { readonly type: 'assert-default-spec-id'; readonly 'default-spec-id': number }
  | { readonly type: 'assert-default-sort-order-id'; readonly 'default-sort-order-id': number }

export type Update =
  | { readonly action: 'assign-uuid'; readonly uuid: string }
  | { readonly action: 'upgrade-format-version'; readonly 'format-version': number }
  | { readonly action: 'add-schema'; readonly schema: IcebergSchema; readonly 'last-column-id'?: number }
  | { readonly action: 'set-current-schema'; readonly 'schema-id': number }
  | { readonly action: 'add-spec'; readonly spec: PartitionSpec }
  | { readonly action: 'set-default-spec'; readonly 'spec-id': number }
  | { readonly action: 'add-sort-order'; readonly 'sort-order': SortOrder }
  | { readonly action: 'set-default-sort-order'; readonly 'sort-order-id': number }
  | { readonly action: 'add-snapshot'; readonly snapshot: Snapshot }
  | ({ readonly action: 'set-snapshot-ref'; readonly 'ref-name': string } & SnapshotRef)
  | { readonly action: 'remove-snapshot-ref'; readonly 'ref-name': string }
  | { readonly action: 'remove-snapshots'; readonly 'snapshot-ids': readonly bigint[] }
  | { readonly action: 'set-location'; readonly location: string }
  | { readonly action: 'set-properties'; readonly updates: Readonly<Record<string, string>> }
  | { readonly action: 'remove-properties'; readonly removals: readonly string[] }

export interface CommitRequest {
  readonly requirements: readonly Requirement[]
  readonly updates: readonly Update[]
}

export interface Catalog {
  /** Null when there is no such table. */
  load(table: TableName): Promise<LoadedTable | null>
  /** Creates the namespace too, where it is missing. `CommitConflict` when the table exists. */
  create(table: TableName, definition: TableDefinition): Promise<LoadedTable>
  commit(table: TableName, request: CommitRequest): Promise<LoadedTable>
}

/** Somebody else's commit came first, or the catalog asks for patience: load again, and try again after `retryAfterMs`. */
export class CommitConflict extends WorkflowError {
  override readonly name = 'CommitConflict'
  readonly retryAfterMs: number
  constructor(message: string, options: { retryAfterMs?: number; cause?: unknown } = {}) {
    super('internal', message, { cause: options.cause })
    this.retryAfterMs = options.retryAfterMs ?? 0
  }
}

/** The commit may or may not have happened (K2). */
export class CommitUnknown extends WorkflowError {
  override readonly name = 'CommitUnknown'
  constructor(message: string, cause?: unknown) {
    super('internal', message, { cause })
  }
}

/** The catalog refuses what it was asked: nothing was changed, and asking again will not help. */
export class CatalogRefusal extends WorkflowError {
  override readonly name = 'CatalogRefusal'
  /** HTTP status, as the REST protocol has it. */
  readonly status: number
  constructor(status: number, message: string) {
    super('internal', message)
    this.status = status
  }
}
