/**
 * The embedded catalog as an Iceberg REST server, so that PyIceberg, Spark, DuckDB and others attach to it in dev.
 *
 * F1 Without a token nothing is served, and to change anything it must be one that may write.
 * F2 A body is checked whole before anything is done: what is malformed or unknown is answered 400, and nothing is written.
 * F3 Every error is in the protocol's error model; of our own defects the client learns no more than that there is one.
 */
import { Hono, type Context } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import type { ContentfulStatusCode } from 'hono/utils/http-status'
import { includes } from '../../shared/auth.ts'
import type { ApiTokens } from '../../shared/auth.ts'
import { CatalogRefusal, CommitConflict, CommitUnknown } from './catalog.ts'
import type { LoadedTable, TableDefinition, TableName } from './catalog.ts'
import type { EmbeddedCatalog } from './embedded.ts'
import { withFreshIds } from './fresh.ts'
import { onWire, parseJson, printJson } from './json.ts'
import { withoutSlash } from './names.ts'
import {
  commitRequest,
  namespaceRequest,
  narrowed,
  tableRequest,
  transactionRequest,
  UNASSIGNED,
  type TableRequest,
} from './wire.ts'

export interface FacadeOptions {
  readonly catalog: EmbeddedCatalog
  readonly tokens: ApiTokens
  /** How engines reach the files: `s3.endpoint`, `s3.path-style-access`, credentials. It goes to whoever has a token. */
  readonly fileConfig?: Readonly<Record<string, string>>
  /** What comes before `/v1`: `/iceberg`. Nothing by default. */
  readonly basePath?: string
  /** 4 MiB by default. */
  readonly maxBodyBytes?: number
  readonly log?: (line: string) => void
}

/** `facade({ catalog, tokens, basePath: '/iceberg' }).fetch(request)` */
export function facade(options: FacadeOptions): { fetch(request: Request): Promise<Response> } {
  const app = new Hono().basePath(options.basePath ?? '/')
  app.onError((error, c) => answerTo(error, c, options.log ?? ((line) => console.error(line))))
  app.notFound((c) => problem(c, 'NoSuchEndpointException', 'there is no such endpoint'))
  app.use(async (c, next) => {
    if (!options.tokens.configured) return c.notFound()
    const held = await options.tokens.scopeOf(c.req.header('authorization'))
    if (!held)
      return problem(c, 'NotAuthorizedException', 'a bearer token is required, and it must be the right one')
    if (includes(held, READING.has(c.req.method) ? 'read' : 'write')) return await next()
    return problem(c, 'ForbiddenException', `this needs the scope write, and you have ${held}`)
  })
  const maxSize = options.maxBodyBytes ?? 4 * 1024 * 1024
  const tooLarge = `a body may have ${maxSize} bytes`
  app.use(bodyLimit({ maxSize, onError: (c) => problem(c, 'RequestTooLargeException', tooLarge) }))
  app.get('/v1/config', (c) => json(c, { defaults: {}, overrides: {}, endpoints }))
  serveNamespaces(app, options.catalog)
  serveTables(app, options)
  serveTransactions(app, options.catalog)
  return { fetch: async (request) => await app.fetch(request) }
}

const READING = new Set(['GET', 'HEAD'])

const NAMESPACES = '/v1/namespaces'
const NAMESPACE = `${NAMESPACES}/:namespace`
const TABLES = `${NAMESPACE}/tables`
const TABLE = `${TABLES}/:table`
const TRANSACTION = '/v1/transactions/commit'

/** As clients are told, with a `{prefix}` that is empty here. */
const endpoints = [
  ...['GET', 'POST'].map((method) => [method, NAMESPACES]),
  ...['GET', 'HEAD'].map((method) => [method, NAMESPACE]),
  ...['GET', 'POST'].map((method) => [method, TABLES]),
  ...['GET', 'HEAD', 'POST'].map((method) => [method, TABLE]),
  ['POST', TRANSACTION],
].map(([method, path]) => `${method} ${path?.replace('/v1', '/v1/{prefix}').replaceAll(/:(\w+)/g, '{$1}')}`)

function serveNamespaces(app: Hono, catalog: EmbeddedCatalog): void {
  app.get(NAMESPACES, async (c) => {
    const parent = c.req.query('parent')
    const levels = parent === undefined || parent === '' ? [] : levelsOf(parent)
    if (levels.length > 0 && (await catalog.namespace(levels)) === null) return noNamespace(c, levels)
    return json(c, { namespaces: await catalog.namespaces(levels) })
  })
  app.post(NAMESPACES, async (c) => {
    const { namespace, properties } = await bodyOf(c, namespaceRequest)
    if (await catalog.createNamespace(namespace, properties)) return json(c, { namespace, properties })
    return problem(c, 'AlreadyExistsException', `namespace ${namespace.join('.')} exists`)
  })
  app.get(NAMESPACE, async (c) => {
    const namespace = levelsOf(c.req.param('namespace'))
    const properties = await catalog.namespace(namespace)
    return properties === null ? noNamespace(c, namespace) : found(c, { namespace, properties })
  })
}

