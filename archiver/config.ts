/** What the archiver finds in its environment; what is missing is named with the lines that mend it. */
import { WorkflowError } from '../shared/errors.ts'
import { tableNames, type ColdTier, type Table } from './cold/tier.ts'
import type { OpenTable } from './iceberg/commit.ts'
import { EmbeddedCatalog } from './iceberg/embedded.ts'
import { Warehouse } from './iceberg/warehouse.ts'
import type { ArchiveSource } from './phases/context.ts'

export interface ArchiverEnv {
  ARCHIVE?: R2Bucket
  WORKFLOWS?: ArchiveSource
  /** The namespaces to archive, separated by commas; `default` when absent. */
  NAMESPACES?: string
  /** What engines call the bucket; `s3://perdure-archive` when absent. */
  ARCHIVE_LOCATION?: string
}

export function bucketOf(env: ArchiverEnv): R2Bucket {
  return required(env.ARCHIVE, 'ARCHIVE')
}

export function sourceOf(env: ArchiverEnv): ArchiveSource {
  return required(env.WORKFLOWS, 'WORKFLOWS')
}

export function namespacesOf({ NAMESPACES = 'default' }: ArchiverEnv): string[] {
  return NAMESPACES.split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '')
}

export function coldTierOf(env: ArchiverEnv, fileBytes: number): ColdTier {
  return embeddedTier(new Warehouse(bucketOf(env), env.ARCHIVE_LOCATION ?? 's3://perdure-archive'), fileBytes)
}

/** The tables of a catalog that is kept in the bucket itself. */
export function embeddedTier(warehouse: Warehouse, fileBytes: number): ColdTier {
  const catalog = new EmbeddedCatalog(warehouse)
  const open = (table: Table): OpenTable => ({ catalog, warehouse, name: tableNames[table], ...world })
  return { catalog, warehouse, fileBytes, maintained: true, open }
}

const world = {
  now: () => Date.now(),
  sleep: (ms: number) => scheduler.wait(ms),
  random: () => Math.random(),
  uuid: () => crypto.randomUUID(),
}

const BINDINGS = {
  ARCHIVE: `[[r2_buckets]]
binding = "ARCHIVE"
bucket_name = "perdure-archive"`,
  WORKFLOWS: `[[services]]
binding = "WORKFLOWS"
service = "perdure-scheduler"
entrypoint = "WorkflowService"`,
}

function required<T>(binding: T | undefined, name: keyof typeof BINDINGS): T {
  if (binding !== undefined) return binding
  const lines = `the archiver has no ${name} binding; add to its wrangler.toml:\n\n${BINDINGS[name]}`
  throw new WorkflowError('not_configured', lines, { path: name })
}
