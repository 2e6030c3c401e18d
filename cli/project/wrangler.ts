/** The wrangler of the project: the one on the path, as npm makes it, or else the one that is installed in its folder. */
import { spawn, spawnSync } from 'node:child_process'
import type { ChildProcess, SpawnOptions } from 'node:child_process'
import { delimiter, join } from 'node:path'
import { CliError } from '../error.ts'

/** Waits for its end. stdin is closed, so nothing is asked: with several accounts, CLOUDFLARE_ACCOUNT_ID says which. */
export function wrangler(cwd: string, args: readonly string[]): { status: number | null; output: string } {
  const run = spawnSync('wrangler', args, {
    ...settings(cwd),
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  if (run.error) throw missing(run.error)
  return { status: run.status, output: run.stdout + run.stderr }
}

/** In the foreground: what it says is seen as it says it. */
export function startWrangler(cwd: string, args: readonly string[]): ChildProcess {
  return spawn('wrangler', args, { ...settings(cwd), stdio: ['ignore', 'inherit', 'inherit'] })
}

function settings(cwd: string): SpawnOptions {
  const path = [process.env['PATH'] ?? '', join(cwd, 'node_modules/.bin')].join(delimiter)
  // Local workerd's trace store makes everything several times slower.
  return { cwd, env: { ...process.env, PATH: path, X_LOCAL_OBSERVABILITY: 'false' } }
}

export function missing(cause: Error): CliError {
  return new CliError('not_installed', `wrangler does not start: ${cause.message}`, {
    fix: 'run `npm install` in the project',
    cause,
  })
}
