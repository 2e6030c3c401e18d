/** The Workers of the demo on local workerd: one `wrangler dev` process for all of them, and its end. */
import { spawn, type ChildProcess } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import { createRequire } from 'node:module'
import { createServer } from 'node:net'
import { dirname, join } from 'node:path'

export interface Workers {
  url: string
  /** What wrangler printed; worth reading only when something went wrong. */
  output(): string
  stop(): Promise<void>
}

const CONFIGS = [
  'examples/orders/driver.wrangler.toml', // the first one is the primary: it answers HTTP
  'wrangler.toml',
  'activity-worker/wrangler.toml',
  'activity-worker/shipping.wrangler.toml',
  'archiver/dev.wrangler.toml',
  'examples/orders/inventory.wrangler.toml',
]
const STARTS_WITHIN_MS = 60_000

export async function startWorkers(root: string, state: string): Promise<Workers> {
  mkdirSync(state, { recursive: true })
  const port = await freePort()
  const wrangler = spawnWrangler(root, state, port)
  const lines: string[] = []
  wrangler.stdout?.on('data', (chunk) => lines.push(String(chunk)))
  wrangler.stderr?.on('data', (chunk) => lines.push(String(chunk)))
  const workers: Workers = {
    url: `http://127.0.0.1:${port}`,
    output: () => lines.join(''),
    stop: () => stop(wrangler),
  }
  process.once('exit', () => kill(wrangler, 'SIGKILL'))
  try {
    await answering(workers.url, wrangler)
  } catch (error) {
    await workers.stop()
    throw new Error(`the Workers did not start\n${workers.output()}`, { cause: error })
  }
  return workers
}

function spawnWrangler(root: string, state: string, port: number): ChildProcess {
  const bin = join(
    dirname(createRequire(import.meta.url).resolve('wrangler/package.json')),
    'bin/wrangler.js',
  )
  const configs = CONFIGS.flatMap((config) => ['-c', config])
  const options = [
    '--port',
    String(port),
    '--inspector-port',
    '0',
    '--persist-to',
    state,
    '--log-level',
    'warn',
  ]
  return spawn(
    process.execPath,
    [bin, 'dev', ...configs, ...options, '--show-interactive-dev-session=false'],
    {
      cwd: root,
      detached: true, // its own process group, so that workerd ends with it
      stdio: ['ignore', 'pipe', 'pipe'],
      env: {
        ...process.env,
        X_LOCAL_OBSERVABILITY: 'false', // the trace store slows everything down several times
        WRANGLER_SEND_METRICS: 'false',
        WRANGLER_REGISTRY_PATH: join(state, 'registry'), // another dev session may run Workers of the same names
        CLOUDFLARE_CF_FETCH_ENABLED: 'false',
      },
    },
  )
}

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
  const address = server.address()
  await new Promise((closed) => server.close(closed))
  if (address === null || typeof address === 'string') throw new Error('no free port')
  return address.port
}

async function answering(url: string, wrangler: ChildProcess): Promise<void> {
  const until = Date.now() + STARTS_WITHIN_MS
  const ask = { method: 'POST', body: JSON.stringify({ workflows: 'order-', orders: '-' }) }
  let last = ''
  while (Date.now() < until) {
    if (wrangler.exitCode !== null) throw new Error(`wrangler ended with ${wrangler.exitCode}`)
    try {
      const response = await fetch(`${url}/progress`, { ...ask, signal: AbortSignal.timeout(5_000) })
      if (response.ok) return
      last = await response.text()
    } catch (error) {
      last = String(error)
    }
    await new Promise((later) => setTimeout(later, 100))
  }
  throw new Error(`no answer within ${STARTS_WITHIN_MS / 1000} s: ${last}`)
}

async function stop(wrangler: ChildProcess): Promise<void> {
  if (wrangler.exitCode !== null || wrangler.signalCode !== null) return
  const ended = new Promise<void>((done) => wrangler.once('exit', () => done()))
  kill(wrangler, 'SIGTERM')
  const impatient = setTimeout(() => kill(wrangler, 'SIGKILL'), 3_000)
  await ended
  clearTimeout(impatient)
  kill(wrangler, 'SIGKILL') // whatever of the group outlived its head
}

function kill(wrangler: ChildProcess, signal: NodeJS.Signals): void {
  if (wrangler.pid === undefined) return
  try {
    process.kill(-wrangler.pid, signal)
  } catch {
    // The group is gone already.
  }
}
