/**
 * Brings an object's database to the schema of this release. Drizzle applies what the journal lists, once, in order.
 *
 * S1 Code next to the schema's own makes sense of it: a migration only adds, and what it makes needless goes a release later.
 * S2 Code that is older than that, as after a rollback too far, touches nothing: the migration that contracts has said so.
 */
import type { SQL } from 'drizzle-orm'
import type { DrizzleSqliteDODatabase } from 'drizzle-orm/durable-sqlite'
import { migrate } from 'drizzle-orm/durable-sqlite/migrator'
import { WorkflowError } from '../../shared/errors.ts'
import type { ObjectStorage, Runtime } from '../runtime.ts'
import { readFact } from './meta.ts'
import { textOf } from './query.ts'
import { Sql } from './sql.ts'

export async function migrateStore(storage: ObjectStorage, migrations: Runtime['migrations']): Promise<void> {
  await migrate(databaseOf(storage), migrations)
  const needed = readFact(new Sql(storage.sql), 'min_code') ?? 0
  const known = Math.max(...migrations.journal.entries.map(({ idx }) => idx))
  if (needed > known) throw tooOld(needed, known)
}

function tooOld(needed: number, known: number): WorkflowError {
  const message = `the database needs code that knows migration ${needed}, and this release knows none after ${known}: deploy a newer release`
  return new WorkflowError('schema_too_new', message)
}

/** What the migrator asks of a database. Drizzle's own is 8 KiB of the bundle, and nothing else here would use it. */
function databaseOf(storage: ObjectStorage): DrizzleSqliteDODatabase {
  const execute = (query: SQL) => {
    const { text, values } = textOf(query)
    return storage.sql.exec(text, ...values)
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
