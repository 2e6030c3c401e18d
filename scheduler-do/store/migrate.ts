/** Brings an object's database to the schema of this release. Drizzle applies what the journal lists, once, in order. */
import { drizzle } from 'drizzle-orm/durable-sqlite'
import { migrate } from 'drizzle-orm/durable-sqlite/migrator'
import type { ObjectStorage, Runtime } from '../runtime.ts'

export async function migrateStore(storage: ObjectStorage, migrations: Runtime['migrations']): Promise<void> {
  await migrate(drizzle(storage as DurableObjectStorage), migrations) // it uses transactionSync and sql.exec
}
