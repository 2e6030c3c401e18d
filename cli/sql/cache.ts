/**
 * Data files on disk, so that a query downloads only what no earlier one has.
 *
 * C1 The name of a data file is never given to other bytes, so a file that is here, whole, is right for ever.
 * C2 A file comes under its name only when it is whole: whatever is killed on the way leaves a `.part` behind.
 */
import { mkdirSync, renameSync, statSync, writeFileSync } from 'node:fs'
import { dirname, resolve, sep } from 'node:path'
import { CliError } from '../error.ts'

/** In a project. */
export const SQL_CACHE = '.wrangler/sql-cache'

export interface RemoteFile {
  readonly location: string
  readonly bytes: number
}

export interface Cache {
  readonly directory: string
  /** Fetches the bytes at a location. */
  fetch(location: string): Promise<Uint8Array>
}

const AT_ONCE = 8

/** Paths on disk, in the order of `files`. */
export async function cached(cache: Cache, files: readonly RemoteFile[]): Promise<string[]> {
  const waiting = files.filter((file) => !isWhole(pathOf(cache, file), file.bytes))
  await Promise.all(
    Array.from({ length: AT_ONCE }, async () => {
      for (let file = waiting.shift(); file !== undefined; file = waiting.shift()) await download(cache, file)
    }),
  )
  return files.map((file) => pathOf(cache, file))
}

function pathOf(cache: Cache, { location }: RemoteFile): string {
  const path = resolve(cache.directory, location.replace(/^s3:\/\//, ''))
  if (path.startsWith(resolve(cache.directory) + sep)) return path
  throw new CliError('unsupported_table', `${location} would be stored outside the cache`)
}

function isWhole(path: string, bytes: number): boolean {
  return statSync(path, { throwIfNoEntry: false })?.size === bytes
}

async function download(cache: Cache, file: RemoteFile): Promise<void> {
  const bytes = await cache.fetch(file.location)
  if (bytes.length !== file.bytes) {
    throw new CliError('file_missing', `${file.location} has ${bytes.length} bytes, not ${file.bytes}`)
  }
  const path = pathOf(cache, file)
  mkdirSync(dirname(path), { recursive: true })
  const part = `${path}.${process.pid}.part`
  writeFileSync(part, bytes)
  renameSync(part, path)
}
