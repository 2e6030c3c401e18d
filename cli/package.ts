/** The package that this command is part of: its own root, and what is pinned there. */
import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

interface PackageJson {
  readonly version: string
  readonly devDependencies: Readonly<Record<string, string>>
  readonly engines: Readonly<Record<string, string>>
  readonly allowScripts: Readonly<Record<string, boolean>>
}

/** The folder of our package.json: this file is in `cli/` of the repository, and in `dist/cli/` of the package. */
export const PACKAGE_ROOT = rootOf(import.meta.dirname)

export function ownPackage(): PackageJson {
  return JSON.parse(readFileSync(join(PACKAGE_ROOT, 'package.json'), 'utf8'))
}

function rootOf(folder: string): string {
  return existsSync(join(folder, 'package.json')) ? folder : rootOf(dirname(folder))
}
