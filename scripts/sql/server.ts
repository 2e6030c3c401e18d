/** The local deployment that is asked: its HTTP side, and the objects of its bucket. */
import { SqlError } from './error.ts'

export interface Server {
  /** `http://localhost:8787`, without a slash at the end. */
  readonly url: string
  readonly token: string | null
}

const PATIENCE_MS = 30_000

/** Null when there is no such thing. */
export async function ask(server: Server, path: string): Promise<string | null> {
  const headers = server.token === null ? {} : { authorization: `Bearer ${server.token}` }
  const response = await get(server, path, headers)
  if (response.status === 404) return null
  const text = await response.text()
  if (response.ok) return text
  if (response.status === 401 || response.status === 403) {
    const what = server.token === null ? 'it asks for a token' : 'it does not know this token'
    throw new SqlError(
      'unauthorized',
      `${server.url} refuses: ${what}. Set API_TOKEN, or pass --token, to the API_TOKEN of its archiver`,
    )
  }
  throw new SqlError(
    'server_failed',
    `${server.url}${path} answered ${response.status}: ${text.slice(0, 300)}`,
  )
}

/** The object at `s3://<bucket>/<key>`, as local development serves it to anybody on this machine. */
export async function fetchObject(server: Server, location: string): Promise<Uint8Array> {
  const [, bucket, key] = /^s3:\/\/([^/]+)\/(.+)$/.exec(location) ?? []
  if (bucket === undefined || key === undefined) {
    throw new SqlError('unsupported_table', `${location} is not in a bucket (s3://<bucket>/<key>)`)
  }
  const path = key.split('/').map(encodeURIComponent).join('/')
  const response = await get(server, `/cdn-cgi/local/r2/public/${bucket}/${path}`, {})
  if (response.ok) return new Uint8Array(await response.arrayBuffer())
  throw new SqlError(
    'file_missing',
    `${location} cannot be read (${response.status}). Was it compacted away just now? Then ask again`,
  )
}

async function get(server: Server, path: string, headers: Record<string, string>): Promise<Response> {
  try {
    return await fetch(server.url + path, { headers, signal: AbortSignal.timeout(PATIENCE_MS) })
  } catch (cause) {
    throw new SqlError(
      'server_unreachable',
      `${server.url} does not answer. Is \`npm run dev\` running? --url names another address`,
      { cause },
    )
  }
}
