/** A facade over the test bucket, and requests to it that have the token. */
import { EmbeddedCatalog } from '../../../archiver/iceberg/embedded.ts'
import { facade } from '../../../archiver/iceberg/facade.ts'
import { parseJson, printJson } from '../../../archiver/iceberg/json.ts'
import { Warehouse } from '../../../archiver/iceberg/warehouse.ts'
import { ApiTokens } from '../../../shared/auth.ts'
import { bucket } from '../buckets.ts'
import { definition } from './metadata-samples.ts'

export const token = 'facade-token'
export const catalog = new EmbeddedCatalog(new Warehouse(bucket, 's3://perdure-archive'), {
  prefix: 'facade',
})
export const fileConfig = { 's3.endpoint': 'http://localhost:8787/cdn-cgi/local/r2/s3' }
export const quiet = {
  catalog,
  tokens: new ApiTokens({ admin: token }),
  fileConfig,
  maxBodyBytes: 100_000,
  log: () => undefined,
}
const server = facade(quiet)

export const creation = {
  name: 'history',
  schema: definition.schema,
  'partition-spec': definition.spec,
  'write-order': definition.order,
  properties: { ...definition.properties, 'format-version': '2' },
}

interface Answered {
  readonly status: number
  readonly body: unknown
}

export function get(path: string): Promise<Answered> {
  return ask('GET', path)
}

export function post(path: string, body: object): Promise<Answered> {
  return ask('POST', path, printJson(body))
}

export async function ask(method: string, path: string, body?: string): Promise<Answered> {
  const headers = { authorization: `Bearer ${token}` }
  const answer = await server.fetch(
    new Request(`http://x${path}`, { method, headers, ...(body === undefined ? {} : { body }) }),
  )
  const text = await answer.text()
  return { status: answer.status, body: text === '' ? undefined : parseJson(text) }
}

export function problem(code: number, type: string): object {
  return { status: code, body: { error: { code, type } } }
}
