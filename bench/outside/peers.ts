/** Where the peers' packages are, which this repository does not install by itself. */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

export const PEERS = join(import.meta.dirname, '../peers')

/** Undefined when it is not installed. */
export function installedVersion(name: string): string | undefined {
  const manifest = join(PEERS, 'node_modules', name, 'package.json')
  return existsSync(manifest) ? JSON.parse(readFileSync(manifest, 'utf8')).version : undefined
}
