/** One group of Workers as a process group of its own: started in a fresh state directory, gone without trace after `stop()`. */
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Measured, Round } from './figures.ts'
import type { HostOptions } from './host.ts'
import { rssMiB, stopGroup, workerdOf } from './process.ts'

export interface Group {
  run<Asked = Round, Answer = Measured>(
    asked: Asked,
    until: AbortSignal,
  ): Promise<Answer & { peakRssMiB: number | null }>
  stop(): Promise<void>
}

const STARTS_WITHIN_MS = 30_000
const RSS_EVERY_MS = 100

export async function startGroup(options: HostOptions): Promise<Group> {
  const directory = mkdtempSync(join(tmpdir(), 'perdure-bench-'))
  const child = spawn(process.execPath, [join(import.meta.dirname, 'host.ts'), JSON.stringify(options)], {
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
    return { run: (asked, until) => run(pids, () => post(url, asked, until)), stop }
  } catch (error) {
    await stop()
    throw error
  }
}

async function post<Answer>(url: string, asked: unknown, until: AbortSignal): Promise<Answer> {
  const response = await fetch(url, { method: 'POST', body: JSON.stringify(asked), signal: until })
  if (!response.ok) throw new Error(await response.text())
  return JSON.parse(await response.text())
}

async function run<Answer>(pids: readonly string[], work: () => Promise<Answer>) {
  let peakRssMiB = rssMiB(pids)
  const sampler = setInterval(() => (peakRssMiB = Math.max(peakRssMiB, rssMiB(pids))), RSS_EVERY_MS)
  try {
    const measured = await work()
    return { ...measured, peakRssMiB: pids.length === 0 ? null : peakRssMiB }
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
