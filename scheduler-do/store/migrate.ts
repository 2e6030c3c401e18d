/**
 * Brings an object's database to the schema of this release: what the journal lists and the database has not had is
 * applied, in order. The table is the one that Drizzle's own migrator keeps; that one brings 9 KiB of query builders along.
 */
import type { ObjectStorage, Runtime } from '../runtime.ts'

export function migrateStore(storage: ObjectStorage, { journal, migrations }: Runtime['migrations']): void {
  storage.transactionSync(() => {
    storage.sql.exec(TABLE)
    const [last] = storage.sql.exec<{ at: number | null }>(LATEST).toArray()
    for (const { idx, tag, when } of journal.entries) {
      if (when <= (last?.at ?? 0)) continue
      const statements = migrations[`m${String(idx).padStart(4, '0')}`] // as drizzle-kit names them
      if (statements === undefined) throw new Error(`there is no migration ${tag}`)
      for (const statement of statements.split('--> statement-breakpoint')) storage.sql.exec(statement)
      storage.sql.exec(APPLIED, when)
    }
  })
}

const TABLE =
  'CREATE TABLE IF NOT EXISTS __drizzle_migrations (id SERIAL PRIMARY KEY, hash text NOT NULL, created_at numeric)'
const LATEST = 'SELECT MAX(created_at) AS at FROM __drizzle_migrations'
const APPLIED = `INSERT INTO __drizzle_migrations (hash, created_at) VALUES ('', ?)`
