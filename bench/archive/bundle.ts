/** What the archiver Worker weighs when it is uploaded. */
import { execFile } from 'node:child_process'
import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { gzipSync } from 'node:zlib'

const CONFIG = join(import.meta.dirname, '../../archiver/wrangler.toml')

/** Bytes, gzipped, of the modules that wrangler would upload for the reference deployment. */
export async function bundleBytes(): Promise<number> {
  const directory = mkdtempSync(join(tmpdir(), 'perdure-bundle-'))
  try {
    const manifest = createRequire(import.meta.url).resolve('wrangler/package.json')
    const command = ['deploy', '--dry-run', '-c', CONFIG, '--outdir', directory]
    await promisify(execFile)(process.execPath, [join(dirname(manifest), 'bin/wrangler.js'), ...command], {
      env: { ...process.env, WRANGLER_SEND_METRICS: 'false' },
    })
    const modules = readdirSync(directory).filter((name) => /\.(js|wasm)$/.test(name))
    return modules.reduce((sum, name) => sum + gzipSync(readFileSync(join(directory, name))).length, 0)
  } finally {
    rmSync(directory, { recursive: true, force: true })
  }
}
