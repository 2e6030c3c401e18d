/** `wrangler deploy --dry-run`: what would be uploaded, in a directory that is gone afterwards. */
import { spawn } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'

export const ROOT = join(import.meta.dirname, '../..')

export interface Ended {
  status: number | null
  output: string
}

/** A Node script in the repository, with its node_modules/.bin on the path behind `before`. */
export function node(args: string[], before: string[] = []): Promise<Ended> {
  const path = [...before, join(ROOT, 'node_modules/.bin'), process.env['PATH'] ?? ''].join(delimiter)
  const child = spawn(process.execPath, args, {
    cwd: ROOT,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, PATH: path, WRANGLER_SEND_METRICS: 'false' },
  })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += String(chunk)))
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (status) => resolve({ status, output }))
  })
}

/** The modules of the bundle of a Worker, source maps aside. */
export async function bundled(config: string): Promise<Ended & { modules: Map<string, Buffer> }> {
  const directory = mkdtempSync(join(tmpdir(), 'perdure-bundle-'))
  try {
    const command = ['deploy', '--dry-run', '-c', config, '--outdir', directory]
    const ended = await node([join(ROOT, 'node_modules/wrangler/bin/wrangler.js'), ...command])
    const names = readdirSync(directory).filter((name) => /\.(js|mjs|sql|wasm|bin)$/.test(name))
    return { ...ended, modules: new Map(names.map((name) => [name, readFileSync(join(directory, name))])) }
  } finally {
    rmSync(directory, { recursive: true })
  }
}
