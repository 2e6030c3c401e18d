/** The wrangler configurations of a project: the scheduler's first, as wrangler wants its primary Worker. */
import { existsSync, readdirSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { CliError } from '../error.ts'
import { ownPackage } from '../package.ts'

const NAMES = ['wrangler.toml', 'wrangler.jsonc', 'wrangler.json']

/** Those that were named; otherwise the one at the top and one of each folder, by name. Paths from `cwd`. */
export function configsOf(cwd: string, named: readonly string[] = []): [string, ...string[]] {
  const [scheduler, ...others] = named.length > 0 ? named : found(cwd)
  const missing = [scheduler, ...others].find((path) => path === undefined || !existsSync(resolve(cwd, path)))
  if (scheduler !== undefined && missing === undefined) return [scheduler, ...others]
  throw new CliError('not_a_project', `there is no ${missing ?? NAMES[0]} in ${cwd}`, {
    fix: 'make a project with `perdure init my-app`, or name its configurations, the scheduler first: -c FILE -c FILE',
  })
}

/** The project's own wrangler. */
export async function wranglerApi(): Promise<typeof import('wrangler')> {
  try {
    return await import('wrangler')
  } catch (cause) {
    const version = ownPackage().devDependencies['wrangler']
    throw new CliError('not_installed', 'wrangler is not installed', {
      fix: `npm install --save-dev wrangler@${version}`,
      cause,
    })
  }
}

function found(cwd: string): string[] {
  const top = NAMES.filter((name) => existsSync(join(cwd, name))).slice(0, 1)
  if (top.length === 0) return []
  const folders = readdirSync(cwd, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && !/^(\.|node_modules$)/.test(entry.name))
    .map(({ name }) => name)
    .toSorted()
  const below = folders.flatMap((folder) =>
    NAMES.map((name) => join(folder, name))
      .filter((path) => existsSync(join(cwd, path)))
      .slice(0, 1),
  )
  return [...top, ...below]
}
