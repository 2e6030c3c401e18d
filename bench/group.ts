/** One group of Workers as a process group of its own: started in a fresh state directory, gone without trace after `stop()`. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync } from 'node:fs'
import { type IncomingMessage, request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import type { Measured, Round } from './figures.ts'
import type { HostOptions } from './host.ts'
import { rssMiB, stopGroup, workerdOf } from './process.ts'
import { syncsIn, traced } from './syncs.ts'

export interface Group {
  /** Of the first Worker. */
  readonly url: string
  run(round: Round, until: AbortSignal): Promise<Measured & Watched>
  watch<Answer>(work: () => Promise<Answer>): Promise<Answer & Watched>
  stop(): Promise<void>
}

export interface Watched {
  /** What workerd held at most during the work; null where there is no /proc. */
  peakRssMiB: number | null
  /** What it held before. */
  idleRssMiB: number | null
  /** How often the group asked the disk to keep something; null where nobody counts. */
  syncs: number | null
}

const STARTS_WITHIN_MS = 30_000
const RSS_EVERY_MS = 100

export async function startGroup(options: HostOptions, isTraced = false): Promise<Group> {
  const directory = mkdtempSync(join(tmpdir(), 'perdure-bench-'))
  const trace = isTraced ? join(directory, 'trace') : null
  const host = [process.execPath, join(import.meta.dirname, 'host.ts'), JSON.stringify(options)]
  const [command = '', ...args] = trace === null ? host : traced(trace, host)
  const child = spawn(command, args, {
    detached: true,
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    // The trace store makes everything 2 to 6 times slower; TMPDIR is where the server keeps the objects' databases.
    env: {
      ...process.env,
      X_LOCAL_OBSERVABILITY: 'false',
      WRANGLER_SEND_METRICS: 'false',
      TMPDIR: directory,
    },
  })
  const stop = () => stopGroup(child, directory)
  try {
    const url = await listening(child)
    const pids = workerdOf(child)
    const watch: Group['watch'] = (work) => watched({ pids, trace }, work)
    return { url, run: (round, until) => watch(() => post<Measured>(url, round, until)), watch, stop }
  } catch (error) {
    await stop()
    throw error
  }
}

/** Not `fetch`, which gives up after five minutes. */
async function post<Answer>(url: string, asked: unknown, signal: AbortSignal): Promise<Answer> {
  const asking = request(url, { method: 'POST', signal })
  asking.end(JSON.stringify(asked))
  const [response]: IncomingMessage[] = await once(asking, 'response')
  if (response === undefined) throw new Error('no response')
  const body = await text(response)
  if (response.statusCode !== 200) throw new Error(body)
  return JSON.parse(body)
}

async function watched<Answer>(
  { pids, trace }: { pids: readonly string[]; trace: string | null },
  work: () => Promise<Answer>,
): Promise<Answer & Watched> {
  const idle = rssMiB(pids)
  let peak = idle
  const before = trace === null ? 0 : await syncsIn(trace)
  const sampler = setInterval(() => (peak = Math.max(peak, rssMiB(pids))), RSS_EVERY_MS)
  try {
    const measured = await work()
    const syncs = trace === null ? null : (await syncsIn(trace)) - before
    const rss = pids.length === 0 ? ([null, null] as const) : ([peak, idle] as const)
    return { ...measured, peakRssMiB: rss[0], idleRssMiB: rss[1], syncs }
  } finally {
    clearInterval(sampler)
  }
}

function listening(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    const late = setTimeout(() => reject(new Error('the Workers did not start')), STARTS_WITHIN_MS)
    child.once('message', (url) => {
      clearTimeout(late)
      if (typeof url === 'string') resolve(url)
    })
    child.once('exit', (code) => reject(new Error(`the Workers' host ended with code ${code}`)))
  })
}
