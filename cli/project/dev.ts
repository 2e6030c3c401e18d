/** The Workers of a project on local workerd, with the archiver's cron, which does not fire by itself there. */
import { once } from 'node:events'
import { createServer } from 'node:net'
import { resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { CliError } from '../error.ts'
import { ask, get, type Server } from '../server.ts'
import { SQL_CACHE } from '../sql/cache.ts'
import { serveSql } from '../sql/serve.ts'
import { writeMissingVars } from './vars.ts'
import { missing, startWrangler } from './wrangler.ts'

export interface Dev {
  readonly cwd: string
  /** The scheduler's first: it answers HTTP. */
  readonly configs: readonly [string, ...string[]]
  readonly server: Server
  readonly port: number
  /** Between two passes of the archiver. */
  readonly archiveEveryMs: number
  /** Passed on to `wrangler dev`. */
  readonly more: readonly string[]
  readonly interrupted: AbortSignal
  readonly say: (line: string) => void
}

/** Until wrangler ends: by itself, or by Ctrl-C, which it is sent as well. Its exit code. */
export async function dev(options: Dev): Promise<number> {
  const { cwd, configs, port, more } = options
  await requireFree(port)
  await writeMissingVars({ ...options, token: options.server.token })
  const named = configs.flatMap((config) => ['-c', config])
  const quiet = ['--show-interactive-dev-session=false']
  const sql = await serveSql({ ...options, directory: resolve(cwd, SQL_CACHE) })
  const told = ['--var', `SQL_URL:${sql.url}`]
  const wrangler = startWrangler(cwd, ['dev', ...named, '--port', String(port), ...quiet, ...told, ...more])
  const ended = new AbortController()
  const exit = once(wrangler, 'exit').catch((error: Error) => {
    throw missing(error)
  })
  const stop = (): void => void wrangler.kill('SIGINT')
  options.interrupted.addEventListener('abort', stop)
  try {
    const beside = announced(options, ended.signal)
    const [code] = await exit
    ended.abort()
    await beside
    return options.interrupted.aborted ? 0 : Number(code ?? 1)
  } finally {
    ended.abort()
    await sql.close()
  }
}

/** Whoever listens there would answer in place of what is being started. */
async function requireFree(port: number): Promise<void> {
  const server = createServer()
  try {
    await once(server.listen(port, 'localhost'), 'listening')
  } catch (cause) {
    throw new CliError('port_taken', `nothing can listen on port ${port}: ${String(cause)}`, {
      path: '--port',
      fix: 'stop what listens there, or name another port',
      cause,
    })
  }
  await once(server.close(), 'close')
}

/** Says where the Workers are once they answer, and then has the archiver pass now and then. */
async function announced(options: Dev, ended: AbortSignal): Promise<void> {
  const { server, say } = options
  while (!ended.aborted && !(await answers(server))) await pause(200, ended)
  if (ended.aborted) return
  say(`ready on ${server.url}: dashboard and HTTP API, token ${server.token}`)
  await passes(options, ended)
}

async function answers(server: Server): Promise<boolean> {
  try {
    await get(server, '/')
    return true
  } catch (error) {
    if (error instanceof CliError) return false
    throw error
  }
}

async function passes({ server, archiveEveryMs, say }: Dev, ended: AbortSignal): Promise<void> {
  while (!ended.aborted) {
    await pause(archiveEveryMs, ended)
    if (ended.aborted) return
    try {
      if ((await ask(server, '/archive/pass', { body: {}, patienceMs: 120_000 })) !== null) continue
      return say('no archiver answers: closed runs stay where they are')
    } catch (error) {
      if (!(error instanceof CliError)) throw error
      if (!ended.aborted) say(`${error.code}: ${error.message}`)
    }
  }
}

async function pause(ms: number, ended: AbortSignal): Promise<void> {
  await sleep(ms, undefined, { signal: ended }).catch((error: unknown) => {
    if (!ended.aborted) throw error
  })
}
