/**
 * A catalog behind the Iceberg REST protocol, as Cloudflare's managed one is. K1 and K2 of `catalog.ts` hold, by what the
 * answers mean (`answer.ts`).
 */
import { WorkflowError } from '../../shared/errors.ts'
import { ask, failureOf, type Answer, type Question } from './answer.ts'
import { CatalogRefusal, CommitUnknown } from './catalog.ts'
import type { Catalog, CommitRequest, LoadedTable, TableDefinition, TableName } from './catalog.ts'
import { metadataIn } from './json.ts'
import { configAnswer, loadedAnswer, narrowed } from './wire.ts'
import { withoutSlash } from './names.ts'

export interface RestOptions {
  /** `https://catalog.cloudflarestorage.com/<account>/<bucket>` */
  readonly uri: string
  /** `<account>_<bucket>` */
  readonly warehouse: string
  readonly token: string
  readonly fetch?: (request: Request) => Promise<Response>
  /** 40 s by default, which is when Cloudflare's catalog gives up. */
  readonly timeoutMs?: number
}

/** `new RestCatalog({ uri: env.CATALOG_URI, warehouse, token: env.CATALOG_TOKEN })` */
export class RestCatalog implements Catalog {
  readonly #ask: (question: Question) => Promise<Answer>
  readonly #warehouse: string
  /** What comes before `/namespaces`. The value, not its promise: that would belong to the request that made it. */
  #base: string | undefined

  constructor(options: RestOptions) {
    const { uri, token, timeoutMs = 40_000 } = options
    if (!/^[\x21-\x7E]+$/.test(token))
      throw new WorkflowError('not_configured', 'the catalog token is empty or has characters no token has')
    this.#warehouse = options.warehouse
    const server = {
      uri: withoutSlash(uri),
      token,
      timeoutMs,
      fetch: options.fetch ?? ((request: Request) => fetch(request)),
    }
    this.#ask = (question) => ask(server, question)
  }

  async load(table: TableName): Promise<LoadedTable | null> {
    const question: Question = { method: 'GET', path: await this.#pathOf(table) }
    const answer = await this.#ask(question)
    if (answer.status === 404) return null
    return loadedIn(succeeded(question, answer), table)
  }

  async create(table: TableName, definition: TableDefinition): Promise<LoadedTable> {
    const question: Question = {
      method: 'POST',
      path: `${await this.#namespacePath(table.namespace)}/tables`,
      body: {
        name: table.name,
        schema: definition.schema,
        'partition-spec': definition.spec,
        'write-order': definition.order,
        properties: definition.properties,
        'stage-create': false,
      },
    }
    let answer = await this.#ask(question)
    if (answer.status === 404) {
      await this.#createNamespace(table.namespace)
      answer = await this.#ask(question)
    }
    return committedIn(succeeded(question, answer), table)
  }

  async commit(table: TableName, request: CommitRequest): Promise<LoadedTable> {
    const question: Question = {
      method: 'POST',
      path: await this.#pathOf(table),
      body: changeOf(table, request),
    }
    return committedIn(succeeded(question, await this.#ask(question)), table)
  }

  /** Commits to several tables, all or none. */
  async commitTransaction(
    changes: readonly (CommitRequest & { readonly table: TableName })[],
  ): Promise<void> {
    const question: Question = {
      method: 'POST',
      path: `${await this.#basePath()}/transactions/commit`,
      body: { 'table-changes': changes.map(({ table, ...request }) => changeOf(table, request)) },
    }
    succeeded(question, await this.#ask(question))
  }

  /** With those above it. A namespace that is there already is what was wanted. */
  async #createNamespace(levels: readonly string[]): Promise<void> {
    for (let depth = 1; depth <= levels.length; depth++) {
      const question: Question = {
        method: 'POST',
        path: `${await this.#basePath()}/namespaces`,
        body: { namespace: levels.slice(0, depth), properties: {} },
      }
      const answer = await this.#ask(question)
      if (answer.status !== 409) succeeded(question, answer)
    }
  }

  async #pathOf({ namespace, name }: TableName): Promise<string> {
    return `${await this.#namespacePath(namespace)}/tables/${encodeURIComponent(name)}`
  }

  async #namespacePath(levels: readonly string[]): Promise<string> {
    return `${await this.#basePath()}/namespaces/${encodeURIComponent(levels.join('\u001F'))}`
  }

  async #basePath(): Promise<string> {
    if (this.#base !== undefined) return this.#base
    const path = `/v1/config?warehouse=${encodeURIComponent(this.#warehouse)}`
    const question: Question = { method: 'GET', path }
    const answer = succeeded(question, await this.#ask(question))
    const { defaults, overrides } = narrowed(configAnswer, answer, badConfiguration)
    const prefix = overrides['prefix'] ?? defaults['prefix'] ?? ''
    if (!prefix.isWellFormed()) badConfiguration('its prefix is no Unicode') // a URL could not have it
    const segments = prefix.split('/').filter((segment) => segment !== '')
    this.#base = ['/v1', ...segments.map(encodeURIComponent)].join('/')
    return this.#base
  }
}

function badConfiguration(problem: string): never {
  throw new CatalogRefusal(200, `the catalog's configuration is not that of Iceberg: ${problem}`)
}

function changeOf(identifier: TableName, { requirements, updates }: CommitRequest): unknown {
  return { identifier, requirements, updates }
}

function succeeded(question: Question, answer: Answer): unknown {
  if (answer.status >= 200 && answer.status < 300) return answer.body
  throw failureOf(question, answer)
}

function loadedIn(body: unknown, { namespace, name }: TableName): LoadedTable {
  const subject = [...namespace, name].join('.')
  const answer = narrowed(loadedAnswer, body, (problem) => {
    throw new CatalogRefusal(200, `the catalog's answer for ${subject} is not that of Iceberg: ${problem}`)
  })
  return { metadata: metadataIn(answer.metadata, subject), metadataLocation: answer['metadata-location'] }
}

/** The answer says it happened, so one that cannot be read does not say that it did not (K2). */
function committedIn(body: unknown, table: TableName): LoadedTable {
  try {
    return loadedIn(body, table)
  } catch (error) {
    throw new CommitUnknown('the catalog answered a commit with what cannot be read', error)
  }
}
