/** The tables of the cold tier as they are now: metadata from the REST catalog, manifests and data files from the bucket. */
import type { DataFile } from '../../archiver/iceberg/file.ts'
import { metadataIn, parseJson } from '../../archiver/iceberg/json.ts'
import { liveFiles } from '../../archiver/iceberg/live.ts'
import type { IcebergSchema, TableMetadata } from '../../archiver/iceberg/metadata.ts'
import { Warehouse } from '../../archiver/iceberg/warehouse.ts'
import { cached, type Cache } from './cache.ts'
import { CliError } from '../error.ts'
import { ask, type Server } from '../server.ts'
import { fetchObject } from './objects.ts'
import type { LocalTable } from './views.ts'

/** The table with its data files on disk; without any, and with the columns of `schema`, where nothing is archived yet. */
export async function coldTable(
  server: Server,
  directory: string,
  { name, schema }: { name: string; schema: IcebergSchema },
): Promise<LocalTable> {
  const metadata = await loadTable(server, name)
  if (metadata === null) return { name, schema, files: [] }
  const cache: Cache = { directory, fetch: (location) => fetchObject(server, location) }
  const files = await filesOf(metadata, cache)
  return { name, schema: schemaOf(metadata, name), files: await cached(cache, files) }
}

async function loadTable(server: Server, name: string): Promise<TableMetadata | null> {
  const text = await ask(server, `/iceberg/v1/namespaces/durable/tables/${name}`)
  if (text === null) return null
  const answer = parseJson(text)
  if (typeof answer === 'object' && answer !== null && 'metadata' in answer) {
    return metadataIn(answer.metadata, name)
  }
  throw new CliError(
    'server_failed',
    `${server.url} does not answer as an Iceberg catalog: ${text.slice(0, 100)}`,
  )
}

async function filesOf(metadata: TableMetadata, cache: Cache): Promise<DataFile[]> {
  const [root = ''] = /^s3:\/\/[^/]+/.exec(metadata.location) ?? []
  const get = async (key: string) => {
    const blob = new Blob([(await cache.fetch(`${root}/${key}`)).slice()])
    return { size: blob.size, body: blob.stream(), arrayBuffer: () => blob.arrayBuffer() }
  }
  const files: DataFile[] = []
  const warehouse = new Warehouse({ get } as unknown as R2Bucket, root) // listing files only gets objects
  for await (const file of liveFiles(metadata, warehouse)) files.push(file)
  return files
}

function schemaOf(metadata: TableMetadata, name: string): IcebergSchema {
  const schema = metadata.schemas.find((one) => one['schema-id'] === metadata['current-schema-id'])
  if (schema !== undefined) return schema
  throw new CliError('unsupported_table', `${name} has no current schema`)
}
