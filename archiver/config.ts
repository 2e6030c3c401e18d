/** What the archiver finds in its environment; what is missing is named with the lines that mend it. */
import { ApiTokens, tokenTexts } from '../shared/auth.ts'
import { WorkflowError } from '../shared/errors.ts'
import { checkedNamespace } from '../shared/names.ts'
import { PROTOCOL_VERSION } from '../shared/protocol.ts'
import { tableNames, type ColdTier } from './cold/tier.ts'
import { EmbeddedCatalog } from './iceberg/embedded.ts'
import { facade } from './iceberg/facade.ts'
import { RestCatalog } from './iceberg/rest.ts'
import { Warehouse } from './iceberg/warehouse.ts'
import type { ArchiveSource } from './phases/context.ts'

/** The bindings and variables of an archiver Worker. `not_configured` where one that is needed is missing. */
export interface ArchiverEnv {
  /** The bucket that closed runs go to. Needed. */
  ARCHIVE?: R2Bucket
  /** The service binding to the scheduler's `WorkflowService`. Needed. */
  WORKFLOWS?: ArchiveSource
  /** The namespaces to archive, separated by commas; `default` when absent. */
  NAMESPACES?: string
  /** What engines call the bucket; `s3://perdure-archive` when absent. */
  ARCHIVE_LOCATION?: string
  /** The address of an Iceberg REST catalog, such as Cloudflare's. Absent: the catalog is in the bucket. */
  CATALOG_URI?: string
  /** The warehouse in that catalog; needed with it. */
  CATALOG_WAREHOUSE?: string
  /** The token for that catalog; needed with it. */
  CATALOG_TOKEN?: string
  /** With it the embedded catalog is served to Iceberg engines at /iceberg/v1. One or more tokens, separated by commas. */
  API_TOKEN?: string
  /** Tokens of those who read and write the catalog, and rebuild nothing. */
  API_TOKEN_WRITE?: string
  /** Tokens of those who only read. */
  API_TOKEN_READ?: string
  /** A dataset of Analytics Engine: the figures of every pass go there too. */
  METRICS?: AnalyticsEngineDataset
  /** JSON: what engines are told of how to reach the bucket, `{"s3.endpoint": ...}`; whoever has the token sees it. */
  ENGINE_CONFIG?: string
}

export function bucketOf(env: ArchiverEnv): R2Bucket {
  return required(env.ARCHIVE, 'ARCHIVE')
}

export function serviceOf(env: ArchiverEnv): ArchiveSource {
  return required(env.WORKFLOWS, 'WORKFLOWS')
}

/** The service, whose every request says which protocol it speaks. */
export function sourceOf(env: ArchiverEnv): ArchiveSource {
  const service = serviceOf(env) as unknown as Record<string, (request: unknown) => unknown> // a verb has one argument
  const ask = (verb: string) => (request: unknown) =>
    service[verb]?.(
      typeof request === 'object' && request !== null ? { ...request, v: PROTOCOL_VERSION } : request,
    )
  return new Proxy({} as ArchiveSource, {
    get: (_, verb) => (verb === 'then' ? undefined : ask(String(verb))), // it is no promise
  })
}

export function namespacesOf({ NAMESPACES = 'default' }: ArchiverEnv): string[] {
  return NAMESPACES.split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '')
    .map((name) => checkedNamespace(name, 'NAMESPACES'))
}

export const DEFAULT_FILE_BYTES = 16 * 1024 * 1024

export function coldTierOf(env: ArchiverEnv, fileBytes = DEFAULT_FILE_BYTES): ColdTier {
  const warehouse = warehouseOf(env)
  const { CATALOG_URI: uri } = env
  if (uri === undefined) return embeddedTier(warehouse, fileBytes)
  const credentials = { warehouse: setting(env, 'CATALOG_WAREHOUSE'), token: setting(env, 'CATALOG_TOKEN') }
  const catalog = new RestCatalog({ uri, ...credentials })
  return tierOf({ catalog, warehouse, fileBytes, maintained: false })
}

/** Iceberg engines' way in: the embedded catalog as a REST server. */
export function facadeOf(env: ArchiverEnv): ReturnType<typeof facade> {
  const catalog = new EmbeddedCatalog(warehouseOf(env))
  const fileConfig = engineConfig(env)
  return facade({ catalog, tokens: tokensOf(env), basePath: '/iceberg', ...(fileConfig && { fileConfig }) })
}

export function tokensOf(env: ArchiverEnv): ApiTokens {
  return new ApiTokens(tokenTexts({ ...env }))
}

function warehouseOf(env: ArchiverEnv): Warehouse {
  return new Warehouse(bucketOf(env), env.ARCHIVE_LOCATION ?? 's3://perdure-archive')
}

function engineConfig({ ENGINE_CONFIG: text }: ArchiverEnv): Record<string, string> | undefined {
  if (text === undefined) return undefined
  const config: unknown = JSON.parse(text)
  if (typeof config === 'object' && config !== null) {
    return Object.fromEntries(Object.entries(config).map(([name, value]) => [name, String(value)]))
  }
  throw new WorkflowError('not_configured', 'ENGINE_CONFIG must be a JSON object', { path: 'ENGINE_CONFIG' })
}

function setting(env: ArchiverEnv, name: 'CATALOG_WAREHOUSE' | 'CATALOG_TOKEN'): string {
  const value = env[name]
  if (value !== undefined && value !== '') return value
  throw new WorkflowError('not_configured', `the archiver has a CATALOG_URI and no ${name}`, { path: name })
}

/** The tables of a catalog that is kept in the bucket itself. */
export function embeddedTier(warehouse: Warehouse, fileBytes: number, prefix = 'iceberg'): ColdTier {
  return tierOf({
    catalog: new EmbeddedCatalog(warehouse, { prefix }),
    warehouse,
    fileBytes,
    maintained: true,
  })
}

function tierOf(tier: Omit<ColdTier, 'open'>): ColdTier {
  const { catalog, warehouse } = tier
  return { ...tier, open: (table) => ({ catalog, warehouse, name: tableNames[table], ...world }) }
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
