/** `npm run dev` of a project, on a port that is free. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { freePort } from '../local/session.ts'
import { plainEnv } from './run.ts'

export interface Dev {
  readonly url: string
  output(): string
  /** Ctrl-C, which it must obey. */
  stop(): Promise<void>
}

const STARTS_WITHIN_MS = 60_000
const ENDS_WITHIN_MS = 20_000

export async function startDev(app: string): Promise<Dev> {
  const port = await freePort()
  const child = spawn('npm', ['run', 'dev', '--', '--port', String(port), '--', '--inspector-port', '0'], {
    cwd: app,
    detached: true, // a process group of its own, as a terminal makes it: Ctrl-C reaches all of it
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...plainEnv(), WRANGLER_SEND_METRICS: 'false', WRANGLER_REGISTRY_PATH: join(app, '.registry') },
  })
  const printed: string[] = []
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => printed.push(String(chunk)))
  const exit = once(child, 'exit')
  const output = (): string => printed.join('')
  const signal = (name: NodeJS.Signals): boolean => child.pid !== undefined && process.kill(-child.pid, name)
  const stop = async (): Promise<void> => {
    signal('SIGINT')
    const code = await Promise.race([exit, sleep(ENDS_WITHIN_MS, null, { ref: false })])
    if (code !== null) return
    signal('SIGKILL')
    throw new Error(`npm run dev did not end by Ctrl-C\n${output()}`)
  }
  const until = Date.now() + STARTS_WITHIN_MS
  while (!output().includes('ready on ')) {
    if (child.exitCode !== null) throw new Error(`npm run dev ended with ${child.exitCode}\n${output()}`)
    if (Date.now() > until) await stop().then(() => Promise.reject(new Error(`not ready\n${output()}`)))
    await sleep(50)
  }
  return { url: `http://localhost:${port}`, output, stop }
}
