/** The Workers of a project on local workerd, with the archiver's cron, which does not fire by itself there. */
import { existsSync, writeFileSync } from 'node:fs'
import { once } from 'node:events'
import { dirname, resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { CliError } from '../error.ts'
import { ask, get, type Server } from '../server.ts'
import { wranglerApi } from './configs.ts'
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
  await writeMissingVars(options)
  const named = configs.flatMap((config) => ['-c', config])
  const quiet = ['--show-interactive-dev-session=false']
  const wrangler = startWrangler(cwd, ['dev', ...named, '--port', String(port), ...quiet, ...more])
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
  }
}

/** What the Workers are told on this machine only. Whoever has a `.dev.vars` has decided for himself. */
async function writeMissingVars({ cwd, configs, server }: Dev): Promise<void> {
  const { unstable_readConfig: read } = await wranglerApi()
  const [scheduler, ...others] = configs
  const archivers = others.filter((config) => read({ config: resolve(cwd, config) }).triggers.crons?.length)
  const token = `API_TOKEN=${server.token}\n`
  const vars = new Map([[scheduler, `${token}REDISPATCH_ON_WAKE=true\n`]])
  for (const config of archivers) vars.set(config, token)
  for (const [config, text] of vars) {
    const file = resolve(cwd, dirname(config), '.dev.vars')
    if (!existsSync(file)) writeFileSync(file, text)
  }
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
