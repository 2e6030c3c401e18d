/** The migrations as the scheduler's bundle holds them, read from the package. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Runtime } from '../../scheduler-do/runtime.ts'

let loaded: Promise<Runtime['migrations']> | undefined

export function migrations(): Promise<Runtime['migrations']> {
  loaded ??= load()
  return loaded
}

async function load(): Promise<Runtime['migrations']> {
  const journal = JSON.parse(await read('meta/_journal.json')) as Runtime['migrations']['journal'] // drizzle-kit's own
  const texts = journal.entries.map(
    async ({ idx, tag }) => [`m${String(idx).padStart(4, '0')}`, await read(`${tag}.sql`)] as const,
  )
  return { journal, migrations: Object.fromEntries(await Promise.all(texts)) }
}

function read(path: string): Promise<string> {
  return readFile(join(fileURLToPath(import.meta.url), '../../../migrations', path), 'utf8')
}
