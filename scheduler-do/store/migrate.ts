/** Brings an object's database to the schema of this release. Drizzle applies what the journal lists, once, in order. */
import type { SQL } from 'drizzle-orm'
import type { DrizzleSqliteDODatabase } from 'drizzle-orm/durable-sqlite'
import { migrate } from 'drizzle-orm/durable-sqlite/migrator'
import { SQLiteSyncDialect } from 'drizzle-orm/sqlite-core'
import type { ObjectStorage, Runtime } from '../runtime.ts'

export async function migrateStore(storage: ObjectStorage, migrations: Runtime['migrations']): Promise<void> {
  await migrate(databaseOf(storage), migrations)
}

/** What the migrator asks of a database. Drizzle's own is 8 KiB of the bundle, and nothing else here would use it. */
function databaseOf(storage: ObjectStorage): DrizzleSqliteDODatabase {
  const dialect = new SQLiteSyncDialect()
  const execute = (query: SQL) => {
    const { sql, params } = dialect.sqlToQuery(query)
    return storage.sql.exec(sql, ...params)
  }
  const database = {
    // What throws rolls it back.
    transaction: (write: (tx: { rollback(): void }) => void) =>
      storage.transactionSync(() => write({ rollback: () => {} })),
    run: execute,
    values: (query: SQL) => execute(query).toArray().map(Object.values),
  }
  return database as unknown as DrizzleSqliteDODatabase // the three methods that the migrator calls
}
