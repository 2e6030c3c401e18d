/**
 * SQL over HTTP for the scheduler that `perdure dev` runs, which asks for whoever bears its admin token: on this machine
 * alone, and for nobody who does not know the secret in the address.
 */
import { randomBytes, timingSafeEqual } from 'node:crypto'
import { once } from 'node:events'
import { createServer, STATUS_CODES } from 'node:http'
import type { IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { SqlResult } from '../../shared/sql.ts'
import { CliError } from '../error.ts'
import type { CliErrorCode } from '../error.ts'
import type { Server } from '../server.ts'
import type { Bounds } from './bounded.ts'
import { withDuckdb } from './installed.ts'

export interface SqlServer {
  /** With the secret. */
  readonly url: string
  close(): Promise<void>
}

export interface SqlServerOptions {
  /** Whose archive is asked. */
  readonly server: Server
  /** Where data files are kept. */
  readonly directory: string
  readonly bounds?: Bounds
  readonly say: (line: string) => void
}

const BOUNDS: Bounds = { rows: 1_000, bytes: 4 * 1024 * 1024, ms: 20_000 }
/** Of a request: a statement of 64 Ki characters, each escaped. */
const MAX_BODY_BYTES = 512 * 1024
const MAX_WAITING = 4

export async function serveSql(options: SqlServerOptions): Promise<SqlServer> {
  const path = `/${randomBytes(32).toString('base64url')}`
  const line = inLine()
  const answer = async (request: IncomingMessage): Promise<Answer> => {
    if (!isSame(request.url ?? '', path))
      return problem(404, { code: 'invalid_argument', message: 'there is nothing here' })
    return await answerTo(request, (statement) => line(() => answerOf(options, statement)), options.say)
  }
  const http = createServer((request, response) => {
    void answer(request).then(({ status, type, body }) => {
      response.writeHead(status, { 'content-type': type })
      response.end(JSON.stringify(body))
    })
  })
  http.listen(0, '127.0.0.1')
  await once(http, 'listening')
  const { port } = http.address() as AddressInfo // of a server that listens on a port
  return {
    url: `http://127.0.0.1:${port}${path}`,
    close: async () => {
      http.closeAllConnections()
      http.close()
      await once(http, 'close')
    },
  }
}

/** One query at a time; null where too many wait. */
function inLine(): <T>(work: () => Promise<T>) => Promise<T> | null {
  let last: Promise<unknown> = Promise.resolve()
  let waiting = 0
  return (work) => {
    if (waiting > MAX_WAITING) return null
    waiting += 1
    const done = last.then(work).finally(() => (waiting -= 1))
    last = done.catch(() => {}) // told to whoever asked
    return done
  }
}

async function answerOf({ server, directory, bounds = BOUNDS }: SqlServerOptions, statement: string) {
  const { boundedQuery } = await withDuckdb(() => import('./bounded.ts'))
  const { openRuns } = await import('./archive.ts')
  return await boundedQuery(await openRuns(server, directory), statement, bounds)
}

function isSame(given: string, path: string): boolean {
  const [one, other] = [Buffer.from(given), Buffer.from(path)]
  return one.length === other.length && timingSafeEqual(one, other)
}

interface Answer {
  readonly status: number
  readonly type: string
  readonly body: object
}

async function answerTo(
  request: IncomingMessage,
  query: (statement: string) => Promise<SqlResult> | null,
  say: (line: string) => void,
): Promise<Answer> {
  try {
    const statement = await statementIn(request)
    if (statement === null)
      return problem(400, { code: 'invalid_argument', message: 'there is no statement' })
    const result = await query(statement)
    if (result) return { status: 200, type: 'application/json', body: result }
    return problem(503, { code: 'overloaded', message: 'other statements are being run: ask again' })
  } catch (error) {
    if (error instanceof CliError) return problem(STATUSES[error.code] ?? 502, error)
    say(error instanceof Error ? (error.stack ?? error.message) : String(error))
    return problem(500, { code: 'internal', message: 'a defect, which perdure dev has printed' })
  }
}

/** Everything else is of the deployment, whose archive cannot be read. */
const STATUSES: Partial<Record<CliErrorCode, number>> = { sql_failed: 400, not_installed: 503 }

async function statementIn(request: IncomingMessage): Promise<string | null> {
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length
    if (bytes > MAX_BODY_BYTES) return null
    chunks.push(chunk)
  }
  return parsed(Buffer.concat(chunks).toString())
}

function parsed(text: string): string | null {
  try {
    const body: unknown = JSON.parse(text)
    const statement: unknown =
      typeof body === 'object' && body !== null ? Reflect.get(body, 'statement') : undefined
    return typeof statement === 'string' ? statement : null
  } catch {
    return null
  }
}

function problem(
  status: number,
  { code, message, fix }: { code: string; message: string; fix?: string | undefined },
): Answer {
  const detail = fix === undefined ? message : `${message}: ${fix}`
  const body = { type: 'about:blank', title: STATUS_CODES[status] ?? '', status, code, detail }
  return { status, type: 'application/problem+json', body }
}
