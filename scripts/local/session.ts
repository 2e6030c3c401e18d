/** One `wrangler dev` session of some Workers: started on a state directory, asked over HTTP, killed. */
import { spawn, type ChildProcess } from 'node:child_process'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

export interface Session {
  readonly url: string
  /** What wrangler printed; worth reading only when something went wrong. */
  output(): string
  /** SIGKILL to wrangler and every workerd at once: nobody can write a last word. */
  kill(): Promise<void>
}

export interface SessionOptions {
  /** Where the objects, the buckets and the queues keep what outlives a process. */
  readonly state: string
  /** From the root of the repository. The first one is the primary: it answers HTTP. */
  readonly configs: readonly string[]
  readonly vars?: Readonly<Record<string, string>>
  /** Absent: one that is free. */
  readonly port?: number
  /** Resolves once the Workers answer; rejects while they do not. */
  readonly ready: (url: string) => Promise<unknown>
}

const ROOT = join(import.meta.dirname, '../..')
const WRANGLER = join(ROOT, 'node_modules/wrangler/bin/wrangler.js')
const STARTS_WITHIN_MS = 60_000
const ENDS_WITHIN_MS = 10_000

export async function startSession(options: SessionOptions): Promise<Session> {
  const port = options.port ?? (await freePort())
  const wrangler = spawnWrangler(options, port)
  const printed: string[] = []
  for (const stream of [wrangler.stdout, wrangler.stderr])
    stream?.on('data', (chunk) => printed.push(String(chunk)))
  const lastResort = (): void => void signalGroup(wrangler)
  process.once('exit', lastResort)
  const session: Session = {
    url: `http://127.0.0.1:${port}`,
    output: () => printed.join(''),
    kill: async () => {
      await killGroup(wrangler)
      process.off('exit', lastResort)
    },
  }
  try {
    await answering(wrangler, () => options.ready(session.url))
  } catch (error) {
    await session.kill()
    throw new Error(`the Workers did not start\n${session.output()}`, { cause: error })
  }
  return session
}

function spawnWrangler({ state, configs, vars = {} }: SessionOptions, port: number): ChildProcess {
  const named = configs.flatMap((config) => ['-c', config])
  const set = Object.entries(vars).flatMap(([name, value]) => ['--var', `${name}:${value}`])
  const ports = ['--port', String(port), '--inspector-port', '0']
  const quietly = ['--log-level', 'warn', '--show-interactive-dev-session=false']
  return spawn(
    process.execPath,
    [WRANGLER, 'dev', ...named, ...set, ...ports, '--persist-to', state, ...quietly],
    {
      cwd: ROOT,
      detached: true, // a process group of its own, with the workerd processes in it
      stdio: ['ignore', 'pipe', 'pipe'],
      env: {
        ...process.env,
        X_LOCAL_OBSERVABILITY: 'false',
        WRANGLER_SEND_METRICS: 'false',
        WRANGLER_REGISTRY_PATH: join(state, 'registry'), // another dev session may run Workers of the same names
        CLOUDFLARE_CF_FETCH_ENABLED: 'false',
      },
    },
  )
}

export async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
  const address = server.address()
  await new Promise((closed) => server.close(closed))
  if (address === null || typeof address === 'string') throw new Error('no free port')
  return address.port
}

async function answering(wrangler: ChildProcess, ready: () => Promise<unknown>): Promise<void> {
  const until = Date.now() + STARTS_WITHIN_MS
  let last: unknown
  while (Date.now() < until) {
    if (wrangler.exitCode !== null) throw new Error(`wrangler ended with ${wrangler.exitCode}`)
    try {
      await ready()
      return
    } catch (error) {
      last = error
    }
    await sleep(50)
  }
  throw new Error(`no answer within ${STARTS_WITHIN_MS / 1000} s`, { cause: last })
}

async function killGroup(wrangler: ChildProcess): Promise<void> {
  const until = Date.now() + ENDS_WITHIN_MS
  while (signalGroup(wrangler)) {
    if (Date.now() > until) throw new Error(`process group ${wrangler.pid} outlived SIGKILL`)
    await sleep(20)
  }
}

/** False once nobody is left in it. */
function signalGroup(wrangler: ChildProcess): boolean {
  if (wrangler.pid === undefined) return false
  try {
    return process.kill(-wrangler.pid, 'SIGKILL')
  } catch {
    return false
  }
}
