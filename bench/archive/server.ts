/**
 * The Workers of the archive workload by `wrangler dev`: all in one process, or the archiver in one of its own, which
 * has then a core of its own as well, and its resident memory is the archiver's. (workerd tells nobody inside what an
 * isolate holds, and its inspector hangs up on a Worker with a WASM module.)
 */
import { spawn, type ChildProcess } from 'node:child_process'
import { mkdtempSync } from 'node:fs'
import { createRequire } from 'node:module'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { killGroup, stopGroup, workerdOf } from '../process.ts'
import type { Answer, Ask } from './figures.ts'
import { HeapTrace, TRACE_FLAGS, type HeapPeak } from './heap.ts'

export interface Server {
  ask<Verb extends keyof Ask>(verb: Verb, ask: Ask[Verb]): Promise<Answer[Verb]>
  /** Processes of workerd; none where there is no /proc. Of all in one process, it is the engine's. */
  readonly archiver: readonly string[]
  readonly engine: readonly string[]
  /** Of the archiver's isolate, since this was last asked; null where it is not traced. */
  heapPeak(): HeapPeak | null
  stop(): Promise<void>
}

const STARTS_WITHIN_MS = 60_000
/** The first Worker of each process answers its HTTP. They find one another by wrangler's registry. */
const ENGINE = ['driver', 'scheduler', 'activities']
const ARCHIVER = ['archiver']
const WORKERS = join(import.meta.dirname, '../workers/archive')

export interface Layout {
  /** Whether the archiver has a process of its own. */
  readonly apart: boolean
  /** Whether V8 says what its heap holds, which it takes time for. */
  readonly traced: boolean
}

export async function startServer(until: AbortSignal, { apart, traced }: Layout): Promise<Server> {
  const state = mkdtempSync(join(tmpdir(), 'perdure-bench-'))
  const flags = traced ? { MINIFLARE_WORKERD_V8_FLAGS: TRACE_FLAGS } : {}
  const archiver = apart ? await startWrangler(ARCHIVER, state, flags) : null
  const engine = await startWrangler(apart ? ENGINE : [...ENGINE, ...ARCHIVER], state)
  const all = archiver === null ? [engine] : [archiver, engine]
  const stop = async () => {
    await Promise.all(all.map(({ child }) => stopGroup(child, state)))
  }
  try {
    await Promise.all(all.map(answering))
  } catch (error) {
    await stop()
    throw error
  }
  return {
    ask: (verb, ask) => post(`${engine.url}/${verb}`, ask, until),
    archiver: archiver === null ? [] : workerdOf(archiver.child),
    engine: workerdOf(engine.child),
    heapPeak: () => archiver?.trace.peak() ?? null,
    stop,
  }
}

interface Wrangler {
  readonly child: ChildProcess
  readonly url: string
  readonly trace: HeapTrace
  /** The last of what it said. */
  readonly output: string[]
}

const OUTPUT_CHUNKS = 50

async function startWrangler(
  workers: readonly string[],
  state: string,
  env: Readonly<Record<string, string>> = {},
): Promise<Wrangler> {
  const port = await freePort()
  const child = spawn(process.execPath, commandOf(workers, state, port), {
    cwd: WORKERS,
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      ...process.env,
      ...env,
      X_LOCAL_OBSERVABILITY: 'false',
      WRANGLER_SEND_METRICS: 'false',
      WRANGLER_REGISTRY_PATH: join(state, 'registry'),
      CLOUDFLARE_CF_FETCH_ENABLED: 'false',
    },
  })
  process.once('exit', () => killGroup(child))
  const trace = new HeapTrace()
  const output: string[] = []
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (chunk: string) => {
      trace.read(chunk)
      output.push(chunk)
      output.splice(0, output.length - OUTPUT_CHUNKS)
    })
  }
  return { child, url: `http://127.0.0.1:${port}`, trace, output }
}

function commandOf(workers: readonly string[], state: string, port: number): string[] {
  const manifest = createRequire(import.meta.url).resolve('wrangler/package.json')
  const configs = workers.flatMap((name) => ['-c', `${name}.wrangler.toml`])
  // Two processes that make the same databases at once lock each other out.
  const own = ['--port', String(port), '--inspector-port', '0', '--persist-to', join(state, String(port))]
  const said = ['--log-level', 'log', '--show-interactive-dev-session=false']
  return [join(dirname(manifest), 'bin/wrangler.js'), 'dev', ...configs, ...own, ...said]
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0))
    })
  })
}

async function answering({ url, child, output }: Wrangler): Promise<void> {
  const late = Date.now() + STARTS_WITHIN_MS
  while (Date.now() < late && child.exitCode === null) {
    try {
      await fetch(url)
      return
    } catch {
      // Not listening yet.
    }
    await sleep(100)
  }
  const problem = child.exitCode === null ? 'do not answer' : `ended with code ${child.exitCode}`
  throw new Error(`the Workers ${problem}\n${output.join('')}`)
}

async function post<T>(url: string, ask: unknown, until: AbortSignal): Promise<T> {
  const response = await fetch(url, { method: 'POST', body: JSON.stringify(ask), signal: until })
  if (!response.ok) throw new Error(await response.text())
  return JSON.parse(await response.text())
}
