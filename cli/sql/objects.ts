/** Objects of the bucket, as local development serves them to anybody on this machine. */
import { CliError } from '../error.ts'
import { get, type Server } from '../server.ts'

/** The object at `s3://<bucket>/<key>`. */
export async function fetchObject({ url }: Server, location: string): Promise<Uint8Array> {
  const [, bucket, key] = /^s3:\/\/([^/]+)\/(.+)$/.exec(location) ?? []
  if (bucket === undefined || key === undefined) {
    throw new CliError('unsupported_table', `${location} is not in a bucket (s3://<bucket>/<key>)`)
  }
  const path = key.split('/').map(encodeURIComponent).join('/')
  const response = await get({ url, token: null }, `/cdn-cgi/local/r2/public/${bucket}/${path}`)
  if (response.ok) return new Uint8Array(await response.arrayBuffer())
  throw new CliError('file_missing', `${location} cannot be read (${response.status})`, {
    fix: 'ask again: it may have been compacted away just now',
  })
}