function serveTables(app: Hono, { catalog, fileConfig = {} }: FacadeOptions): void {
  const loaded = (table: LoadedTable) => ({
    'metadata-location': table.metadataLocation,
    metadata: onWire(table.metadata),
    config: fileConfig,
  })
  app.get(TABLES, async (c) => {
    const levels = levelsOf(c.req.param('namespace'))
    if ((await catalog.namespace(levels)) === null) return noNamespace(c, levels)
    return json(c, { identifiers: await catalog.tables(levels) })
  })
  app.post(TABLES, async (c) => {
    const namespace = levelsOf(c.req.param('namespace'))
    const request = await bodyOf(c, tableRequest)
    const table = { namespace, name: request.name }
    const definition = definitionIn(request, catalog.locationOf(table))
    if ((await catalog.namespace(namespace)) === null) return noNamespace(c, namespace)
    if ((await catalog.load(table)) !== null) return tableExists(c, table)
    return json(c, loaded(await catalog.create(table, definition)))
  })
  app.get(TABLE, async (c) => {
    const table = tableOf(c)
    const answer = await catalog.load(table)
    if (answer !== null) return found(c, loaded(answer))
    return problem(c, 'NoSuchTableException', `there is no table ${shown(table)}`)
  })
  app.post(TABLE, async (c) => {
    const request = await bodyOf(c, commitRequest)
    return json(c, loaded(await catalog.commit(tableOf(c), request)))
  })
}

function serveTransactions(app: Hono, catalog: EmbeddedCatalog): void {
  app.post(TRANSACTION, async (c) => {
    const { 'table-changes': changes } = await bodyOf(c, transactionRequest)
    const [change] = changes
    if (change === undefined) throw new CatalogRefusal(400, 'table-changes: there are none')
    if (changes.length > 1)
      throw new CatalogRefusal(
        501,
        'each table has a pointer of its own here, so one commit changes one table',
      )
    await catalog.commit(change.identifier, change)
    return c.body(null, 204)
  })
}

/** What was asked for, with the ids that this catalog gives. */
function definitionIn(request: TableRequest, location: string): TableDefinition {
  const { 'format-version': format = '2', ...properties } = request.properties
  if (format !== '2') throw new CatalogRefusal(400, `only format version 2 is supported, not ${format}`)
  if (request['stage-create'] === true)
    throw new CatalogRefusal(501, 'a table cannot be staged here; create it, then commit to it')
  const wanted = typeof request.location === 'string' ? withoutSlash(request.location) : location
  if (wanted !== location)
    throw new CatalogRefusal(400, `tables of this catalog have no location of choice: ${location}`)
  return withFreshIds({
    schema: request.schema,
    spec: request['partition-spec'] ?? { 'spec-id': UNASSIGNED, fields: [] },
    order: request['write-order'] ?? { 'order-id': UNASSIGNED, fields: [] },
    properties,
  })
}

async function bodyOf<T>(c: Context, shape: Parameters<typeof narrowed<T>>[0]): Promise<T> {
  const text = await c.req.text()
  let value: unknown
  try {
    value = parseJson(text)
  } catch (error) {
    throw new CatalogRefusal(400, `the body is not JSON: ${String(error)}`) // or nested beyond the stack
  }
  return narrowed(shape, value, (difference) => {
    throw new CatalogRefusal(400, difference)
  })
}

function tableOf(c: Context): TableName {
  return { namespace: levelsOf(c.req.param('namespace') ?? ''), name: c.req.param('table') ?? '' }
}

function levelsOf(namespace: string): string[] {
  return namespace.split('\u001F')
}

/** HEAD asks whether it exists. */
function found(c: Context, value: unknown): Response {
  return c.req.raw.method === 'HEAD' ? c.body(null, 204) : json(c, value)
}

function json(c: Context, value: unknown, status: ContentfulStatusCode = 200): Response {
  return c.body(printJson(value), status, { 'content-type': 'application/json' })
}

function problem(c: Context, type: keyof typeof STATUS, message: string): Response {
  const code = STATUS[type]
  return json(c, { error: { message, type, code } }, code)
}

function noNamespace(c: Context, levels: readonly string[]): Response {
  return problem(c, 'NoSuchNamespaceException', `there is no namespace ${levels.join('.')}`)
}

function tableExists(c: Context, table: TableName): Response {
  return problem(c, 'AlreadyExistsException', `table ${shown(table)} exists`)
}

function shown({ namespace, name }: TableName): string {
  return [...namespace, name].join('.')
}

function answerTo(error: Error, c: Context, log: (line: string) => void): Response {
  if (error instanceof CommitConflict) return problem(c, 'CommitFailedException', error.message)
  if (error instanceof CatalogRefusal) {
    return problem(c, REFUSALS.get(error.status) ?? 'BadRequestException', error.message)
  }
  log(`iceberg facade: ${c.req.method} ${c.req.path}: ${error.stack ?? String(error)}`)
  if (error instanceof CommitUnknown) return problem(c, 'CommitStateUnknownException', error.message)
  return problem(c, 'InternalServerError', 'an internal error, which the log of the Worker has')
}

const STATUS = {
  BadRequestException: 400,
  NotAuthorizedException: 401,
  ForbiddenException: 403,
  NoSuchEndpointException: 404,
  NoSuchNamespaceException: 404,
  NoSuchTableException: 404,
  AlreadyExistsException: 409,
  CommitFailedException: 409,
  RequestTooLargeException: 413,
  CommitStateUnknownException: 500,
  InternalServerError: 500,
  UnsupportedOperationException: 501,
} as const

const REFUSALS = new Map<number, keyof typeof STATUS>([
  [404, 'NoSuchTableException'],
  [501, 'UnsupportedOperationException'],
])
