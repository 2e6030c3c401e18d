/**
 * A catalog that lives in the bucket itself, next to the files of its tables:
 *
 *   <prefix>/<namespace>/namespace.json                          properties, when the namespace was made by itself
 *   <prefix>/<namespace>/<table>/metadata/version-hint.text      the pointer, `pointer.ts`
 *   <prefix>/<namespace>/<table>/metadata/00007-<uuid>.metadata.json
 *
 * K1 and K2 of `catalog.ts` hold, by the pointer's own rules.
 */
import { CatalogRefusal } from './catalog.ts'
import type { Catalog, CommitRequest, LoadedTable, TableDefinition, TableName } from './catalog.ts'
import { parseJson, printJson } from './json.ts'
import type { TableMetadata } from './metadata.ts'
import { currentOf, hintKey, publish, type Store } from './pointer.ts'
import { applyUpdates, checkRequirements, newMetadata } from './updates.ts'
import type { Warehouse } from './warehouse.ts'

export interface EmbeddedOptions {
  /** The folder of all tables; `iceberg` by default. */
  readonly prefix?: string
  readonly now?: () => number
  readonly newId?: () => string
  /** Told of files that could not be deleted; the orphan sweep takes them later. */
  readonly log?: (line: string) => void
}

/** `new EmbeddedCatalog(new Warehouse(env.ARCHIVE, 's3://perdure-archive'))` */
export class EmbeddedCatalog implements Catalog {
  readonly warehouse: Warehouse
  readonly #prefix: string
  readonly #now: () => number
  readonly #store: Store

  constructor(warehouse: Warehouse, options: EmbeddedOptions = {}) {
    this.warehouse = warehouse
    this.#prefix = options.prefix ?? 'iceberg'
    this.#now = options.now ?? (() => Date.now())
    this.#store = {
      warehouse,
      newId: options.newId ?? (() => crypto.randomUUID()),
      log: options.log ?? ((line) => console.warn(line)),
    }
  }

  async load(table: TableName): Promise<LoadedTable | null> {
    const current = await currentOf(this.#store, this.#folderOf(table))
    return current?.loaded ?? null
  }

  async create(table: TableName, definition: TableDefinition): Promise<LoadedTable> {
    const folder = this.#folderOf(table)
    const metadata = newMetadata(definition, {
      uuid: this.#store.newId(),
      location: this.locationOf(table),
      now: this.#now(),
    })
    return await publish(this.#store, { folder, base: null, metadata, dropped: [] })
  }

  async commit(table: TableName, { requirements, updates }: CommitRequest): Promise<LoadedTable> {
    const folder = this.#folderOf(table)
    const base = await currentOf(this.#store, folder)
    if (base === null) throw new CatalogRefusal(404, `there is no table ${shown(table)}`)
    const { metadata, metadataLocation } = base.loaded
    checkRequirements(metadata, requirements)
    if (updates.length === 0) return base.loaded
    const applied = applyUpdates(metadata, updates, {
      now: this.#now(),
      previousLocation: metadataLocation,
    })
    refuseMove(metadata, applied.metadata)
    return await publish(this.#store, { folder, base, ...applied })
  }

  /** Where the table is, or would be. */
  locationOf(table: TableName): string {
    return this.warehouse.locationOf(this.#folderOf(table))
  }

  /** The properties of a namespace; null when there is none. It exists once it was created, or has a table. */
  async namespace(levels: readonly string[]): Promise<Readonly<Record<string, string>> | null> {
    const folder = this.#namespaceFolder(levels)
    const { objects } = await this.warehouse.bucket.list({ prefix: `${folder}/`, limit: 1 })
    if (objects.length === 0 || (await this.#isTable(folder))) return null
    const marker = await this.warehouse.bucket.get(`${folder}/${MARKER}`)
    if (marker === null) return {}
    return parseJson(await marker.text()) as Record<string, string> // `createNamespace` wrote it
  }

  /** False when it is there already. */
  async createNamespace(
    levels: readonly string[],
    properties: Readonly<Record<string, string>>,
  ): Promise<boolean> {
    if ((await this.namespace(levels)) !== null) return false
    const folder = this.#namespaceFolder(levels)
    if (await this.#isTable(folder)) throw new CatalogRefusal(400, `${levels.join('.')} is a table`)
    const made = await this.warehouse.bucket.put(`${folder}/${MARKER}`, printJson(properties), {
      onlyIf: { etagDoesNotMatch: '*' },
    })
    return made !== null
  }

  /** The namespaces directly below `parent`; below the root when it is empty. */
  async namespaces(parent: readonly string[]): Promise<string[][]> {
    const children = await this.#children(parent)
    return children.filter(({ isTable }) => !isTable).map(({ name }) => [...parent, name])
  }

  async tables(levels: readonly string[]): Promise<TableName[]> {
    const children = await this.#children(levels)
    return children.filter(({ isTable }) => isTable).map(({ name }) => ({ namespace: levels, name }))
  }

  async #children(parent: readonly string[]): Promise<{ name: string; isTable: boolean }[]> {
    const prefix = `${parent.length === 0 ? this.#prefix : this.#namespaceFolder(parent)}/`
    const folders: string[] = []
    let cursor: string | undefined
    do {
      const page = await this.warehouse.bucket.list({ prefix, delimiter: '/', ...(cursor && { cursor }) })
      folders.push(...page.delimitedPrefixes)
      cursor = page.truncated ? page.cursor : undefined
    } while (cursor !== undefined)
    return await Promise.all(
      folders.map(async (folder) => ({
        name: folder.slice(prefix.length, -1),
        isTable: await this.#isTable(folder.slice(0, -1)),
      })),
    )
  }

  async #isTable(folder: string): Promise<boolean> {
    return (await this.warehouse.bucket.head(hintKey(folder))) !== null
  }

  #folderOf(table: TableName): string {
    checkName(table.name)
    return `${this.#namespaceFolder(table.namespace)}/${table.name}`
  }

  #namespaceFolder(levels: readonly string[]): string {
    if (levels.length === 0) throw new CatalogRefusal(400, 'a namespace has at least one level')
    levels.forEach(checkName)
    return [this.#prefix, ...levels].join('/')
  }
}

const MARKER = 'namespace.json'

/** Names are folders, so that whatever is allowed is one folder, and not a way out of it. */
function checkName(name: string): void {
  if (/^\w[\w.-]{0,127}$/.test(name)) return
  const rule = 'up to 128 letters, digits, _, - and ., and begins with a letter, a digit or _'
  throw new CatalogRefusal(
    400,
    `${JSON.stringify(name.slice(0, 150))} cannot be a name: it is made of ${rule}`,
  )
}

function refuseMove(before: TableMetadata, after: TableMetadata): void {
  if (before.location === after.location) return
  throw new CatalogRefusal(400, `the location of a table cannot change: it is ${before.location}`)
}

function shown({ namespace, name }: TableName): string {
  return [...namespace, name].join('.')
}
