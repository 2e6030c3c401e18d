/** A new project, from the template that the package carries. */
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { CliError } from '../error.ts'
import { ownPackage, PACKAGE_ROOT } from '../package.ts'

const TEMPLATE = join(PACKAGE_ROOT, 'cli/template')

/** Files whose text has the project's name in it. */
const NAMED = ['wrangler.toml', 'activity-worker/wrangler.toml', 'archiver/wrangler.toml', 'README.md']

/** Writes everything to `directory`, which is not there yet or is empty; `name` is what its Workers' names begin with. */
export function writeProject(directory: string, name: string): void {
  checkName(name)
  if (existsSync(directory) && readdirSync(directory).length > 0)
    throw new CliError('directory_not_empty', `${directory} is not empty`, {
      fix: 'name a directory that is not there yet: nothing was written',
    })
  mkdirSync(directory, { recursive: true })
  cpSync(TEMPLATE, directory, { recursive: true, filter: (path) => !path.endsWith('gitignore') })
  cpSync(join(TEMPLATE, 'gitignore'), join(directory, '.gitignore')) // npm packs no file of that name
  for (const file of NAMED) {
    const path = join(directory, file)
    writeFileSync(path, readFileSync(path, 'utf8').replaceAll('my-app', name))
  }
  writeFileSync(join(directory, 'package.json'), `${JSON.stringify(packageOf(directory, name), null, 2)}\n`)
}

function checkName(name: string): void {
  if (/^[a-z][a-z0-9-]{0,40}$/.test(name)) return
  throw new CliError('usage', `${name} cannot be part of a Worker's name`, {
    path: 'directory',
    fix: 'take lower case letters, digits and dashes, 41 at most, a letter first',
  })
}

/** What a project needs at the versions that we ourselves are tested with. */
const TOOLS = ['@cloudflare/workers-types', 'node', 'typescript', 'vitest', 'wrangler']

function packageOf(directory: string, name: string): object {
  const { version, devDependencies, engines, allowScripts } = ownPackage()
  // Our own `typescript` is the one that other tools call; the compiler has another name here.
  const pinned: Record<string, string | undefined> = {
    ...devDependencies,
    typescript: devDependencies['@typescript/native']?.split('@').at(-1),
  }
  return {
    name,
    private: true,
    type: 'module',
    scripts: { dev: 'perdure dev', test: 'vitest run', types: 'tsc', deploy: 'perdure deploy' },
    dependencies: { perdure: packedFrom(directory) ?? version },
    devDependencies: Object.fromEntries(TOOLS.map((tool) => [tool, pinned[tool]])),
    engines,
    allowScripts,
  }
}

/** The tarball that this package was installed from, as npm notes it; null when it came from a registry. */
function packedFrom(directory: string): string | null {
  const installed = dirname(PACKAGE_ROOT)
  const note = join(installed, '.package-lock.json')
  if (!existsSync(note)) return null
  const { packages } = JSON.parse(readFileSync(note, 'utf8')) as {
    packages: Record<string, { resolved?: string } | undefined>
  } // npm's own
  const { resolved } = packages['node_modules/perdure'] ?? {}
  if (!resolved?.startsWith('file:')) return null
  return `file:${relative(directory, resolve(installed, '..', resolved.slice('file:'.length)))}`
}
